import { pino } from "pino";
import { Board } from "../../../../app/services/market-data/domain/board";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";
import { saveBoard } from "../../../../app/services/market-data/store/board-store";
import { candleProgress, storeCandles } from "../../../../app/services/market-data/store/candle-store";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import { tickLine } from "../../../../app/services/market-data/store/tick-lines";
import { storeBatch } from "../../../../app/services/market-data/store/tick-store";
import { testToken } from "../../support/tokens";
import { createMarketDatabase, startReplica, storedTicks, until } from "./market-data";
import { ScriptedBroker, tickContent, wholeSecond } from "./scripted-broker";

const hourMs = 3_600_000;

test("what the last leader left undone on Friday is done on Monday", async () => {
  const database = await createMarketDatabase();
  const broker = await ScriptedBroker.start();
  const pool = createFeedPool(database.config, pino({ level: "silent" }));
  // All of one minute, more than two days ago.
  const minuteMs = Math.floor((Date.now() - 65 * hourMs) / 60_000) * 60_000;
  const ticks = [1, 2, 3, 4, 5].map((sequence): StoredTick => {
    const epochMs = minuteMs + sequence * 1_000;
    const trade = { symbol: "GARAN", market: "IMKBH", price: `${100 + sequence}.00`, quantity: "10" } as const;
    const place = { sequence, symbolSequence: sequence, epochMs, timestamp: wholeSecond(epochMs) };
    return { ...trade, ...place, side: "BUY", bid: undefined, ask: undefined };
  });
  // Its process was killed after the second tick was saved, and the fifth stored.
  await database.query("UPDATE market_feeds SET epoch = 1");
  await storeBatch(pool, 1, { firstSequence: 1, lastSequence: 5, lines: ticks.map(tickLine).join("") });
  const board = new Board();
  board.apply(ticks.slice(0, 2));
  await saveBoard(pool, 1, { quotes: board.quotesAfter(0), books: [], sequence: 2, heard: undefined });
  await storeCandles(pool, 1, [], await candleProgress(pool), { untilMs: minuteMs, sequence: 2 });
  await pool.end();

  const replica = await startReplica(database, broker.session);
  const token = await testToken();
  const quote = async () => (await replica.call("GET", "/api/v1/market-data/quotes/GARAN", { token })).body;
  expect(await quote()).toMatchObject({ sequence: 5, price: "105.00", volume: "50", trades: 5 });
  await until("the broker is connected", () => broker.connected);
  await until("Friday's last minute has its candle", async () => {
    const candles = await database.query<{ trades: string }>("SELECT trades FROM candles WHERE interval = '1m'");
    return candles.some(({ trades }) => trades === "5");
  });
  broker.say("T", tickContent());
  await until("the next tick is stored", async () => (await storedTicks(database)) === 6);
  const [last] = await database.query("SELECT symbol_sequence FROM market_ticks WHERE sequence = 6");
  expect(last).toEqual({ symbol_sequence: "6" });
  await replica.stop();
  await broker.close();
  await database.drop();
});
