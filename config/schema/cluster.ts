import { z } from "zod";
import { contains, prefixLength } from "./addresses";
import { kubernetesVersions } from "./lifecycle";
import type { Relation } from "./relations";
import { arn, cidr, cidrWhere, logRetentionDays } from "./values";

const nodeGroup = z.strictObject({
  /** EC2 instance types, in order of preference; all of one architecture. */
  instanceTypes: z
    .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "is not an instance type, for example m5.xlarge"))
    .min(1),
  minSize: z.int().min(0),
  /** Nodes at creation; afterwards the autoscaler's. */
  desiredSize: z.int().min(0),
  maxSize: z.int().min(1),
  /** Root volume, GiB, gp3, encrypted. */
  diskGiB: z.int().min(20).max(16384),
  labels: z.record(z.string(), z.string()),
  taints: z.array(
    z.strictObject({
      key: z.string(),
      value: z.string(),
      effect: z.enum(["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"]),
    }),
  ),
});

type NodeGroup = z.infer<typeof nodeGroup>;

/** Any node group's settings: the system group has no taints. */
export type NodeGroupSettings = Omit<NodeGroup, "taints"> & Partial<Pick<NodeGroup, "taints">>;

/** Whether an instance type is of the arm64 family: a `g` after the generation, as in m7g or r8gd. */
export function isGraviton(instanceType: string): boolean {
  return /^[a-z]+\d+[a-z]*g[a-z]*\./.test(instanceType);
}

/** Where Kubernetes may have its Services' addresses; EKS takes no others. */
const serviceRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

export const cluster = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/, "is not a cluster name; use lower-case letters and hyphens"),
  kubernetesVersion: z.string().refine((version) => version in kubernetesVersions, {
    error: `is retired or unknown to EKS standard support; use one of ${Object.keys(kubernetesVersions).join(", ")}`,
  }),
  /** Networks that reach the public API endpoint; when empty it is private only. */
  publicEndpointCidrs: z.array(cidr),
  /** Addresses of Kubernetes Services; must not overlap the VPC. */
  serviceCidr: cidrWhere((value) =>
    serviceRanges.some((range) => contains(range, value)) && prefixLength(value) >= 12 && prefixLength(value) <= 24
      ? undefined
      : `is not a range that EKS takes; use /12 to /24 within ${serviceRanges.join(", ")}`,
  ),
  /** Days that control-plane logs are kept. */
  logRetentionDays,
  /** IAM principals with cluster administrator rights, beside the deploy role. */
  administratorArns: z.array(arn),
  nodeGroups: z.strictObject({
    application: nodeGroup,
    database: nodeGroup,
    system: nodeGroup.extend({
      taints: z.never("keeps CoreDNS and the controllers away; leave the system group untainted").optional(),
    }),
  }),
});

const sizesAreInOrder: Relation<NodeGroupSettings> = ({ minSize, desiredSize, maxSize }) => {
  const sizes = [minSize, desiredSize, maxSize].filter((size) => size !== undefined);
  return sizes.every((size, index) => index === 0 || (sizes[index - 1] ?? size) <= size)
    ? []
    : [
        {
          path: ["desiredSize"],
          message: `is not between minSize ${minSize ?? "?"} and maxSize ${maxSize ?? "?"}; use min <= desired <= max`,
        },
      ];
};

const architecturesAreOne: Relation<NodeGroupSettings> = ({ instanceTypes = [] }) => {
  const types = instanceTypes.filter((type) => type !== undefined);
  return new Set(types.map(isGraviton)).size <= 1
    ? []
    : [
        {
          path: ["instanceTypes"],
          message: `mixes x86 and Graviton in ${types.join(", ")}; a node group runs one machine image`,
        },
      ];
};

export const nodeGroupsCanRun: Relation<z.infer<typeof cluster>> = ({ nodeGroups = {} }) =>
  Object.entries(nodeGroups).flatMap(([name, group]) =>
    [sizesAreInOrder, architecturesAreOne]
      .flatMap((relation) => relation(group))
      .map(({ path, message }) => ({ path: ["nodeGroups", name, ...path], message })),
  );
