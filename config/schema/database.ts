import { z } from "zod";
import { postgresVersions } from "./lifecycle";
import { dailyWindow, port, weeklyWindow, windowsOverlap } from "./values";

export const database = z
  .strictObject({
    /** RDS instance identifier; at most 63 characters. */
    identifier: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "is not an RDS identifier"),
    /** PostgreSQL major version; the minor is managed by AWS. */
    majorVersion: z.string().superRefine((version, context) => {
      if (version in postgresVersions) return;
      const major = version.split(".")[0] ?? "";
      const hint =
        major in postgresVersions
          ? `use "${major}", AWS picks a minor version that can still be created`
          : `use one of ${Object.keys(postgresVersions).join(", ")}`;
      context.addIssue({ code: "custom", message: `PostgreSQL ${version} cannot be created on RDS; ${hint}` });
    }),
    instanceClass: z.string().regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "is not a database instance class"),
    /** Initial storage, GiB, gp3. */
    storageGiB: z.int().min(20).max(65536),
    /** Storage grows by itself up to this, GiB. */
    maxStorageGiB: z.int().min(20).max(65536),
    name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "is not a database name"),
    masterUsername: z.string().regex(/^[a-z][a-z0-9_]{0,15}$/, "is not a user name"),
    port,
    multiAz: z.boolean(),
    /** Asynchronous copies for reporting. */
    readReplicas: z.int().min(0).max(5),
    backupRetentionDays: z.int().min(1).max(35),
    backupWindow: dailyWindow,
    maintenanceWindow: weeklyWindow,
    /** Enhanced monitoring interval, seconds. */
    monitoringIntervalSeconds: z.literal([1, 5, 10, 15, 30, 60]),
    performanceInsightsRetentionDays: z.literal([7, 31, 62, 93, 124, 155, 186, 217, 248, 279, 310, 341, 372, 731]),
    /** The guide's postgresql.conf, in its own units; converted to RDS's. */
    parameters: z.strictObject({
      sharedBuffersMiB: z.int().min(1),
      effectiveCacheSizeMiB: z.int().min(1),
      workMemMiB: z.int().min(1),
      maintenanceWorkMemMiB: z.int().min(1),
      checkpointCompletionTarget: z.number().min(0).max(1),
      walBuffersMiB: z.int().min(1),
      checkpointTimeoutMinutes: z.int().min(1),
      maxConnections: z.int().min(6),
      logStatement: z.enum(["none", "ddl", "mod", "all"]),
      logMinDurationStatementMs: z.int().min(-1),
      maxWalSenders: z.int().min(0),
      walKeepSizeMiB: z.int().min(0),
    }),
  })
  .superRefine((value, context) => {
    if (value.maxStorageGiB <= value.storageGiB) {
      context.addIssue({
        code: "custom",
        path: ["maxStorageGiB"],
        message: `${value.maxStorageGiB} leaves no room to grow from storageGiB ${value.storageGiB}`,
      });
    }
    if (windowsOverlap(value.backupWindow, value.maintenanceWindow)) {
      context.addIssue({
        code: "custom",
        path: ["maintenanceWindow"],
        message: `"${value.maintenanceWindow}" overlaps backupWindow "${value.backupWindow}"; move one of them`,
      });
    }
  });
