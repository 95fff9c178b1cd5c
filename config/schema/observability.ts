import { z } from "zod";
import { days } from "./values";

/** What is kept of a kind of data, and on how much disk. */
const kept = z.strictObject({
  retentionDays: days,
  /** Volume of each replica, GiB. */
  storageGiB: z.int().min(1).max(16384),
});

export const observability = z.strictObject({
  metrics: kept,
  traces: kept,
  /** Seconds by which the broker holds ticks back: 900 for an account without a contract for live data. */
  feedDelaySeconds: z.int().min(0).max(3600),
});

export type Observability = Readonly<z.infer<typeof observability>>;
