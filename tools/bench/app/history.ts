import { Client } from "pg";
import type { Pool } from "pg";
import { pino } from "pino";
import { asOwner, databaseCommandSections } from "../../../app/database/config";
import { maintainTimeSeries } from "../../../app/database/time-series/bootstrap";
import { readConfig } from "../../../app/packages/kit/config/read";
import { connectionOptions, Database, sqlState } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { CandleHistory } from "../../../app/services/market-data/store/candle-history";
import { candleProgress, storeCandles } from "../../../app/services/market-data/store/candle-store";
import { createFeedPool } from "../../../app/services/market-data/store/feed-pool";
import { readTicks } from "../../../app/services/market-data/store/tick-history";
import { tickLine } from "../../../app/services/market-data/store/tick-lines";
import { latestTicks, storeBatch } from "../../../app/services/market-data/store/tick-store";
import type { Variables } from "../../../local/app/settings";
import { measureAggregates } from "./continuous-aggregates";
import { atMost, atMostOfReference } from "./measurement";
import type { Line, Measurement } from "./measurement";
import { sampleSymbols, sampleTick } from "./sample-ticks";
import { timed } from "./timed";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const yearDays = 364;
const batchTicks = 100;
const [symbol = ""] = sampleSymbols;
const log = pino({ level: "silent" });

/** Reads from a year of ticks in partitions of a day, beside the same by hand; a minute of all symbols, and ticks meanwhile. */
export const measureHistory: Measurement = async (bench, { runs, ticks, tell }) => {
  const { database: config } = readConfig(databaseCommandSections, bench.bareDatabase);
  const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  tell(`history: ${ticks} ticks over a year`);
  const buildMs = await fill(bench.bareDatabase, ticks, nowMs);
  const [server] = await bench.query<{ version: string }>(bench.bareDatabase, "SELECT version()");
  tell(`history: ${server?.version ?? ""}`);
  const database = new Database(config, new Metrics("bench"), log, "bench");
  const feed = createFeedPool(config, log);
  try {
    const lines: Line[] = [];
    for (const { name, ours, byHand } of reads(database, nowMs)) {
      const times = { ours: [] as number[], reference: [] as number[] };
      let reference = { ms: 0, cancelled: false };
      for (let run = -1; run < 10 * runs; run++) {
        const own = await timed(ours);
        if (run >= 0) times.ours.push(own);
        if (reference.cancelled) continue;
        reference = await timedQuery(database.pool, byHand);
        if (run >= 0 || reference.cancelled) times.reference.push(reference.ms);
      }
      lines.push({ name, unit: "ms", ...times, aim: atMostOfReference(1.2) });
    }
    lines.push(...(await measureMinutes(feed, nowMs, runs, tell)));
    const aggregates = await bench.query(bench.bareDatabase, "SELECT FROM time_series WHERE keeper = 'timescaledb'");
    if (aggregates.length === 0) return lines;
    tell("history: continuous aggregates");
    const batches = new Batches(feed);
    await batches.start();
    const own = {
      buildMs,
      reads: candleReads(database, nowMs + minuteMs),
      storeTicks: () => batches.store(nowMs),
      symbol,
      nowMs,
    };
    const measured = await asTablesOwner(bench.bareDatabase, (owner) =>
      measureAggregates(owner, feed, database.pool, own, runs),
    );
    return [...lines, ...measured];
  } finally {
    await Promise.all([database.close(), feed.end()]);
  }
};

interface Read {
  readonly name: string;
  readonly ours: () => Promise<unknown>;
  readonly byHand: string;
}

/** As a client at a terminal writes it: planned for its value each time. */
const at = (ms: number) => `'${new Date(ms).toISOString()}'::timestamptz`;

/** Candles of a day, a week and the year. */
function candleReads(database: Database, nowMs: number) {
  const history = new CandleHistory(database);
  const candles = (days: number, interval: "1m" | "1h" | "1d", length: string): Read & { readonly days: number } => ({
    name: `candles of ${days} days by ${interval}`,
    days,
    ours: () => history.read(symbol, interval, { fromMs: nowMs - days * dayMs, untilMs: nowMs, limit: 2_000 }),
    byHand: `SELECT date_bin('${length}', open_time, timestamptz '2000-01-01 00:00:00+03') AS at,
        (array_agg(open ORDER BY open_time))[1], max(high), min(low), (array_agg(close ORDER BY open_time DESC))[1],
        sum(volume), sum(turnover), sum(trades)
      FROM (
        SELECT open_time, open, high, low, close, volume, turnover, trades FROM candles
        WHERE symbol = '${symbol}' AND interval = '${interval === "1d" ? "1d" : "1m"}'
          AND open_time >= ${at(nowMs - days * dayMs)} AND open_time < ${at(nowMs)}
        UNION ALL
        SELECT ${at(nowMs - minuteMs)}, (array_agg(price ORDER BY "timestamp", sequence))[1], max(price), min(price),
          (array_agg(price ORDER BY "timestamp" DESC, sequence DESC))[1], sum(quantity), sum(price * quantity), count(*)
        FROM market_ticks WHERE symbol = '${symbol}' AND "timestamp" >= ${at(nowMs - minuteMs)} AND "timestamp" < ${at(nowMs)}) c
      GROUP BY 1 ORDER BY 1 DESC LIMIT 2000`,
  });
  return [candles(1, "1m", "1 minute"), candles(7, "1h", "1 hour"), candles(yearDays, "1d", "1 day")];
}

function reads(database: Database, nowMs: number): readonly Read[] {
  const page = (limit: number, days: number) => ({
    symbol,
    fromMs: nowMs - days * dayMs,
    untilMs: nowMs,
    limit,
    after: undefined,
  });
  const columns = `symbol, symbol_sequence, sequence, "timestamp", price, quantity, side, bid, ask`;
  return [
    ...candleReads(database, nowMs),
    {
      name: "newest tick of each of 500 symbols",
      ours: () => latestTicks(database, sampleSymbols, 1),
      byHand: `SELECT t.* FROM unnest('{${sampleSymbols.join()}}'::text[]) s CROSS JOIN LATERAL (SELECT ${columns} FROM market_ticks
        WHERE symbol = s AND "timestamp" > ${at(nowMs - dayMs)} ORDER BY "timestamp" DESC, sequence DESC LIMIT 1) t`,
    },
    {
      name: "a page of 100 ticks of a day",
      ours: () => readTicks(database, page(100, 1)),
      byHand: `SELECT ${columns} FROM market_ticks WHERE symbol = '${symbol}' AND "timestamp" >= ${at(nowMs - dayMs)}
        AND "timestamp" < ${at(nowMs)} ORDER BY "timestamp" DESC, sequence DESC LIMIT 101`,
    },
    {
      name: "a page of 10 ticks of a year",
      ours: () => readTicks(database, page(10, yearDays)),
      byHand: `SELECT ${columns} FROM market_ticks WHERE symbol = '${symbol}' AND "timestamp" >= ${at(nowMs - yearDays * dayMs)}
        AND "timestamp" < ${at(nowMs)} ORDER BY "timestamp" DESC, sequence DESC LIMIT 11`,
    },
  ];
}

/** A minute of every symbol, again and again, and batches of ticks without and with that going on. */
async function measureMinutes(
  feed: Pool,
  nowMs: number,
  runs: number,
  tell: (progress: string) => void,
): Promise<Line[]> {
  const minutes: number[] = [];
  const alone: number[] = [];
  const meanwhile: number[] = [];
  const batches = new Batches(feed);
  await batches.start();
  const due = sampleSymbols.map((each) => ({ symbol: each, openTimeMs: nowMs - minuteMs }));
  for (let run = -1; run < 10 * runs; run++) {
    if (run === 0) tell("history: minutes");
    const quiet = await timed(() => batches.store(nowMs));
    // As a minute that is stored for the first time; the others have been.
    await feed.query("UPDATE market_feeds SET candles_until = $1", [new Date(nowMs - minuteMs)]);
    const before = await candleProgress(feed);
    const storing = timed(() => storeCandles(feed, 1, due, before, { untilMs: nowMs, sequence: before.sequence }));
    const [busy, minute] = await Promise.all([timed(() => batches.store(nowMs)), storing]);
    if (run < 0) continue;
    alone.push(quiet);
    meanwhile.push(busy);
    minutes.push(minute);
  }
  return [
    { name: "a minute of 500 symbols stored", unit: "ms", ours: minutes, aim: atMost(50) },
    { name: `${batchTicks} ticks stored meanwhile, against without`, unit: "ms", ours: meanwhile, reference: alone },
  ];
}

class Batches {
  private last = 0;

  constructor(private readonly feed: Pool) {}

  async start(): Promise<void> {
    const { rows } = await this.feed.query<{ last: string }>("SELECT last_sequence AS last FROM market_feeds");
    this.last = Number(rows[0]?.last);
  }

  async store(nowMs: number): Promise<void> {
    const firstSequence = this.last + 1;
    this.last += batchTicks;
    const lines = Array.from({ length: batchTicks }, (_, n) =>
      tickLine({ ...sampleTick(n, nowMs), sequence: firstSequence + n, symbolSequence: firstSequence + n }),
    );
    await storeBatch(this.feed, 1, { firstSequence, lastSequence: this.last, lines: lines.join("") });
  }
}

/**
 * Ticks spread over a year of continuous days, as many for each symbol, a fifth of the last day's in its last minute.
 * @returns milliseconds that their candles took
 */
function fill(variables: Variables, ticks: number, nowMs: number): Promise<number> {
  return asTablesOwner(variables, (client) => fillAs(client, ticks, nowMs));
}

async function fillAs(client: Client, ticks: number, nowMs: number): Promise<number> {
  const now = new Date(nowMs);
  const columns = `symbol, market, "timestamp", sequence, symbol_sequence, price, quantity, side, bid, ask`;
  const insert = (values: string, more: readonly unknown[]) =>
    client.query(`INSERT INTO market_ticks (${columns}) ${values}`, [now, ...more]);
  await client.query("TRUNCATE market_ticks, candles");
  // One tick a day at first, for which maintenance makes the partitions.
  const days = `SELECT 'DAY', 'IMKBH', $1::timestamptz - n * interval '1 day', 0, n, 100, 1, 'BUY', 99, 101 FROM generate_series(1, $2::int) n`;
  await insert(days, [yearDays]);
  await maintainTimeSeries(client, now);
  const places = `SELECT ($2::text[])[1 + n % cardinality($2::text[])], 'IMKBH',
      $1::timestamptz - interval '1 minute' - (1 - n / $3::float8) * interval '${yearDays} days', n, n / cardinality($2::text[]) + 1,
      100 + n % 211 / 100.0, 1 + n % 997, 'BUY', 100, 101 FROM generate_series(1, $3::bigint) n`;
  await insert(places, [sampleSymbols, ticks]);
  const newest = `SELECT s, 'IMKBH', $1::timestamptz - n * interval '2 seconds', $3::bigint + n, 1, 100 + n / 100.0, n, 'BUY', 100, 101
      FROM unnest($2::text[]) s, generate_series(1, 29) n`;
  await insert(newest, [sampleSymbols, ticks]);
  let buildMs = 0;
  for (const [interval, length] of [
    ["1m", "1 minute"],
    ["1d", "1 day"],
  ] as const) {
    const build = () =>
      client.query(
        `INSERT INTO candles SELECT symbol, '${interval}', date_bin('${length}', "timestamp", timestamptz '2000-01-01 00:00:00+03'),
         (array_agg(price ORDER BY "timestamp"))[1], max(price), min(price), (array_agg(price ORDER BY "timestamp" DESC))[1],
         sum(quantity), sum(price * quantity), count(*) FROM market_ticks WHERE "timestamp" < $1::timestamptz - interval '1 minute'
       GROUP BY 1, 3`,
        [now],
      );
    buildMs += await timed(build);
  }
  await client.query("ANALYZE market_ticks");
  await client.query("ANALYZE candles");
  await client.query(
    "UPDATE market_feeds SET epoch = 1, last_sequence = $2, candles_sequence = $2, candles_until = $1",
    [new Date(nowMs - minuteMs), ticks + 29],
  );
  // An owner with RDS's rights may not: what is left to write is then written beside both sides.
  await client.query("CHECKPOINT").catch((error: unknown) => {
    if (sqlState(error) !== "42501") throw error;
  });
  return buildMs;
}

async function asTablesOwner<T>(variables: Variables, work: (client: Client) => Promise<T>): Promise<T> {
  const { database, owner } = readConfig(databaseCommandSections, variables);
  const client = new Client(connectionOptions(asOwner(database, owner), "bench"));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A query of a year takes longer than a statement may, where its chunks are of an hour: it is not asked again. */
async function timedQuery(pool: Pool, text: string): Promise<{ readonly ms: number; readonly cancelled: boolean }> {
  let cancelled = false;
  const ms = await timed(async () => {
    try {
      await pool.query(text);
    } catch (error) {
      if (sqlState(error) !== "57014") throw error;
      cancelled = true;
    }
  });
  return { ms, cancelled };
}
