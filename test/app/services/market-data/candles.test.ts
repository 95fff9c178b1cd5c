import fc from "fast-check";
import { Decimal } from "decimal.js";
import type { Pool } from "pg";
import { pino } from "pino";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { CandleWriter } from "../../../../app/services/market-data/leader/candle-writer";
import { CandleHistory } from "../../../../app/services/market-data/store/candle-history";
import { candleProgress, storeCandles } from "../../../../app/services/market-data/store/candle-store";
import { intervalNames, openTimeOf } from "../../../../app/services/market-data/domain/interval";
import type { Interval } from "../../../../app/services/market-data/domain/interval";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import { feedCoverage, recordFeedGap, recordSubscriptions } from "../../../../app/services/market-data/store/feed-gaps";
import { tickLine } from "../../../../app/services/market-data/store/tick-lines";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";
import { FencedError, storeBatch } from "../../../../app/services/market-data/store/tick-store";
import { TestClock } from "../../support/clock";
import type { TestDatabase } from "../../support/postgres";
import { createMarketDatabase, until } from "./market-data";

const log = pino({ level: "silent" });
const minuteMs = 60_000;
const symbols = ["GARAN", "THYAO"];

/** Candles by the book: sort by time, group, take the first, the last, the extremes and the sums. */
function expected(ticks: readonly StoredTick[], interval: Interval) {
  const groups = new Map<number, StoredTick[]>();
  for (const tick of [...ticks].sort((a, b) => a.epochMs - b.epochMs || a.sequence - b.sequence)) {
    const open = openTimeOf(interval, tick.epochMs);
    groups.set(open, [...(groups.get(open) ?? []), tick]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([openTimeMs, group]) => ({
      openTimeMs,
      open: group[0]?.price,
      high: Decimal.max(...group.map(({ price }) => price)).toFixed(2),
      low: Decimal.min(...group.map(({ price }) => price)).toFixed(2),
      close: group.at(-1)?.price,
      volume: Decimal.sum(...group.map(({ quantity }) => quantity)).toFixed(),
      turnover: Decimal.sum(...group.map(({ price, quantity }) => new Decimal(price).times(quantity))).toFixed(2),
      trades: group.length,
    }));
}

describe("candles", () => {
  let database: TestDatabase;
  let pool: Pool;
  /** Of all tests: each begins with a database that is behind what was read before. */
  let history: CandleHistory;
  /** Midnight in Istanbul was two hours ago, so that days change within the ticks. */
  const start = openTimeOf("1d", Date.now()) - 90 * minuteMs;

  beforeAll(async () => {
    database = await createMarketDatabase();
    pool = createFeedPool(database.config, log);
    history = new CandleHistory(pool);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const reset = () =>
    database.query(
      `WITH a AS (DELETE FROM market_ticks), b AS (DELETE FROM candles), c AS (DELETE FROM market_feed_gaps)
       UPDATE market_feeds SET epoch = 1, last_sequence = 0, candles_sequence = 0, candles_until = '-infinity', listened_until = NULL`,
    );
  const store = async (ticks: readonly StoredTick[]) => {
    const [first, last] = [ticks[0]?.sequence ?? 0, ticks.at(-1)?.sequence ?? 0];
    await storeBatch(pool, 1, { firstSequence: first, lastSequence: last, lines: ticks.map(tickLine).join("") });
  };
  /** A tick at the beginning of a minute. */
  const minute = (n: number, sequence: number): StoredTick => {
    const epochMs = start + n * minuteMs;
    const timestamp = `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`;
    const place = { sequence, symbolSequence: sequence, epochMs, timestamp };
    const trade = { symbol: "GARAN", market: "IMKBH", price: "5.00", quantity: "1" } as const;
    return { ...trade, ...place, side: undefined, bid: undefined, ask: undefined };
  };
  const read = (interval: Interval) =>
    history.read("GARAN", interval, {
      fromMs: start - 86_400_000,
      untilMs: start + 2 * 86_400_000,
      limit: 10_000,
    });

  const tick = fc.record({
    // Whole seconds of few minutes as well: many of one second, whose order is that of their arrival.
    offsetMs: fc.oneof(
      fc.integer({ min: 0, max: 180 * minuteMs }),
      fc.integer({ min: 85 * 60, max: 95 * 60 }).map((second) => second * 1_000),
      fc.integer({ min: 0, max: 3 }).map((second) => second * 1_000),
    ),
    cents: fc.integer({ min: 1, max: 100_000 }),
    quantity: fc.integer({ min: 1, max: 1_000_000 }),
    symbol: fc.constantFrom("GARAN", "GARAN", "THYAO"),
  });
  /** Batches of ticks in any order of time; after each one the clock stands somewhere and candles are stored, or not. */
  const story = fc.array(
    fc.record({
      ticks: fc.array(tick, { minLength: 1, maxLength: 15 }),
      storedAtMs: fc.option(fc.integer({ min: 0, max: 240 * minuteMs })),
    }),
    { minLength: 1, maxLength: 6 },
  );

  test("of every length are what the ticks say, however late ticks come and whenever candles were stored", async () => {
    await fc.assert(
      fc.asyncProperty(story, async (batches) => {
        await reset();
        const clock = new TestClock(start);
        let writer = new CandleWriter(pool, 1, clock);
        const all: StoredTick[] = [];
        for (const { ticks, storedAtMs } of batches) {
          const numbered = ticks.map(({ offsetMs, cents, quantity, symbol }, n): StoredTick => {
            const epochMs = start + offsetMs;
            const timestamp = `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 23)}+03:00`;
            const price = new Decimal(cents).div(100).toFixed(2);
            const sequence = all.length + n + 1;
            return {
              symbol,
              market: "IMKBH",
              timestamp,
              epochMs,
              price,
              quantity: String(quantity),
              side: undefined,
              bid: undefined,
              ask: undefined,
              sequence,
              symbolSequence: sequence,
            };
          });
          await store(numbered);
          all.push(...numbered);
          writer.note(numbered);
          if (storedAtMs === null) {
            // A leader that ended before it stored: its successor finds what is due.
            writer = new CandleWriter(pool, 1, clock);
            await writer.start(symbols, all.length);
          } else {
            clock.at = Math.max(clock.at, start + storedAtMs);
            await writer.store(all.length);
          }
        }
        await writer.store(all.length);
        const ofSymbol = all.filter(({ symbol }) => symbol === "GARAN");
        for (const interval of intervalNames) expect(await read(interval)).toEqual(expected(ofSymbol, interval));
      }),
      { numRuns: 25 },
    );
  });

  test("know what was missed after the first connection of all, whose leader died at once", async () => {
    await reset();
    const monday = Date.parse("2026-11-23T11:00:00+03:00");
    const calendar = new TradingCalendar();
    await recordSubscriptions(pool, 1, ["GARAN"], monday);
    const range = { fromMs: monday, untilMs: monday + 60_000 };
    const coverage = () => feedCoverage(pool, { calendar, silenceMs: 60_000 }, "GARAN", range, monday + 60_000);
    const gap = { fromMs: monday, untilMs: monday + 60_000 };
    expect((await coverage()).gaps).toEqual([{ ...gap, reason: "not listening" }]);
    expect(await recordFeedGap(pool, calendar, 1, monday + 60_000, "takeover")).toEqual({ ...gap, reason: "takeover" });
    await database.query("DELETE FROM market_feed_subscriptions");
  });

  test("of a day count each minute once, though the clock of the next leader is behind", async () => {
    await reset();
    const [early, late, between] = [minute(1, 1), minute(5, 2), minute(2, 3)];
    await store([early, late]);
    const ahead = new CandleWriter(pool, 1, new TestClock(start + 10 * minuteMs));
    ahead.note([early, late]);
    await ahead.store(2);
    const behind = new CandleWriter(pool, 1, new TestClock(start + 4 * minuteMs));
    await behind.start(symbols, 2);
    await behind.store(2);
    expect(await read("1d")).toEqual(expected([early, late], "1d"));
    await store([between]);
    behind.note([between]);
    await behind.store(3);
    for (const interval of intervalNames)
      expect(await read(interval)).toEqual(expected([early, late, between], interval));
  });

  /** Runs what happens while a writer has computed nothing yet, though it has begun to store the minutes of a tick. */
  const whileComputing = (writer: CandleWriter, sequence: number, happens: () => Promise<unknown>) =>
    whileBlocked(writer, sequence, "LOCK TABLE candles", happens);

  /** Runs what happens while a writer has computed all, and writes the candle of `minute(1, …)`. */
  const whileWriting = (writer: CandleWriter, sequence: number, happens: () => Promise<unknown>) => {
    const openTime = new Date(minute(1, 1).epochMs).toISOString();
    const other = `INSERT INTO candles VALUES ('GARAN', '1m', '${openTime}', 1, 1, 1, 1, 1, 1, 1)`;
    return whileBlocked(writer, sequence, other, happens);
  };

  const whileBlocked = async (
    writer: CandleWriter,
    sequence: number,
    blocker: string,
    happens: () => Promise<unknown>,
  ) => {
    const blocked = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await database.query("BEGIN");
    await database.query(blocker);
    const stored = writer.store(sequence).catch((error: unknown) => error);
    await until("the candles wait", async () => (await database.query(blocked)).length > 0);
    await happens();
    await database.query("ROLLBACK");
    return stored;
  };

  const moments = { computed: whileComputing, written: whileWriting };

  test.each(Object.entries(moments))(
    "keep no tick waiting while they are %s, and lack none that came meanwhile",
    async (_, whileBusy) => {
      await reset();
      const [early, late] = [minute(1, 1), minute(1, 2)];
      await store([early]);
      const writer = new CandleWriter(pool, 1, new TestClock(start + 10 * minuteMs));
      writer.note([early]);
      expect(await whileBusy(writer, 1, () => store([late]))).toBeUndefined();
      // Nobody has noted the second one: its leader ended.
      const next = new CandleWriter(pool, 1, new TestClock(start + 10 * minuteMs));
      await next.start(symbols, 2);
      await next.store(2);
      for (const interval of intervalNames) expect(await read(interval)).toEqual(expected([early, late], interval));
    },
  );

  test.each(Object.entries(moments))(
    "are not stored by a leader that was replaced while they were %s",
    async (_, whileBusy) => {
      await reset();
      await store([minute(1, 1)]);
      const writer = new CandleWriter(pool, 1, new TestClock(start + 10 * minuteMs));
      writer.note([minute(1, 1)]);
      const takeOver = () => pool.query("UPDATE market_feeds SET epoch = 2");
      expect(await whileBusy(writer, 1, takeOver)).toBeInstanceOf(FencedError);
      expect(await database.query("SELECT FROM candles")).toEqual([]);
    },
  );

  test("are refused where an attempt that was given up has stored some since they were computed", async () => {
    await reset();
    const tick = minute(1, 1);
    await store([tick]);
    const minutes = [{ symbol: "GARAN", openTimeMs: tick.epochMs }];
    const [before, after] = [await candleProgress(pool), { untilMs: tick.epochMs + minuteMs, sequence: 1 }];
    await storeCandles(pool, 1, minutes, before, after);
    await expect(storeCandles(pool, 1, minutes, before, after)).rejects.toThrow(/other candles were stored/);
    await storeCandles(pool, 1, minutes, await candleProgress(pool), after);
    for (const interval of intervalNames) expect(await read(interval)).toEqual(expected([tick], interval));
  });

  test("are read by one statement, and by another where a database of before has taken the place", async () => {
    await reset();
    await store([minute(1, 1), minute(2, 2)]);
    const writer = new CandleWriter(pool, 1, new TestClock(start + 10 * minuteMs));
    writer.note([minute(1, 1), minute(2, 2)]);
    const counted = new CandleHistory(pool);
    const statements = jest.spyOn(pool, "query");
    const range = { fromMs: start, untilMs: start + 20 * minuteMs, limit: 10 };
    const readAfter = async (change: () => Promise<unknown>) => {
      await change();
      statements.mockClear();
      expect(await counted.read("GARAN", "1m", range)).toEqual(expected([minute(1, 1), minute(2, 2)], "1m"));
      return statements.mock.calls.length;
    };
    expect(await readAfter(() => Promise.resolve())).toBe(2);
    expect(await readAfter(() => Promise.resolve())).toBe(1);
    expect(await readAfter(() => writer.store(2))).toBe(1);
    const restored = `WITH gone AS (DELETE FROM candles) UPDATE market_feeds SET candles_until = '-infinity', candles_sequence = 0`;
    expect(await readAfter(() => database.query(restored))).toBe(2);
    expect(await readAfter(() => Promise.resolve())).toBe(1);
    statements.mockRestore();
  });

  test("have no candle where nothing was traded, and show feed gaps", async () => {
    await reset();
    const monday = Date.parse("2026-11-23T11:00:00+03:00");
    const calendar = new TradingCalendar();
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date(monday)]);
    expect(await recordFeedGap(pool, calendar, 1, monday + 1_000, "closed")).toBeUndefined();
    expect(await recordFeedGap(pool, calendar, 1, monday + 60_000, "closed")).toEqual({
      fromMs: monday,
      untilMs: monday + 60_000,
      reason: "closed",
    });
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date("2026-11-20T18:00:00+03:00")]);
    expect(await recordFeedGap(pool, calendar, 1, Date.parse("2026-11-23T09:59:00+03:00"), "takeover")).toBeUndefined();
    const gapsBetween = async (fromMs: number, untilMs: number, nowMs = untilMs) =>
      (await feedCoverage(pool, { calendar, silenceMs: 60_000 }, "GARAN", { fromMs, untilMs }, nowMs)).gaps;
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date(monday + 90_000)]);
    expect(await gapsBetween(monday + 59_000, monday + 90_000)).toHaveLength(1);
    expect(await gapsBetween(monday + 60_000, monday + 90_000)).toEqual([]);
    // Nobody has listened since then: the gap lasts.
    expect(await gapsBetween(monday + 60_000, monday + 200_000)).toEqual([
      { fromMs: monday + 90_000, untilMs: monday + 200_000, reason: "not listening" },
    ]);
    expect(await gapsBetween(monday + 60_000, monday + 80_000, monday + 200_000)).toEqual([]);
    // Connected, and silent: within the limit that says nothing.
    const listens = "UPDATE market_feeds SET listened_until = $1, heard_as_of = $1, heard_until = $2";
    await database.query(listens, [new Date(monday + 150_000), new Date(monday + 90_000)]);
    expect(await gapsBetween(monday + 60_000, monday + 150_000)).toEqual([]);
    expect(await gapsBetween(monday + 60_000, monday + 151_000)).toEqual([
      { fromMs: monday + 90_000, untilMs: monday + 151_000, reason: "silent" },
    ]);
    expect(await recordFeedGap(pool, calendar, 1, monday + 152_000, "silent")).toMatchObject({
      fromMs: monday + 90_000,
    });
    expect(await gapsBetween(monday + 60_000, monday + 153_000)).toEqual([
      { fromMs: monday + 90_000, untilMs: monday + 152_000, reason: "silent" },
    ]);
    // A release that does not know of silence has listened meanwhile.
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date(monday + 162_000)]);
    expect(await recordFeedGap(pool, calendar, 1, monday + 163_000, "takeover")).toBeUndefined();
  });
});
