import type { Pool } from "pg";
import { pino } from "pino";
import { Quote } from "../../../../app/services/market-data/domain/quote";
import type { SavedQuote } from "../../../../app/services/market-data/domain/quote";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";
import { loadBoard, saveBoard } from "../../../../app/services/market-data/store/board-store";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import type { TestDatabase } from "../../support/postgres";
import { createMarketDatabase } from "./market-data";

describe("saved quotes", () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await createMarketDatabase();
    pool = createFeedPool(database.config, pino({ level: "silent" }));
    await database.query("UPDATE market_feeds SET epoch = 1");
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const tick = (sequence: number, timestamp: string, price: string): StoredTick => ({
    symbol: "THYAO.E",
    market: "IMKBH",
    timestamp,
    epochMs: Date.parse(timestamp),
    price,
    quantity: "10",
    side: "SELL",
    bid: undefined,
    ask: "124.00",
    sequence,
    symbolSequence: sequence,
  });
  const quoteOf = (...ticks: readonly [StoredTick, ...StoredTick[]]) => {
    const quote = Quote.first(ticks[0]);
    for (const next of ticks.slice(1)) quote.apply(next);
    return quote.save();
  };
  const save = (quote: SavedQuote) =>
    saveBoard(pool, 1, { quotes: [quote], books: [], sequence: quote.sequence, silentMs: 0 });
  const loaded = async () => (await loadBoard(pool)).quotes[0];

  test("come back as they were, with the times of open and previous close, once and again", async () => {
    const first = quoteOf(tick(1, "2026-11-23T17:59:59.5+03:00", "99.00"));
    await save(first);
    expect(await loaded()).toEqual(first);
    const next = quoteOf(
      tick(1, "2026-11-23T17:59:59.5+03:00", "99.00"),
      tick(2, "2026-11-24T10:00:01.000001+03:00", "100.00"),
      tick(3, "2026-11-24T10:00:00+03:00", "101.00"),
    );
    await save(next);
    expect(await loaded()).toEqual(next);
    expect(next).toMatchObject({
      openedAt: "2026-11-24T10:00:00+03:00",
      previousClosedAt: "2026-11-23T17:59:59.5+03:00",
    });
  });

  test("of a release that knows no such times, which has left those of an earlier day, have none", async () => {
    await database.query("UPDATE quotes SET trading_day = '2026-11-25', open = 102, previous_close = 100");
    expect(await loaded()).toMatchObject({ open: "102", openedAt: undefined, previousClosedAt: undefined });
  });
});
