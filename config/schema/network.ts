import { z } from "zod";
import { cidr, contains, days, overlap } from "./values";

export const network = z
  .strictObject({
    /** The VPC's address range. */
    cidr,
    /** Load balancer and NAT gateways; one a zone, in the order of `aws.availabilityZones`. */
    publicSubnets: z.array(cidr),
    /** Nodes and pods; one a zone. */
    privateSubnets: z.array(cidr),
    /** Database and cache; one a zone; no route to the Internet. */
    databaseSubnets: z.array(cidr),
    /** NAT gateways: one a zone survives the loss of a zone, `single` is cheaper, `none` isolates the nodes. */
    natGateways: z.enum(["per-zone", "single", "none"]),
    /** AWS services that private nodes reach without leaving the VPC, by their endpoint's short name. */
    interfaceEndpoints: z.array(z.string().regex(/^[a-z0-9.-]+$/)),
    /** Days that VPC flow logs are kept. */
    flowLogRetentionDays: days,
  })
  .superRefine((value, context) => {
    const subnets = (["publicSubnets", "privateSubnets", "databaseSubnets"] as const).flatMap((tier) =>
      value[tier].map((subnet, index) => ({ subnet, path: [tier, index] })),
    );
    for (const [index, { subnet, path }] of subnets.entries()) {
      if (!contains(value.cidr, subnet)) {
        context.addIssue({ code: "custom", path, message: `${subnet} lies outside the VPC ${value.cidr}` });
      }
      for (const other of subnets.slice(0, index)) {
        if (overlap(subnet, other.subnet)) {
          context.addIssue({
            code: "custom",
            path,
            message: `${subnet} overlaps ${other.path.join(".")} ${other.subnet}; give each subnet a range of its own`,
          });
        }
      }
    }
  });
