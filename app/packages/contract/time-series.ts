import { z } from "zod";

/** What a server of the time series holds, as far as it tells one copy from another. */
export const seriesLookSchema = z.strictObject({
  /** Migrations that made the tables, in order. */
  migrations: z.array(z.string()),
  /** Absent where the ticks are kept otherwise. */
  timescaledb: z
    .strictObject({
      /** Of the extension in the database. */
      version: z.string(),
      chunks: z.int().min(0),
      /** Begin of the oldest chunk; absent without chunks. */
      oldestChunk: z.iso.datetime().optional(),
    })
    .optional(),
  /** What is wrong with its catalogue, with a chunk, or with what was counted: a line each. */
  problems: z.array(z.string()),
  /** Newest time that the exchange gave a tick; absent without ticks. */
  newestTick: z.iso.datetime().optional(),
  /** Newest time at which a candle opens; absent without candles. */
  newestCandle: z.iso.datetime().optional(),
  /** Time of which rows are counted. */
  counted: z.strictObject({ from: z.iso.datetime(), until: z.iso.datetime() }),
  ticks: z.int().min(0),
  /** By their length. */
  candles: z.record(z.string(), z.int().min(0)),
});

export type SeriesLook = Readonly<z.infer<typeof seriesLookSchema>>;

/** What writes to a server met, over a while. */
export const probeSchema = z.strictObject({
  /** Writes that were acknowledged. */
  committed: z.int().min(0),
  /** Longest time between two of them. */
  longestGapMs: z.number().min(0),
  /** When writes were acknowledged again after it; absent where there was none to speak of. */
  recoveredAt: z.iso.datetime().optional(),
});

export type Probe = Readonly<z.infer<typeof probeSchema>>;
