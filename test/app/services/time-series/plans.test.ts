import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import type { Pool } from "pg";
import { pino } from "pino";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { connectionOptions, Database } from "../../../../app/packages/kit/database/database";
import { Metrics } from "../../../../app/packages/kit/observability/metrics";
import { CandleHistory } from "../../../../app/services/market-data/store/candle-history";
import { candleProgress, storeCandles, unstoredMinutes } from "../../../../app/services/market-data/store/candle-store";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import { readTicks } from "../../../../app/services/market-data/store/tick-history";
import { latestTicks, storeBatch, ticksBetween } from "../../../../app/services/market-data/store/tick-store";
import { debianPostgresMissing, withTimescaledb } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { chunks, explainEverything, partitionsByDay, partitionsWithin, Plans } from "./plans";
import type { Partition } from "./plans";

const log = pino({ level: "silent" });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const parts = 370;
const symbols = ["AKBNK", "GARAN", "THYAO"];
/** Of each symbol: so many that going through them all would be slow. */
const storedMinutes = 20_000;
/** As often as it takes until PostgreSQL considers a plan for any values, and some more. */
const repeats = 8;

interface Server {
  readonly partMs: number;
  readonly missing?: string;
  readonly start: () => Promise<TestDatabase>;
  readonly partitions: (database: TestDatabase) => Promise<Partition[]>;
}

const servers: Readonly<Record<string, Server>> = {
  "partitions by the day": { partMs: dayMs, start: createTestDatabase, partitions: partitionsByDay },
  "chunks of TimescaleDB": {
    partMs: hourMs,
    missing: debianPostgresMissing("timescaledb"),
    start: () => startOwnedDatabase({ settings: withTimescaledb }),
    partitions: chunks,
  },
};

/** Everything of a moment that the stores are asked with. */
interface Moment {
  readonly feed: Pool;
  readonly database: Database;
  readonly nowMs: number;
  readonly last: number;
}

interface Work {
  readonly run: (moment: Moment) => Promise<unknown>;
  /** The times [from, until) that it may look through; none where rows find their partitions one by one. */
  readonly times: (moment: Moment) => readonly (readonly [number, number])[];
}

const openMinute = (ms: number) => Math.floor(ms / 60_000) * 60_000;
/** Minutes up to here are stored: the one before it is stored last. */
const storedUntilMs = ({ nowMs }: Moment) => openMinute(nowMs) - 60_000;

/** All that the services do with ticks. */
const works: Readonly<Record<string, Work>> = {
  "a batch of ticks is stored": {
    run: ({ feed, last }) => storeBatch(feed, 1, { firstSequence: last - 1, lastSequence: last, lines: "" }),
    times: () => [],
  },
  "ticks between two sequences": {
    run: ({ database, last, nowMs }) => ticksBetween(database, last - 10, last, nowMs),
    times: ({ nowMs }) => [[nowMs - 2 * dayMs, Infinity]],
  },
  "the latest ticks of each symbol": {
    run: ({ feed }) => latestTicks(feed, symbols, 10),
    times: ({ nowMs }) => [[nowMs - dayMs, Infinity]],
  },
  "a page of ticks of a day": {
    run: ({ database, nowMs }) =>
      readTicks(database, { symbol: "GARAN", fromMs: nowMs - dayMs, untilMs: nowMs, limit: 100, after: undefined }),
    times: ({ nowMs }) => [[nowMs - dayMs, nowMs]],
  },
  "a full page of ticks of a year": {
    run: ({ database, nowMs }) =>
      readTicks(database, { symbol: "GARAN", fromMs: nowMs - 360 * dayMs, untilMs: nowMs, limit: 1, after: undefined }),
    times: ({ nowMs }) => [[nowMs - dayMs, nowMs]],
  },
  "a later page of ticks of a year": {
    run: ({ database, nowMs }) => {
      const after = { timestamp: new Date(nowMs - 300_000).toISOString(), sequence: "1" };
      return readTicks(database, { symbol: "GARAN", fromMs: nowMs - 360 * dayMs, untilMs: nowMs, limit: 1, after });
    },
    times: ({ nowMs }) => [[nowMs - 300_000 - dayMs, nowMs - 300_000 + 1]],
  },
  "a page of ticks of a year, of a symbol that has none": {
    run: ({ database, nowMs }) =>
      readTicks(database, { symbol: "NONE", fromMs: nowMs - 360 * dayMs, untilMs: nowMs, limit: 1, after: undefined }),
    times: ({ nowMs }) => [[nowMs - 360 * dayMs, nowMs]],
  },
  "minute candles of a day": {
    run: ({ database, nowMs }) =>
      new CandleHistory(database).read("GARAN", "1m", { fromMs: nowMs - dayMs, untilMs: nowMs, limit: 500 }),
    times: (moment) => [[storedUntilMs(moment), moment.nowMs]],
  },
  "candles of a year by the day": {
    run: ({ database, nowMs }) =>
      new CandleHistory(database).read("GARAN", "1d", { fromMs: nowMs - 360 * dayMs, untilMs: nowMs, limit: 500 }),
    times: (moment) => [[storedUntilMs(moment), moment.nowMs]],
  },
  "candles of yesterday": {
    run: ({ database, nowMs }) =>
      new CandleHistory(database).read("GARAN", "5m", { fromMs: nowMs - dayMs, untilMs: nowMs - hourMs, limit: 500 }),
    times: () => [],
  },
  "the minute that is over is stored, and one of a late tick": {
    run: async (moment) => {
      const untilMs = storedUntilMs(moment);
      const times = [untilMs - 60_000, untilMs - 60_000 - dayMs];
      const minutes = times.flatMap((openTimeMs) => symbols.map((symbol) => ({ symbol, openTimeMs })));
      const stored = await candleProgress(moment.feed);
      await storeCandles(moment.feed, 1, minutes, stored, { untilMs, sequence: moment.last });
    },
    times: (moment) =>
      [0, dayMs].map((agoMs) => [storedUntilMs(moment) - 60_000 - agoMs, storedUntilMs(moment) - agoMs] as const),
  },
  "a minute of as many symbols as are listed is stored": {
    run: async (moment) => {
      const untilMs = storedUntilMs(moment);
      const listed = [...symbols, ...Array.from({ length: 500 }, (_, n) => `BX${n}`)];
      const minutes = listed.map((symbol) => ({ symbol, openTimeMs: untilMs - 60_000 }));
      const stored = await candleProgress(moment.feed);
      await storeCandles(moment.feed, 1, minutes, stored, { untilMs, sequence: moment.last });
    },
    times: (moment) => [[storedUntilMs(moment) - 60_000, storedUntilMs(moment)]],
  },
  "minutes that an earlier leader left": {
    run: async ({ feed, last }) =>
      unstoredMinutes(feed, { ...(await candleProgress(feed)), sequence: last - 10 }, symbols, last),
    times: (moment) => [[storedUntilMs(moment) - 2 * dayMs, Infinity]],
  },
};

describe.each(Object.entries(servers))("%s, %#", (name, { missing, partMs, start, partitions }) => {
  const story = missing === undefined ? test : test.skip;
  let database: TestDatabase;
  let feed: Pool;
  let services: Database;
  let moment: Moment;
  let known: readonly Partition[];
  const plans = new Plans();

  beforeAll(async () => {
    if (missing !== undefined) return;
    database = await start();
    const nowMs = Date.now();
    const last = await fill(database, nowMs, partMs);
    known = await partitions(database);
    await explainEverything(database);
    feed = createFeedPool(database.config, log);
    services = new Database(database.config, new Metrics("test"), log, "test");
    for (const pool of [feed, services.pool]) plans.watch(pool);
    moment = { feed, database: services, nowMs, last };
  });
  afterAll(async () => {
    if (missing !== undefined) return;
    await Promise.all([feed.end(), services.close()]);
    await database.drop();
  });

  story(`are ${parts} and more${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    expect(known.length).toBeGreaterThanOrEqual(parts);
  });

  story.each(Object.entries(works))("%s: no plan has more of them than it may touch", async (_, { run, times }) => {
    const allowed = new Set(times(moment).flatMap(([fromMs, untilMs]) => partitionsWithin(known, fromMs, untilMs)));
    for (let count = 0; count < repeats; count++) {
      await run(moment);
      const { partitions: planned, ...plan } = plans.take();
      const others = planned.filter((partition) => !allowed.has(partition)).slice(0, 3);
      const expected = { others: [], planned: allowed.size, removed: 0, allCandles: false, compiled: false };
      expect({ others, planned: planned.length, ...plan }).toEqual(expected);
    }
  });

  story("are in no prepared statement, which would be planned for all of them once", async () => {
    const prepared = await moment.database.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements");
    expect(prepared.rows.filter(({ statement }) => statement.includes("market_ticks"))).toEqual([]);
    expect(prepared.rows).not.toEqual([]);
  });

  story("are all that the services do with ticks", () => {
    const texts = [...plans.texts].join("\n");
    const never = statementsOnTicks().filter((statement) => !texts.includes(statement));
    expect(never).toEqual([]);
  });
});

/** Fills as many partitions with a tick of each symbol, the newest minutes with more, and candles with earlier ones. @returns the last sequence */
async function fill(database: TestDatabase, nowMs: number, partMs: number): Promise<number> {
  const owner = new Client(connectionOptions(database.ownerConfig, "test"));
  await owner.connect();
  await bootstrapTimeSeries(owner, new Date(nowMs));
  await database.query(
    `INSERT INTO market_ticks (symbol, market, "timestamp", sequence, symbol_sequence, price, quantity)
     SELECT symbol, 'IMKBH', at, row_number() OVER (ORDER BY at), 1, 100, 10
     FROM unnest($1::text[]) symbol, (
       SELECT $2::timestamptz - n * $3::float8 * interval '1 millisecond' AS at FROM generate_series(1, $4) n
       UNION ALL SELECT $2::timestamptz - n * interval '10 seconds' FROM generate_series(1, 60) n) t
     WHERE at > $2::timestamptz - interval '1 year'`,
    [symbols, new Date(nowMs), partMs, parts],
  );
  await maintainTimeSeries(owner, new Date(nowMs));
  await owner.end();
  const [row] = await database.query<{ last: string }>("SELECT max(sequence) AS last FROM market_ticks");
  const last = Number(row?.last);
  await database.query(
    "UPDATE market_feeds SET epoch = 1, last_sequence = $1, candles_sequence = $1, candles_until = $2",
    [last, new Date(openMinute(nowMs) - 60_000)],
  );
  await database.query(
    `INSERT INTO candles SELECT symbol, '1m', $2::timestamptz - n * interval '1 minute', 100, 100, 100, 100, 10, 1000, 1
     FROM unnest($1::text[]) symbol, generate_series(1, $3) n`,
    [symbols, new Date(openMinute(nowMs) - dayMs), storedMinutes],
  );
  await database.query("ANALYZE market_ticks, candles");
  return last;
}

/** The parts of the services' sources that name the table, as they stand in statements. */
function statementsOnTicks(): string[] {
  const app = join(__dirname, "../../../../app");
  return globSync("services/**/*.ts", { cwd: app })
    .flatMap((file) => readFileSync(join(app, file), "utf8").split("\n"))
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .flatMap((line) => line.split(/[`"]|\$\{[^}]*\}/))
    .map((piece) => piece.trim())
    .filter((piece) => piece.includes("market_ticks"));
}
