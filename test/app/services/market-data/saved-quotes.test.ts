import type { Pool } from "pg";
import { pino } from "pino";
import { Quote } from "../../../../app/services/market-data/domain/quote";
import type { SavedQuote } from "../../../../app/services/market-data/domain/quote";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";
import { loadBoard, saveBoard } from "../../../../app/services/market-data/store/board-store";
import { FencedError } from "../../../../app/services/market-data/store/tick-store";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import type { TestDatabase } from "../../support/postgres";
import { createMarketDatabase, startBroker, startReplica, trade, until } from "./market-data";

const anyTick: StoredTick = {
  symbol: "GARAN",
  market: "IMKBH",
  timestamp: "2026-11-23T10:00:00+03:00",
  epochMs: Date.parse("2026-11-23T10:00:00+03:00"),
  price: "100.00",
  quantity: "1",
  side: undefined,
  bid: undefined,
  ask: undefined,
  sequence: 1,
  symbolSequence: 1,
};

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
    saveBoard(pool, 1, { quotes: [quote], books: [], sequence: quote.sequence, heard: undefined });
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

describe("the saved board", () => {
  test("is not undone by an earlier save that arrives late, nor saved by a leader of before", async () => {
    const database = await createMarketDatabase();
    const pool = createFeedPool(database.config, pino({ level: "silent" }));
    await database.query("UPDATE market_feeds SET epoch = 2");
    const board = (sequence: number) => ({
      quotes: [Quote.first({ ...anyTick, sequence, symbolSequence: sequence }).save()],
      books: [{ symbol: "GARAN", version: sequence, timestamp: anyTick.timestamp, bids: [], asks: [] }],
      sequence,
      heard: undefined,
    });
    const saved = async () => {
      const { sequence, quotes, books } = await loadBoard(pool);
      return [sequence, quotes[0]?.sequence, books[0]?.version];
    };
    await saveBoard(pool, 2, board(20));
    await expect(saveBoard(pool, 2, board(10))).rejects.toBeInstanceOf(FencedError);
    expect(await saved()).toEqual([20, 20, 20]);
    await expect(saveBoard(pool, 1, board(30))).rejects.toBeInstanceOf(FencedError);
    expect(await saved()).toEqual([20, 20, 20]);
    await pool.end();
    await database.drop();
  });

  test("lacks no tick up to its sequence, whatever was stored while a connection was being noted", async () => {
    const database = await createMarketDatabase();
    const { simulator, session } = await startBroker();
    // The first save of a connection waits here.
    await database.query("BEGIN");
    await database.query("LOCK TABLE market_feed_subscriptions IN ACCESS EXCLUSIVE MODE");
    const replica = await startReplica(database, session);
    await until("the broker is connected", () => simulator.socketConnections === 1);
    await trade(simulator, database, 50);
    await database.query("COMMIT");

    // One statement, so that all of it is of the same moment; a later save would hide what this one lacked.
    const look = async () => {
      const [row] = await database.query<{ sequence: string; missing: string[] | null }>(
        `SELECT quotes_sequence AS sequence, (
           SELECT array_agg(DISTINCT t.symbol) FROM market_ticks t LEFT JOIN quotes q ON q.symbol = t.symbol
           WHERE t.sequence <= quotes_sequence AND t.symbol_sequence > coalesce(q.symbol_sequence, 0)
         ) AS missing FROM market_feeds`,
      );
      return { sequence: Number(row?.sequence), missing: row?.missing ?? [] };
    };
    let seen = await look();
    await until("a board is saved", async () => (seen = await look()).sequence > 0);
    await replica.stop();
    await simulator.close();
    await database.drop();
    expect(seen.missing).toEqual([]);
  });
});
