import { z } from "zod";

/** What the tool reads of objects beside Clusters and Backups. */

export const serviceSchema = z.object({
  spec: z.object({
    selector: z.record(z.string(), z.string()).default({}),
    clusterIP: z.string().optional(),
  }),
});

export const podSchema = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }),
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
    .default({ conditions: [] }),
});

export const jobSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      failed: z.int().default(0),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .default({ failed: 0, conditions: [] }),
});

export const volumeSchema = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ claimRef: z.object({ name: z.string(), namespace: z.string() }).optional() }),
});

export const scheduleSchema = z.object({
  spec: z.looseObject({ cluster: z.object({ name: z.string() }), suspend: z.boolean().default(false) }),
});

/** Source: plugin-barman-cloud v0.13.0, api/v1/objectstore_types.go. */
export const storeSchema = z.object({
  status: z
    .object({
      serverRecoveryWindow: z
        .record(
          z.string(),
          z.object({
            firstRecoverabilityPoint: z.iso.datetime().optional(),
            lastSuccessfulBackupTime: z.iso.datetime().optional(),
            lastFailedBackupTime: z.iso.datetime().optional(),
          }),
        )
        .default({}),
    })
    .default({ serverRecoveryWindow: {} }),
});
