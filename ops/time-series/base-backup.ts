import { z } from "zod";
import type { KubernetesObject } from "../kubernetes/objects";
import { parsed } from "./cluster";

/** What the tool reads of a Backup. Source: cloudnative-pg v1.30.0, api/v1/backup_types.go. */
const backupSchema = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.iso.datetime() }),
  spec: z.object({ cluster: z.object({ name: z.string() }) }),
  status: z
    .object({
      phase: z.string().optional(),
      error: z.string().optional(),
      backupId: z.string().optional(),
      startedAt: z.iso.datetime().optional(),
      stoppedAt: z.iso.datetime().optional(),
      endWal: z.string().optional(),
      instanceID: z.object({ podName: z.string().optional() }).optional(),
    })
    .default({}),
});

/** A base backup of a cluster, as its operator has it on record. */
export interface BaseBackup {
  readonly name: string;
  readonly cluster: string;
  /** When it was asked for. */
  readonly asked: string;
  readonly is: "under way" | "complete" | "failed";
  /** In the operator's words. */
  readonly phase: string;
  /** Why it failed. */
  readonly error: string;
  /** By which it is found in the bucket. */
  readonly id: string | undefined;
  /** When it was over. */
  readonly stoppedAt: string | undefined;
  /** Segment of the log up to which it takes, to be whole. */
  readonly endWal: string | undefined;
  /** Pod of the instance that it is of. */
  readonly instance: string | undefined;
}

/** Phases at which nothing more comes of it; an empty one is that the operator has not looked yet. */
const ended: Readonly<Record<string, BaseBackup["is"]>> = {
  completed: "complete",
  failed: "failed",
  "invalid backup definition": "failed",
};

export function baseBackupOf(object: KubernetesObject): BaseBackup {
  const { metadata, spec, status } = parsed(backupSchema, object);
  const { phase = "", error = "", backupId, stoppedAt, endWal, instanceID } = status;
  return {
    name: metadata.name,
    cluster: spec.cluster.name,
    asked: metadata.creationTimestamp,
    is: ended[phase] ?? "under way",
    phase: phase === "" ? "not looked at by the operator yet" : phase,
    error,
    id: backupId,
    stoppedAt,
    endWal,
    instance: instanceID?.podName,
  };
}
