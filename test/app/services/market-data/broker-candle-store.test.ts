import type { Pool } from "pg";
import { pino } from "pino";
import { istanbulDate, startOfIstanbulDate } from "../../../../app/packages/bist/calendar";
import {
  hasDueRequest,
  readBrokerCandles,
  requestEmpty,
  requestFailed,
  storeBrokerCandles,
  takeRequest,
  wantHistory,
} from "../../../../app/services/market-data/store/broker-candle-store";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import type { TestDatabase } from "../../support/postgres";
import { createMarketDatabase } from "./market-data";

const hourMs = 3_600_000;
const monday = Date.parse("2026-11-23T10:00:00+03:00");

describe("requests for the broker's candles", () => {
  let database: TestDatabase;
  let pool: Pool;
  let now: number;

  beforeAll(async () => {
    database = await createMarketDatabase();
    pool = createFeedPool(database.config, pino({ level: "silent" }));
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  beforeEach(async () => {
    await database.query("DELETE FROM broker_candle_requests");
    await database.query("UPDATE market_feeds SET epoch = 3, listened_until = '2028-01-01'");
    now = monday;
  });

  const want = (symbol = "GARAN", interval: "1m" | "1d" = "1m") => wantHistory(pool, symbol, interval, now);
  const isDue = () => hasDueRequest(pool, now);
  const take = () => takeRequest(pool, 3, now);
  const taken = async () => {
    const request = await take();
    if (request === undefined) throw new Error("nothing is wanted");
    return request;
  };
  const fetched = async () => {
    await storeBrokerCandles(pool, await taken(), []);
  };
  const failed = async () => {
    await requestFailed(pool, await taken());
  };

  test("are asked once a day of Istanbul, and again on the next when a chart lacks them", async () => {
    expect([await isDue(), await want(), await isDue()]).toEqual([false, "PENDING", true]);
    await fetched();
    now = Date.parse("2026-11-23T23:59:59+03:00");
    expect([await want(), await isDue(), await take()]).toEqual(["FETCHED", false, undefined]);
    now = Date.parse("2026-11-24T00:00:00+03:00");
    expect([await isDue(), await want(), await isDue()]).toEqual([false, "PENDING", true]);
  });

  test("are not undone by the answer to an earlier call, which a frozen leader got", async () => {
    const candle = (fetchedMs: number, close: string) => {
      const openTimeMs = monday - 3_600_000;
      return { openTimeMs, open: "5", high: "9", low: "1", close, volume: "1", fetchedMs };
    };
    await want();
    const [early, earlyMs] = [await taken(), now];
    now += 86_400_000;
    await want();
    await storeBrokerCandles(pool, await taken(), [candle(now, "6")]);
    await storeBrokerCandles(pool, early, [candle(earlyMs, "5")]);
    const range = { fromMs: 0, untilMs: now, limit: 9 };
    expect(await readBrokerCandles(pool, "GARAN", "1m", range)).toMatchObject([{ close: "6", fetchedMs: now }]);
    await requestEmpty(pool, early);
    expect(await want()).toBe("FETCHED");
    await requestFailed(pool, early, 0);
    expect([await want(), await isDue()]).toEqual(["FETCHED", false]);
  });

  test("are taken by the leader alone, the newest first, each once", async () => {
    await want("GARAN");
    now += 5_000;
    await want("THYAO");
    now += 5_000;
    await want("GARAN", "1d");
    expect(await takeRequest(pool, 2, now)).toBeUndefined();
    expect([await take(), await take(), await take(), await take()]).toEqual([
      { symbol: "GARAN", interval: "1d", askedAt: new Date(now) },
      { symbol: "THYAO", interval: "1m", askedAt: new Date(now) },
      { symbol: "GARAN", interval: "1m", askedAt: new Date(now) },
      undefined,
    ]);
  });

  test("wait for longer after each failure in a row, up to a day, and not after one that was answered", async () => {
    const symbols = ["GARAN", "THYAO", "SASA", "AKBNK", "SISE", "EREGL", "TCELL", "BIMAS", "ASELS", "KCHOL"];
    const waits: number[] = [];
    for (const symbol of symbols) {
      const last = now;
      await want(symbol);
      while (!(await isDue())) {
        now += 5 * 60_000;
        expect(await want(symbol)).toBe((await isDue()) ? "PENDING" : "UNAVAILABLE");
      }
      waits.push((now - last) / 60_000);
      await failed();
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_440]);
    now += 24 * hourMs;
    await want("GARAN");
    await fetched();
    now += 1_000;
    expect([await want("THYAO"), await isDue()]).toEqual(["PENDING", true]);
  });

  test("that were answered without candles wait alone, for longer after each in a row", async () => {
    await want("THYAO");
    await fetched();
    const empty = async () => {
      await want();
      await requestEmpty(pool, await taken());
    };
    /** Days until the same may be asked for again. */
    const wait = async () => {
      const since = startOfIstanbulDate(istanbulDate(now));
      while ((await want()) !== "PENDING") now = startOfIstanbulDate(istanbulDate(now + 24 * hourMs));
      return (now - since) / (24 * hourMs);
    };
    await empty();
    expect([await isDue(), await want("AKBNK")]).toEqual([false, "PENDING"]);
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      waits.push(await wait());
      await empty();
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 32]);
    await wait();
    await fetched();
    await wait();
    await empty();
    expect(await wait()).toBe(1);
  });

  test("that nobody is given any answer to count as failures from the fourth in a row on", async () => {
    const empty = async (symbol: string) => {
      now += 1_000;
      expect(await want(symbol)).toBe("PENDING");
      await requestEmpty(pool, await taken());
    };
    for (const symbol of ["GARAN", "THYAO", "SASA", "AKBNK"]) await empty(symbol);
    expect(await want("SISE")).toBe("UNAVAILABLE");
    now += 10 * 60_000;
    await empty("SISE");
    now += 19 * 60_000;
    expect(await want("EREGL")).toBe("UNAVAILABLE");
    now += 60_000;
    expect(await want("EREGL")).toBe("PENDING");
    await fetched();
    for (const symbol of ["TCELL", "BIMAS", "ASELS", "KCHOL", "TUPRS"]) await empty(symbol);
    expect(await want("FROTO")).toBe("PENDING");
  });

  test("whose process died half-way count as failed after a minute, and are not repeated on that day", async () => {
    await want();
    await take();
    now += 30_000;
    expect(await want()).toBe("PENDING");
    now += 31_000;
    expect([await want(), await isDue()]).toEqual(["UNAVAILABLE", false]);
    expect([await want("THYAO"), await isDue()]).toEqual(["UNAVAILABLE", false]);
    now += 10 * 60_000;
    expect([await want("THYAO"), await isDue()]).toEqual(["PENDING", true]);
  });

  test("that the broker did not hear are made again on the same day", async () => {
    await want();
    await requestFailed(pool, await taken(), now + 10 * 60_000);
    now += 9 * 60_000;
    expect([await want(), await isDue()]).toEqual(["UNAVAILABLE", false]);
    now += 60_000;
    expect([await want(), await isDue()]).toEqual(["PENDING", true]);
  });

  test("are not to be expected to succeed while nobody listens", async () => {
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date(now - 11_000)]);
    expect(await want()).toBe("UNAVAILABLE");
    await database.query("UPDATE market_feeds SET listened_until = $1", [new Date(now)]);
    expect(await want()).toBe("PENDING");
  });
});
