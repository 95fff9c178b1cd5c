import { z } from "zod";
import type { Relation } from "./relations";
import { dailyWindow, port, weeklyWindow } from "./values";
import { windowsOverlap } from "./windows";

export const cache = z.strictObject({
  /** Replication group id; at most 40 characters. */
  identifier: z
    .string()
    .regex(
      /^[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/,
      "is not a replication group id; use at most 40 lower-case letters, digits and single hyphens",
    ),
  engineVersion: z.literal(["7.0", "7.1"]),
  nodeType: z.string().regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, "is not a cache node type, for example cache.r6g.xlarge"),
  port,
  /** Nodes in all, one primary and the rest replicas: one that fails over has at least 2. */
  nodes: z.int().min(2).max(6),
  snapshotRetentionDays: z.int().min(1).max(35),
  snapshotWindow: dailyWindow(60),
  maintenanceWindow: weeklyWindow(60),
});

export const cacheWindowsAreApart: Relation<z.infer<typeof cache>> = ({ snapshotWindow, maintenanceWindow }) =>
  snapshotWindow !== undefined && maintenanceWindow !== undefined && windowsOverlap(snapshotWindow, maintenanceWindow)
    ? [{ path: ["maintenanceWindow"], message: `overlaps snapshotWindow "${snapshotWindow}"; move one of them` }]
    : [];
