import { ticksTable } from "../../packages/contract/database";

/** Takes the ticks of days that have no partition. */
export const defaultPartition = `${ticksTable}_default`;

/**
 * The table, the same for every backend: written by COPY, read by symbol and time or by sequence.
 * Amounts are exact `numeric`; `sequence` counts all stored ticks of the feed, `symbol_sequence` those of a symbol.
 */
export const createTicks = (partitioning = "") => `
CREATE TABLE ${ticksTable} (
  symbol          text NOT NULL,
  market          text NOT NULL,
  "timestamp"     timestamptz NOT NULL,
  sequence        bigint NOT NULL,
  symbol_sequence bigint NOT NULL,
  price           numeric NOT NULL CHECK (price > 0),
  quantity        numeric NOT NULL CHECK (quantity >= 0),
  side            text CHECK (side IN ('BUY', 'SELL')),
  bid             numeric,
  ask             numeric
) ${partitioning}`;

/** Built with the table, while it is empty: partitioned tables and hypertables take no index CONCURRENTLY later. */
export const createTicksIndexes = [
  `CREATE INDEX idx_market_ticks_symbol_time ON ${ticksTable} (symbol, "timestamp" DESC)`,
  `CREATE INDEX market_ticks_sequence_idx ON ${ticksTable} USING brin (sequence) WITH (pages_per_range = 32, autosummarize = on)`,
];

/** Partitions by the day, made for dynamic ranges: an hour each for a year would be 8,760, which planning pays for. */
export const byDay = `PARTITION BY RANGE ("timestamp")`;

/** How long ticks are kept. */
export const ticksRetention = "1 year";
/** Days for which partitions exist ahead of time. */
export const daysAhead = 7;

/** Drops the table of a schema, with its partitions. */
export const dropTicks = (schema: string) => `DROP TABLE IF EXISTS ${schema}.${ticksTable}`;
