import { z } from "zod";
import { postgresVersions } from "./lifecycle";
import type { Relation } from "./relations";
import { dailyWindow, port, weeklyWindow } from "./values";
import { windowsOverlap } from "./windows";

function notCreatable(version: string): string {
  const [major = ""] = version.split(".");
  return major in postgresVersions
    ? `names a minor version; use "${major}", AWS picks a minor that can still be created`
    : `cannot be created on RDS; use one of ${Object.keys(postgresVersions).join(", ")}`;
}

/**
 * The guide's postgresql.conf, in its own units. With a value above these PostgreSQL does not start: what its parameters
 * have at most, "Server Configuration" of its documentation, `pg_settings.max_val`.
 */
export const postgresSettings = z.strictObject({
  sharedBuffersMiB: z.int().min(1).max(8_388_607),
  effectiveCacheSizeMiB: z.int().min(1).max(16_777_215),
  workMemMiB: z.int().min(1).max(2_097_151),
  maintenanceWorkMemMiB: z.int().min(1).max(2_097_151),
  checkpointCompletionTarget: z.number().min(0).max(1),
  walBuffersMiB: z.int().min(1).max(2047),
  checkpointTimeoutMinutes: z.int().min(1).max(1440),
  maxConnections: z.int().min(6).max(262_143),
  logStatement: z.enum(["none", "ddl", "mod", "all"]),
  logMinDurationStatementMs: z.int().min(-1).max(2_147_483_647),
  maxWalSenders: z.int().min(0).max(262_143),
  walKeepSizeMiB: z.int().min(0).max(2_147_483_647),
});

export type PostgresSettings = Readonly<z.infer<typeof postgresSettings>>;

export const database = z.strictObject({
  /** RDS instance identifier; at most 63 characters. */
  identifier: z
    .string()
    .regex(
      /^[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]$/,
      "is not an RDS identifier; use at most 63 lower-case letters, digits and single hyphens",
    ),
  /** PostgreSQL major version; the minor is managed by AWS. */
  majorVersion: z.string().superRefine((version, context) => {
    if (!(version in postgresVersions)) context.addIssue({ code: "custom", message: notCreatable(version) });
  }),
  instanceClass: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "is not a database instance class, for example db.r5.2xlarge"),
  /** Initial storage, GiB, gp3. */
  storageGiB: z.int().min(20).max(65536),
  /** Storage grows by itself up to this, GiB. */
  maxStorageGiB: z.int().min(20).max(65536),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, "is not a database name; use lower-case letters, digits and underscores"),
  masterUsername: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,15}$/, "is not a user name; use at most 16 lower-case letters, digits and underscores"),
  port,
  /** A standby in another zone that takes over within a minute or two. */
  multiAz: z.boolean(),
  /** Asynchronous copies for reporting. */
  readReplicas: z.int().min(0).max(5),
  backupRetentionDays: z.int().min(1).max(35),
  backupWindow: dailyWindow(30),
  maintenanceWindow: weeklyWindow(30),
  /** Enhanced monitoring interval, seconds. */
  monitoringIntervalSeconds: z.literal([1, 5, 10, 15, 30, 60]),
  performanceInsightsRetentionDays: z.literal([7, 31, 62, 93, 124, 155, 186, 217, 248, 279, 310, 341, 372, 731]),
  /** The guide's postgresql.conf, in its own units; converted to RDS's. */
  parameters: postgresSettings,
});

type Database = z.infer<typeof database>;

export const storageCanGrow: Relation<Database> = ({ storageGiB, maxStorageGiB }) =>
  storageGiB !== undefined && maxStorageGiB !== undefined && maxStorageGiB <= storageGiB
    ? [{ path: ["maxStorageGiB"], message: `leaves no room to grow; use more than storageGiB ${storageGiB}` }]
    : [];

export const databaseWindowsAreApart: Relation<Database> = ({ backupWindow, maintenanceWindow }) =>
  backupWindow !== undefined && maintenanceWindow !== undefined && windowsOverlap(backupWindow, maintenanceWindow)
    ? [{ path: ["maintenanceWindow"], message: `overlaps backupWindow "${backupWindow}"; move one of them` }]
    : [];
