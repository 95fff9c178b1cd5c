import { z } from "zod";
import { kubernetesVersions } from "./lifecycle";
import { arn, cidr, days } from "./values";

const nodeGroup = z
  .strictObject({
    /** EC2 instance types, in order of preference; all of one architecture. */
    instanceTypes: z.array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, "is not an instance type")).min(1),
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
  })
  .superRefine((group, context) => {
    if (group.minSize > group.desiredSize || group.desiredSize > group.maxSize) {
      context.addIssue({
        code: "custom",
        path: ["desiredSize"],
        message: `sizes are min ${group.minSize}, desired ${group.desiredSize}, max ${group.maxSize}; use min <= desired <= max`,
      });
    }
    const architectures = new Set(group.instanceTypes.map(isGraviton));
    if (architectures.size > 1) {
      context.addIssue({
        code: "custom",
        path: ["instanceTypes"],
        message: "mixes x86 and Graviton types; a node group runs one machine image",
      });
    }
  });

/** Whether an instance type is of the arm64 family: a `g` after the generation, as in m7g or r8gd. */
export function isGraviton(instanceType: string): boolean {
  return /^[a-z]+\d+[a-z]*g[a-z]*\./.test(instanceType);
}

const retired = (version: string) =>
  `Kubernetes ${version} is retired or unknown to EKS standard support; use one of ${Object.keys(kubernetesVersions).join(", ")}`;

export const cluster = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,99}$/, "is not a cluster name"),
  kubernetesVersion: z.string().superRefine((version, context) => {
    if (!(version in kubernetesVersions)) context.addIssue({ code: "custom", message: retired(version) });
  }),
  /** Networks that reach the public API endpoint; when empty it is private only. */
  publicEndpointCidrs: z.array(cidr),
  /** Addresses of Kubernetes Services; must not overlap the VPC. */
  serviceCidr: cidr,
  /** Days that control-plane logs are kept. */
  logRetentionDays: days,
  /** IAM principals with cluster administrator rights, beside the deploy role. */
  administratorArns: z.array(arn),
  nodeGroups: z
    .strictObject({ application: nodeGroup, database: nodeGroup, system: nodeGroup })
    .superRefine((groups, context) => {
      if (groups.system.taints.length > 0) {
        context.addIssue({
          code: "custom",
          path: ["system", "taints"],
          message: "the system group takes CoreDNS and the controllers and stays untainted",
        });
      }
    }),
});
