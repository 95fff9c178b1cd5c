import { z } from "zod";
import { BARMAN_PLUGIN, TIME_SERIES } from "../../config/names";
import type { KubernetesObject } from "../kubernetes/objects";
import { parsed } from "./cluster";
import { kinds } from "./kinds";

/** Begins the names of copies that are made to be compared, and go again. */
export const SCRATCH = `${TIME_SERIES}-verify-`;

/** Longest name of a Cluster that the operator takes, and what it may consist of. */
export const CLUSTER_NAME = /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/;

/** A copy of a server, restored beside it. */
export interface Copy {
  readonly name: string;
  /** Server in the bucket that it is restored from. */
  readonly of: string;
  /** Moment that it is restored to, ISO 8601. @default the newest that was archived */
  readonly time?: string | undefined;
  /** Whether it may become live: it archives under its own name then, and a deploy can take it into its release. */
  readonly kept: boolean;
}

const database = z.object({
  database: z.string(),
  owner: z.string(),
  secret: z.object({ name: z.string() }),
});

/** Of a Cluster what its copy is made after. A copy has `recovery` where the first one has `initdb`. */
const modelSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({
    bootstrap: z.object({ initdb: database.optional(), recovery: database.optional() }),
    postgresql: z.looseObject({}).default({}),
  }),
});

/** What the copy calls the server in the bucket. */
const ORIGIN = "origin";

/** Labels and annotations by which Helm knows what is of a release, and what stays when it goes. */
const OF_HELM = /^((meta\.)?helm\.sh\/|app\.kubernetes\.io\/managed-by$)/;

/**
 * The Cluster that the operator makes a copy of: one instance, in all else like the model. No commit can wait for a second
 * instance, which the operator would refuse (cloudnative-pg v1.30.0, cluster_webhook.go,
 * validateSynchronousReplicaConfiguration); {@link enlarged} has it wait again.
 *
 * @param model the live Cluster, or one before it
 */
export function copyOf(model: KubernetesObject, { name, of, time, kept }: Copy): KubernetesObject {
  const { metadata, spec } = parsed(modelSchema, model);
  const { bootstrap, externalClusters: _, plugins: __, postgresql, ...rest } = spec;
  const { synchronous: ___, ...server } = postgresql;
  const owned = bootstrap.initdb ?? bootstrap.recovery;
  if (owned === undefined) throw new Error(`The Cluster ${model.metadata.name} says of no database whose it is`);
  const plugin = (parameters: object) => ({
    name: BARMAN_PLUGIN,
    parameters: { barmanObjectName: TIME_SERIES, ...parameters },
  });
  return {
    ...kinds.cluster,
    metadata: {
      name,
      ...(kept ? marksOf(metadata) : {}),
    },
    spec: {
      ...rest,
      instances: 1,
      postgresql: server,
      bootstrap: {
        recovery: { source: ORIGIN, ...owned, ...(time === undefined ? {} : { recoveryTarget: { targetTime: time } }) },
      },
      externalClusters: [{ name: ORIGIN, plugin: plugin({ serverName: of }) }],
      ...(kept ? { plugins: [{ ...plugin({}), isWALArchiver: true }] } : {}),
    },
  };
}

/** What makes a copy as large as its model, and as safe. */
export function enlarged(model: KubernetesObject): object {
  const { spec } = parsed(modelSchema, model);
  const { instances = 1, postgresql } = spec;
  const { synchronous } = postgresql;
  return { spec: { instances, ...(synchronous === undefined ? {} : { postgresql: { synchronous } }) } };
}

/** What lets a deploy take an object into the release that its model is of. */
export const marksOf = ({
  labels = {},
  annotations = {},
}: Pick<KubernetesObject["metadata"], "labels" | "annotations">) => ({
  labels: ofHelm(labels),
  annotations: ofHelm(annotations),
});

const ofHelm = (marks: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(marks).filter(([key]) => OF_HELM.test(key)));
