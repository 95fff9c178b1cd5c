import type { Pool } from "pg";
import type { Queryable } from "../../../packages/kit/database/database";
import { exchangeTimeSql } from "./sql";
import { parseTickLines, tickLineSql } from "./tick-lines";
import { FencedError, feedName } from "./tick-store";
import type { SavedBoard } from "../domain/board";
import type { BookLevel, BookSnapshot } from "../domain/order-book";
import type { SavedQuote } from "../domain/quote";

interface QuoteRow {
  readonly line: string;
  readonly trading_day: string;
  readonly open: string;
  readonly opened_at: string | null;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly trades: string;
  readonly previous_close: string | null;
  readonly previous_closed_at: string | null;
}

interface BookRow {
  readonly symbol: string;
  readonly version: string;
  readonly timestamp: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** One statement, so that quotes and sequence are of the same moment. */
const loadQuotes = `
  SELECT f.quotes_sequence, ${tickLineSql} AS line,
    trading_day::text, open, ${exchangeTimeSql("opened_at")} AS opened_at, high, low, volume, trades, previous_close,
    ${exchangeTimeSql("previous_closed_at")} AS previous_closed_at
  FROM market_feeds f LEFT JOIN quotes q ON true WHERE f.feed = $1`;

export async function loadBoard(database: Queryable): Promise<SavedBoard> {
  // Without a quote the join gives one row, of the sequence alone.
  type Row = { readonly quotes_sequence: string } & (QuoteRow | { readonly trading_day: null });
  const quotes = await database.query<Row>(loadQuotes, [feedName]);
  return {
    sequence: Number(quotes.rows[0]?.quotes_sequence ?? 0),
    quotes: quotes.rows.flatMap(({ quotes_sequence: _, ...row }) => (row.trading_day === null ? [] : savedQuote(row))),
    books: await booksSince(database, new Date(0)).then(({ books }) => books),
  };
}

function savedQuote(row: QuoteRow): SavedQuote {
  const [tick] = parseTickLines(row.line);
  if (tick === undefined) throw new Error(`quote "${row.line}" is not readable`);
  // A release that does not know these times leaves those of an earlier day behind.
  const timesAreKnown = row.opened_at?.startsWith(row.trading_day);
  return {
    ...tick,
    tradingDay: row.trading_day,
    open: row.open,
    openedAt: timesAreKnown ? (row.opened_at ?? undefined) : undefined,
    high: row.high,
    low: row.low,
    volume: row.volume,
    trades: Number(row.trades),
    previousClose: row.previous_close ?? undefined,
    previousClosedAt: timesAreKnown ? (row.previous_closed_at ?? undefined) : undefined,
  };
}

/** Order books saved since an instant, and the instant to ask from next. */
export async function booksSince(
  database: Queryable,
  since: Date,
): Promise<{ readonly books: readonly BookSnapshot[]; readonly until: Date }> {
  const { rows } = await database.query<BookRow & { saved_at: Date }>(
    `SELECT symbol, version, "timestamp", bids, asks, saved_at FROM order_books WHERE saved_at > $1 ORDER BY saved_at`,
    [since],
  );
  return {
    books: rows.map(({ symbol, version, timestamp, bids, asks }) => ({
      symbol,
      version: Number(version),
      timestamp,
      bids,
      asks,
    })),
    until: rows.at(-1)?.saved_at ?? since,
  };
}

/** How far the broker was heard. */
export interface Heard {
  /** By the database's clock, taken before the silence was measured: however late this is saved, it claims no more. */
  readonly asOf: Date;
  /** For how long the broker, though connected, had brought no data that is stored. */
  readonly silentMs: number;
}

/** What the leader saves each second: what changed, as it is at `sequence`. */
export interface BoardChanges extends SavedBoard {
  /** Undefined while the broker is not connected. */
  readonly heard: Heard | undefined;
}

/**
 * Saves changed quotes and books, and that the broker is heard, in one transaction. One that arrives late, after its answer was
 * given up and a later one was saved, changes nothing.
 * @throws FencedError when the feed was taken over since `epoch`
 */
export async function saveBoard(pool: Pool, epoch: number, changes: BoardChanges): Promise<void> {
  const { rowCount } = await pool.query(
    `WITH ours AS (
       UPDATE market_feeds SET quotes_sequence = $3,
         listened_from = coalesce(listened_from, $6), listened_until = coalesce($6, listened_until),
         heard_as_of = coalesce($6, heard_as_of), heard_until = coalesce($6 - $7 * interval '1 millisecond', heard_until)
       WHERE feed = $1 AND epoch = $2 AND quotes_sequence <= $3 RETURNING feed
     ), saved_quotes AS (
       INSERT INTO quotes SELECT q.* FROM ours, jsonb_populate_recordset(null::quotes, $4) q
       ON CONFLICT (symbol) DO UPDATE SET (market, sequence, symbol_sequence, "timestamp", price, quantity, side, bid, ask,
         trading_day, open, opened_at, high, low, volume, trades, previous_close, previous_closed_at) = ROW (excluded.market,
         excluded.sequence, excluded.symbol_sequence, excluded."timestamp", excluded.price, excluded.quantity, excluded.side,
         excluded.bid, excluded.ask, excluded.trading_day, excluded.open, excluded.opened_at, excluded.high, excluded.low,
         excluded.volume, excluded.trades, excluded.previous_close, excluded.previous_closed_at)
     ), listed AS (
       INSERT INTO symbols (symbol, name, market) SELECT q.symbol, q.symbol, q.market
       FROM ours, jsonb_populate_recordset(null::quotes, $4) q ON CONFLICT (symbol) DO NOTHING
     ), saved_books AS (
       INSERT INTO order_books (symbol, version, "timestamp", bids, asks)
       SELECT b.symbol, b.version, b."timestamp", b.bids, b.asks FROM ours, jsonb_populate_recordset(null::order_books, $5) b
       ON CONFLICT (symbol) DO UPDATE SET version = excluded.version, "timestamp" = excluded."timestamp",
         bids = excluded.bids, asks = excluded.asks, saved_at = clock_timestamp() WHERE order_books.version <= excluded.version
     )
     SELECT feed FROM ours`,
    [
      feedName,
      epoch,
      changes.sequence,
      JSON.stringify(changes.quotes.map(quoteRow)),
      JSON.stringify(changes.books),
      changes.heard?.asOf,
      changes.heard?.silentMs,
    ],
  );
  if (rowCount !== 1) throw new FencedError(`the feed was taken over after epoch ${epoch}, or its board saved later`);
}

const quoteRow = (quote: SavedQuote) => ({
  symbol: quote.symbol,
  market: quote.market,
  sequence: quote.sequence,
  symbol_sequence: quote.symbolSequence,
  timestamp: quote.timestamp,
  price: quote.price,
  quantity: quote.quantity,
  side: quote.side,
  bid: quote.bid,
  ask: quote.ask,
  trading_day: quote.tradingDay,
  open: quote.open,
  opened_at: quote.openedAt,
  high: quote.high,
  low: quote.low,
  volume: quote.volume,
  trades: quote.trades,
  previous_close: quote.previousClose,
  previous_closed_at: quote.previousClosedAt,
});
