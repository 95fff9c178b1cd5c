import { z } from "zod";
import { cache } from "./cache";
import { cluster } from "./cluster";
import { database } from "./database";
import { edge } from "./edge";
import { network } from "./network";
import { backups, delivery, operators } from "./operations";
import { optOut, overlap } from "./values";

const aws = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is not a region"),
  /** The only account that this environment may ever be applied to. */
  accountId: z.string().regex(/^\d{12}$/, "is not a 12-digit account id"),
  /** Zones in use; subnets follow their order. */
  availabilityZones: z.array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "is not an availability zone")).min(1),
  /** Address of an AWS emulator on this machine, in place of AWS. */
  emulator: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }).optional(),
});

const state = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("s3"),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket name"),
  }),
  z.strictObject({
    kind: z.literal("local"),
    /** Folder below the project root. */
    folder: z.string(),
  }),
]);

export const environmentSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9]{1,14}$/, "is not an environment name"),
    /** Starts the name of every resource that needs one, for example `bist-trading-prod`. */
    prefix: z.string().regex(/^[a-z][a-z0-9-]{2,20}$/, "is not a prefix of at most 21 characters"),
    aws,
    state,
    /** Deletion protection and `prevent_destroy` on what holds data. */
    protectData: z.union([z.literal(true), optOut]),
    operators,
    network,
    cluster,
    database,
    cache,
    backups,
    edge,
    delivery,
  })
  .superRefine((value, context) => {
    const zones = value.aws.availabilityZones;
    for (const zone of zones) {
      if (!zone.startsWith(value.aws.region)) {
        context.addIssue({
          code: "custom",
          path: ["aws", "availabilityZones"],
          message: `${zone} is not in the region ${value.aws.region}`,
        });
      }
    }
    if (new Set(zones).size !== zones.length) {
      context.addIssue({ code: "custom", path: ["aws", "availabilityZones"], message: "names a zone twice" });
    }
    for (const tier of ["publicSubnets", "privateSubnets", "databaseSubnets"] as const) {
      const count = value.network[tier].length;
      if (count !== zones.length) {
        context.addIssue({
          code: "custom",
          path: ["network", tier],
          message: `has ${count} subnets for ${zones.length} availability zones; give one a zone`,
        });
      }
    }
    if (zones.length < 2) {
      const needs = value.database.multiAz ? "database.multiAz needs" : "the load balancer and EKS need";
      context.addIssue({
        code: "custom",
        path: ["aws", "availabilityZones"],
        message: `is one zone; ${needs} at least two`,
      });
    }
    if (overlap(value.network.cidr, value.cluster.serviceCidr)) {
      context.addIssue({
        code: "custom",
        path: ["cluster", "serviceCidr"],
        message: `${value.cluster.serviceCidr} overlaps the VPC ${value.network.cidr}; Services need a range of their own`,
      });
    }
  });

/** Everything that differs between environments; see each part's schema for units and limits. */
export type Environment = Readonly<z.infer<typeof environmentSchema>>;

/** Every problem of an environment in one error, each with its config path and what would be right. */
export function validateEnvironment(input: unknown, name: string): Environment {
  const result = environmentSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${[name, ...issue.path].join(".")} ${describe(issue, input)}`);
  throw new Error(`The environment ${name} has ${lines.length} problem(s):\n${lines.join("\n")}`);
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") return `has unknown keys: ${issue.keys.join(", ")}; check the spelling`;
  const value = issue.path.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null ? (found as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
  const shown = typeof value === "string" && !issue.message.includes(value) ? `${JSON.stringify(value)} ` : "";
  return `${shown}${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
}
