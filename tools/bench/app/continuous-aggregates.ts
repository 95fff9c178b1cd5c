import type { Client, Pool } from "pg";
import { candleProgress, storeCandles } from "../../../app/services/market-data/store/candle-store";
import { ofCandles, ofTicks } from "../../../app/services/market-data/store/sql";
import type { Line } from "./measurement";
import { sampleSymbols } from "./sample-ticks";
import { inTurns, repeated, timed } from "./timed";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;

/** What the table of candles does, to be compared. */
export interface OwnCandles {
  /** Milliseconds that the candles of the year took. */
  readonly buildMs: number;
  readonly reads: readonly { readonly name: string; readonly days: number; readonly ours: () => Promise<unknown> }[];
  /** Stores some ticks of the running minute. */
  readonly storeTicks: () => Promise<unknown>;
  readonly symbol: string;
  readonly nowMs: number;
}

/** Each from the one before it, with our figures; what is not stored yet is added to each answer. */
const aggregates = [
  { name: "candles_by_minute", time: `"timestamp"`, bucket: "1 minute", from: "market_ticks", chunk: "7 days" },
  { name: "candles_by_hour", time: "open_time", bucket: "1 hour", from: "candles_by_minute", chunk: "90 days" },
  { name: "candles_by_day", time: "open_time", bucket: "1 day", from: "candles_by_hour", chunk: "1000 days" },
] as const;

/**
 * The table of candles beside TimescaleDB's continuous aggregates, in turns.
 * @param owner of the ticks
 * @param feed the writer's connections, under epoch 1
 * @param pool the readers'
 */
export async function measureAggregates(
  owner: Client,
  feed: Pool,
  pool: Pool,
  { buildMs, reads, storeTicks, symbol, nowMs }: OwnCandles,
  runs: number,
): Promise<Line[]> {
  // With the running minute, which neither has stored.
  const untilMs = nowMs + minuteMs;
  const without = await repeated(runs, storeTicks);
  const refreshMs = await build(owner, nowMs);
  const stored = { ours: without, reference: await repeated(runs, storeTicks) };
  const built = { ours: [buildMs / 1_000], reference: [refreshMs / 1_000] };
  const lines: Line[] = [
    { name: "candles of the year made, against by aggregates", unit: "s", ...built },
    { name: "ticks stored, against with aggregates", unit: "ms", ...stored },
  ];
  for (const [index, { name, days, ours }] of reads.entries()) {
    const byAggregate = () =>
      pool.query(
        `SELECT * FROM ${aggregates[index]?.name ?? ""} WHERE symbol = $1 AND open_time >= $2 AND open_time < $3
         ORDER BY open_time DESC LIMIT 2000`,
        [symbol, new Date(untilMs - days * dayMs), new Date(untilMs)],
      );
    lines.push({ name: `${name}, against by an aggregate`, unit: "ms", ...(await inTurns(runs, ours, byAggregate)) });
  }
  return [...lines, await measureMinutes(owner, feed, nowMs, runs), await measureSize(owner)];
}

/** @returns milliseconds that filling them took */
async function build(owner: Client, untilMs: number): Promise<number> {
  for (const { name, time, bucket, from, chunk } of aggregates)
    await owner.query(
      `CREATE MATERIALIZED VIEW ${name}
       WITH (timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.chunk_interval = '${chunk}') AS
       SELECT symbol, time_bucket('${bucket}', ${time}, origin => timestamptz '2000-01-01 00:00:00+03') AS open_time,
         ${from === "market_ticks" ? ofTicks('array_agg(price ORDER BY "timestamp", sequence)') : ofCandles}
       FROM ${from} GROUP BY 1, 2 WITH NO DATA`,
    );
  // A batch is a transaction: by default of ten buckets, which takes nine times as long as a day of minutes does.
  const batches = JSON.stringify({ buckets_per_batch: 1_440 });
  return timed(async () => {
    for (const { name } of aggregates)
      await owner.query(`CALL refresh_continuous_aggregate('${name}', NULL, ${at(untilMs)}, options => '${batches}')`);
  });
}

/** New minutes of every symbol, each stored by us and then by a refresh. */
async function measureMinutes(owner: Client, feed: Pool, nowMs: number, runs: number): Promise<Line> {
  let openTimeMs = nowMs;
  const ours = async () => {
    const due = sampleSymbols.map((each) => ({ symbol: each, openTimeMs }));
    const before = await candleProgress(feed);
    await storeCandles(feed, 1, due, before, { ...before, untilMs: openTimeMs + minuteMs });
  };
  const refresh = () =>
    owner.query(
      `CALL refresh_continuous_aggregate('${aggregates[0].name}', ${at(openTimeMs)}, ${at(openTimeMs + minuteMs)})`,
    );
  const next = async () => {
    openTimeMs += minuteMs;
    await owner.query(
      `INSERT INTO market_ticks (symbol, market, "timestamp", sequence, symbol_sequence, price, quantity, side, bid, ask)
       SELECT s, 'IMKBH', $1::timestamptz + n * interval '2 seconds', n, n, 100 + n / 100.0, n, 'BUY', 100, 101
       FROM unnest($2::text[]) s, generate_series(1, 29) n`,
      [new Date(openTimeMs), sampleSymbols],
    );
    await feed.query("UPDATE market_feeds SET candles_until = $1", [new Date(openTimeMs)]);
  };
  return {
    name: "a new minute of 500 symbols, against a refresh",
    unit: "ms",
    ...(await inTurns(runs, ours, refresh, next)),
  };
}

async function measureSize(owner: Client): Promise<Line> {
  const { rows } = await owner.query<{ ours: number; theirs: number }>(
    `SELECT pg_total_relation_size('candles') / 1048576::float8 AS ours, sum(hypertable_size(
       format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)::regclass)) / 1048576::float8 AS theirs
     FROM timescaledb_information.continuous_aggregates`,
  );
  const [size = { ours: NaN, theirs: NaN }] = rows;
  return { name: "all candles, against aggregates", unit: "MiB", ours: [size.ours], reference: [size.theirs] };
}

/** CALL takes no parameter that is not a constant while it is planned. */
const at = (ms: number) => `'${new Date(ms).toISOString()}'::timestamptz`;
