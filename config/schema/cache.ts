import { z } from "zod";
import { dailyWindow, port, weeklyWindow, windowsOverlap } from "./values";

export const cache = z
  .strictObject({
    /** Replication group id; at most 40 characters. */
    identifier: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "is not a replication group id of at most 40 characters"),
    engineVersion: z.literal(["7.0", "7.1"]),
    nodeType: z.string().regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, "is not a cache node type"),
    port,
    /** Nodes in all, one primary and the rest replicas. */
    nodes: z.int().min(2, "a cache that fails over needs at least 2 nodes").max(6),
    snapshotRetentionDays: z.int().min(1).max(35),
    snapshotWindow: dailyWindow,
    maintenanceWindow: weeklyWindow,
  })
  .superRefine((value, context) => {
    if (windowsOverlap(value.snapshotWindow, value.maintenanceWindow)) {
      context.addIssue({
        code: "custom",
        path: ["maintenanceWindow"],
        message: `"${value.maintenanceWindow}" overlaps snapshotWindow "${value.snapshotWindow}"; move one of them`,
      });
    }
  });
