import { z } from "zod";
import { contains, overlap, prefixLength } from "./addresses";
import type { Relation } from "./relations";
import { cidrWhere, logRetentionDays } from "./values";

/** The kinds of subnets, from the Internet inwards. */
export const subnetTiers = ["publicSubnets", "privateSubnets", "databaseSubnets"] as const;

/** A network of a size that a VPC and its subnets may have. */
const vpcCidr = cidrWhere((value) =>
  prefixLength(value) >= 16 && prefixLength(value) <= 28
    ? undefined
    : "is not of a size that a VPC takes; use a prefix from /16 to /28",
);

export const network = z.strictObject({
  /** The VPC's address range. */
  cidr: vpcCidr,
  /** Load balancer and NAT gateways; one a zone, in the order of `aws.availabilityZones`. */
  publicSubnets: z.array(vpcCidr),
  /** Nodes and pods; one a zone. */
  privateSubnets: z.array(vpcCidr),
  /** Database and cache; one a zone; no route to the Internet. */
  databaseSubnets: z.array(vpcCidr),
  /** NAT gateways: one a zone survives the loss of a zone, `single` is cheaper, `none` isolates the nodes. */
  natGateways: z.enum(["per-zone", "single", "none"]),
  /** AWS services that private nodes reach without leaving the VPC, by their endpoint's short name. */
  interfaceEndpoints: z.array(
    z.string().regex(/^[a-z0-9.-]+$/, "is not an endpoint's short name, for example ecr.api"),
  ),
  /** Days that VPC flow logs are kept. */
  flowLogRetentionDays: logRetentionDays,
});

export const subnetsFitTheVpc: Relation<z.infer<typeof network>> = (value) => {
  const subnets = subnetTiers.flatMap((tier) =>
    (value[tier] ?? []).flatMap((subnet, index) => (subnet === undefined ? [] : [{ subnet, path: [tier, index] }])),
  );
  return subnets.flatMap(({ subnet, path }, index) => [
    ...(value.cidr === undefined || contains(value.cidr, subnet)
      ? []
      : [{ path, message: `lies outside the VPC; use a part of ${value.cidr}` }]),
    ...subnets
      .slice(0, index)
      .filter((other) => overlap(subnet, other.subnet))
      .map((other) => ({
        path,
        message: `overlaps ${other.path.join(".")} "${other.subnet}"; give each subnet a range of its own`,
      })),
  ]);
};
