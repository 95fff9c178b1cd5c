import { Board } from "../../../../app/services/market-data/domain/board";
import type { SavedQuote } from "../../../../app/services/market-data/domain/quote";
import { loadBoard } from "../../../../app/services/market-data/store/board-store";
import { parseTickLines, tickLineSql } from "../../../../app/services/market-data/store/tick-lines";
import type { TestDatabase } from "../../support/postgres";

/** What may never be untrue of the tables, at whatever moment a leader ended: each query tells what is. */
const broken: Readonly<Record<string, string>> = {
  "sequences have holes or repeat": `
    SELECT count(*) AS ticks, count(DISTINCT sequence) AS different, max(sequence) AS last, last_sequence AS noted
    FROM market_ticks, market_feeds GROUP BY last_sequence
    HAVING count(*) <> count(DISTINCT sequence) OR max(sequence) <> count(*) OR last_sequence <> count(*)`,
  "sequences of a symbol have holes or repeat": `
    SELECT symbol, count(*) AS ticks, count(DISTINCT symbol_sequence) AS different, max(symbol_sequence) AS last
    FROM market_ticks GROUP BY symbol
    HAVING max(symbol_sequence) <> count(*) OR count(*) <> count(DISTINCT symbol_sequence)`,
  "sequences of a symbol go another way": `
    SELECT symbol FROM (
      SELECT symbol, row_number() OVER (PARTITION BY symbol ORDER BY sequence) AS place, symbol_sequence FROM market_ticks
    ) t WHERE place <> symbol_sequence`,
  "a trade is stored twice": `SELECT symbol, quantity, array_agg(sequence) AS sequences, array_agg("timestamp") AS times FROM market_ticks GROUP BY symbol, quantity HAVING count(*) > 1`,
  "derived from ticks that are not stored": `
    SELECT last_sequence, quotes_sequence, candles_sequence FROM market_feeds
    WHERE quotes_sequence > last_sequence OR candles_sequence > last_sequence`,
  "minutes that are over lack candles, or have wrong ones": `
    WITH minutes AS (
      SELECT symbol, date_bin('1 minute', "timestamp", timestamptz '2000-01-01 00:00:00+03') AS open_time,
        (array_agg(price ORDER BY "timestamp", sequence))[1] AS open, max(price) AS high, min(price) AS low,
        (array_agg(price ORDER BY "timestamp" DESC, sequence DESC))[1] AS close,
        sum(quantity) AS volume, count(*) AS trades, max(sequence) AS newest
      FROM market_ticks GROUP BY 1, 2
    )
    SELECT m.*, c.trades AS stored, f.* FROM market_feeds f, minutes m
    LEFT JOIN candles c ON c.symbol = m.symbol AND c.interval = '1m' AND c.open_time = m.open_time
    WHERE m.open_time < f.candles_until AND m.newest <= f.candles_sequence
      AND (c.open, c.high, c.low, c.close, c.volume, c.trades) IS DISTINCT FROM (m.open, m.high, m.low, m.close, m.volume, m.trades)`,
  "days are not the sum of their minutes": `
    SELECT d.symbol, d.open_time, d.volume, d.trades, sum(m.volume) AS volumes, sum(m.trades) AS all_trades
    FROM candles d LEFT JOIN candles m ON m.symbol = d.symbol AND m.interval = '1m'
      AND m.open_time >= d.open_time AND m.open_time < d.open_time + interval '1 day'
    WHERE d.interval = '1d' GROUP BY d.symbol, d.open_time, d.volume, d.trades
    HAVING d.volume IS DISTINCT FROM sum(m.volume) OR d.trades IS DISTINCT FROM sum(m.trades)`,
  "a minute is stored that is not over": `
    SELECT c.* FROM candles c, market_feeds WHERE interval = '1m' AND open_time >= candles_until`,
  "gaps overlap": `
    SELECT * FROM (SELECT *, lag(until_at) OVER (ORDER BY from_at, until_at) AS before FROM market_feed_gaps) g WHERE from_at < before`,
  "subscribed, but heard at no time": `
    SELECT s.* FROM market_feed_subscriptions s, market_feeds WHERE heard_until IS NULL`,
};

/** What is wrong, in words and rows; nothing, as a rule. */
export async function brokenFeedInvariants(database: TestDatabase): Promise<string[]> {
  const problems: string[] = [];
  for (const [what, sql] of Object.entries(broken)) {
    // One statement sees one moment.
    const rows = await database.query<object>(sql);
    if (rows.length > 0) problems.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return [...problems, ...(await wrongQuotes(database))];
}

/** Saved quotes are those of every tick up to their sequence, put on a board one after the other. */
async function wrongQuotes(database: TestDatabase): Promise<string[]> {
  const rowsOf = {
    query: async (sql: string, values?: readonly unknown[]) => ({ rows: await database.query(sql, values) }),
  };
  // Of a pool's overloads, loading a board uses this one alone.
  const saved = await loadBoard(rowsOf as unknown as Parameters<typeof loadBoard>[0]);
  const ticks = await database.query<{ line: string }>(
    `SELECT ${tickLineSql} AS line FROM market_ticks WHERE sequence <= $1 ORDER BY sequence`,
    [saved.sequence],
  );
  const board = new Board();
  board.apply(parseTickLines(ticks.map(({ line }) => line).join("\n")));
  const due = new Map(board.quotesAfter(0).map((quote) => [quote.symbol, comparable(quote)]));
  const wrong = saved.quotes.flatMap((quote) => {
    const [is, should] = [JSON.stringify(comparable(quote)), JSON.stringify(due.get(quote.symbol))];
    due.delete(quote.symbol);
    return is === should ? [] : [`the quote at ${saved.sequence} is ${is}, its ticks say ${should}`];
  });
  return [...wrong, ...[...due.keys()].map((symbol) => `no quote of ${symbol} at ${saved.sequence}`)];
}

const comparable = ({ epochMs: _, open, high, low, volume, price, quantity, previousClose, ...quote }: SavedQuote) => [
  [open, high, low, volume, price, quantity, previousClose].map((amount) =>
    amount === undefined ? null : Number(amount),
  ),
  Object.entries(quote).sort(([one], [other]) => (one < other ? -1 : 1)),
];
