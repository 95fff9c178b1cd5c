import { z } from "zod";
import { BARMAN_PLUGIN } from "../../config/names";
import { refused } from "../core/outcome";
import type { KubernetesObject } from "../kubernetes/objects";
import { FENCED } from "./kinds";

/**
 * What the tool reads of a Cluster. Source: cloudnative-pg v1.30.0, api/v1/cluster_types.go; what the operator has not come
 * to yet is missing.
 */
const clusterSchema = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    instances: z.int().default(1),
    plugins: z
      .array(
        z.object({
          name: z.string(),
          isWALArchiver: z.boolean().default(false),
          parameters: z.record(z.string(), z.string()).default({}),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      phaseReason: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            message: z.string().default(""),
            lastTransitionTime: z.iso.datetime(),
          }),
        )
        .default([]),
    })
    .default({ conditions: [] }),
});

/** Phase of a Cluster at which there is nothing to do: `PhaseHealthy`. */
export const HEALTHY = "Cluster in healthy state";

/** A cluster of instances: one that takes writes, and others that follow it. */
export interface PostgresCluster {
  readonly name: string;
  /** How many instances it should have. */
  readonly wanted: number;
  /** In the operator's words. */
  readonly phase: string;
  readonly reason: string;
  /** Instances that are kept from running; `*` for all. */
  readonly fenced: readonly string[];
  /** By which its backups are found in the store. */
  readonly serverName: string;
  /** Whether its write-ahead log is to be archived. */
  readonly archives: boolean;
  /** Whether that works; undefined before the first try. */
  readonly archiving: { readonly works: boolean; readonly since: string; readonly message: string } | undefined;
}

/** @throws Error where the object is none that this tool knows */
export function clusterOf(object: KubernetesObject): PostgresCluster {
  const { metadata, spec, status } = parsed(clusterSchema, object);
  const { name, annotations } = metadata;
  const plugin = spec.plugins.find((one) => one.name === BARMAN_PLUGIN);
  const archiving = status.conditions.find(({ type }) => type === "ContinuousArchiving");
  return {
    name,
    wanted: spec.instances,
    phase: status.phase ?? "not looked at by the operator yet",
    reason: status.phaseReason ?? "",
    fenced: fencedIn(name, annotations[FENCED]),
    archives: plugin?.isWALArchiver ?? false,
    serverName: plugin?.parameters["serverName"] ?? name,
    archiving: archiving && {
      works: archiving.status === "True",
      since: archiving.lastTransitionTime,
      message: archiving.message,
    },
  };
}

const fences = z.array(z.string());

/** An empty list is no fence, as the operator reads it. @throws OperationError with `refused` where it is no list: a hand wrote it */
function fencedIn(cluster: string, annotation = "[]"): readonly string[] {
  try {
    return fences.parse(JSON.parse(annotation));
  } catch (error) {
    throw refused(
      `The annotation ${FENCED} of the Cluster ${cluster} is no list of instances: ${annotation}. Its operator cannot read ` +
        `it either: take it away, or write one like ["${cluster}-1"]`,
      { cause: error },
    );
  }
}

/** @throws Error that says of which object what was not expected */
export function parsed<T extends z.ZodType>(schema: T, object: KubernetesObject): z.infer<T> {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
  throw new Error(
    `The ${object.kind} ${object.metadata.name} is not one that this version of the tool knows: ${problems}`,
  );
}
