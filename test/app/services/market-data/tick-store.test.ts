import type { Pool } from "pg";
import { pino } from "pino";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import type { Tick } from "../../../../app/services/market-data/domain/tick";
import { tickLine } from "../../../../app/services/market-data/store/tick-lines";
import { FencedError, storeBatch, ticksBetween } from "../../../../app/services/market-data/store/tick-store";
import type { TickBatch } from "../../../../app/services/market-data/store/tick-store";
import { TickWriter } from "../../../../app/services/market-data/leader/tick-writer";
import type { TestDatabase } from "../../support/postgres";
import { createMarketDatabase, storedTicks, until } from "./market-data";

const log = pino({ level: "silent" });

const anyTick = (symbol = "GARAN"): Tick => {
  const epochMs = Date.now();
  const timestamp = `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;
  return {
    symbol,
    market: "IMKBH",
    timestamp,
    epochMs,
    price: "123.40",
    quantity: "10",
    side: "BUY",
    bid: "123.30",
    ask: undefined,
  };
};
const batchOf = (first: number, count: number): TickBatch => {
  const ticks = Array.from({ length: count }, (_, n) => ({
    ...anyTick(),
    sequence: first + n,
    symbolSequence: first + n,
  }));
  return { firstSequence: first, lastSequence: first + count - 1, lines: ticks.map(tickLine).join("") };
};

describe("stored ticks", () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeEach(async () => {
    database = await createMarketDatabase();
    pool = createFeedPool(database.config, log);
    await database.query("UPDATE market_feeds SET epoch = 1");
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  test("a batch whose answer was lost is not stored twice", async () => {
    await storeBatch(pool, 1, batchOf(1, 100));
    await storeBatch(pool, 1, batchOf(1, 100));
    expect(await storedTicks(database)).toBe(100);
  });

  test("a batch whose connection dies half-way is stored by the next attempt, once", async () => {
    // Waits inside the transaction, after the row of the feed is locked.
    await database.query(
      `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END'`,
    );
    await database.query("CREATE TRIGGER slow AFTER INSERT ON market_ticks FOR EACH STATEMENT EXECUTE FUNCTION wait()");
    const killing = until("the writer's connection is killed", async () => {
      const killed = await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'market-data feed' AND datname = current_database() AND query LIKE 'COPY%' AND state = 'active'`,
      );
      return killed.length > 0;
    });
    await expect(storeBatch(pool, 1, batchOf(1, 100))).rejects.toThrow();
    await killing;
    expect(await storedTicks(database)).toBe(0);
    await storeBatch(pool, 1, batchOf(1, 100));
    expect(await storedTicks(database)).toBe(100);
  });

  test("nothing of a leader is stored once another took over", async () => {
    await database.query("UPDATE market_feeds SET epoch = 2");
    await expect(storeBatch(pool, 1, batchOf(1, 10))).rejects.toThrow(FencedError);
    expect(await storedTicks(database)).toBe(0);
  });

  test("a batch that is cut by what is stored is an error, not a silent loss", async () => {
    await storeBatch(pool, 1, batchOf(1, 10));
    await expect(storeBatch(pool, 1, batchOf(6, 10))).rejects.toThrow(
      /ticks up to 10 are stored, which cuts the batch from 6 to 15/,
    );
  });

  test("come back as they went in, in order and page by page", async () => {
    const { lines, ...range } = batchOf(1, 25);
    await storeBatch(pool, 1, { lines, ...range });
    const pages = [await ticksBetween(pool, 0, 10, -Infinity), await ticksBetween(pool, 10, 25, Date.now())];
    expect(pages.flat().map(tickLine).join("")).toBe(lines);
  });
  test("a writer stores through outages all that it was given, in order, and asks its source to pause meanwhile", async () => {
    const committed: number[] = [];
    const pauses: boolean[] = [];
    const writer = new TickWriter(
      pool,
      1,
      1,
      new Map(),
      { batchRows: 50, lingerMs: 1, backlogRows: 200 },
      {
        committed: ({ ticks }) => committed.push(...ticks.map(({ sequence }) => sequence)),
        paused: (paused) => pauses.push(paused),
        fenced: () => {
          throw new Error("no other replica took over");
        },
      },
      log,
    );
    await database.query("ALTER TABLE market_ticks RENAME TO away");
    for (let n = 0; n < 250; n++) writer.add(anyTick(n % 2 === 0 ? "GARAN" : "THYAO"));
    await until("the source is asked to pause", () => pauses.length === 1);
    expect(writer.backlog).toBe(250);
    await until("they have waited", () => writer.backlogMs > 0);
    await database.query("ALTER TABLE away RENAME TO market_ticks");
    await until("everything is stored", () => committed.length === 250);
    expect(committed).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));
    expect(pauses).toEqual([true, false]);
    expect(await storedTicks(database)).toBe(250);
    expect([writer.backlog, writer.backlogMs]).toEqual([0, 0]);
  });

  test("a writer gives up what is not stored when another replica took over", async () => {
    let fenced = false;
    const writer = new TickWriter(
      pool,
      1,
      1,
      new Map(),
      { batchRows: 50, lingerMs: 1, backlogRows: 200 },
      {
        committed: () => {
          throw new Error("nothing may be stored");
        },
        paused: () => undefined,
        fenced: () => {
          fenced = true;
        },
      },
      log,
    );
    await database.query("UPDATE market_feeds SET epoch = 2");
    writer.add(anyTick());
    await until("the writer is fenced", () => fenced);
    writer.add(anyTick());
    expect(writer.backlog).toBe(0);
    expect(await storedTicks(database)).toBe(0);
  });
});
