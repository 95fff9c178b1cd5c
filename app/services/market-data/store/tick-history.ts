import type { Queryable } from "../../../packages/kit/database/database";
import { exchangeTimeSql } from "./sql";

/** The place of a tick in its symbol's history, which is ordered by exchange time and by the feed's sequence within it. */
export interface HistoryPosition {
  /** Exchange time. */
  readonly timestamp: string;
  readonly sequence: string;
}

export interface HistoryQuery {
  readonly symbol: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
  /** Where the page before ended. */
  readonly after: HistoryPosition | undefined;
}

export interface HistoricalTick extends HistoryPosition {
  readonly symbol: string;
  readonly symbolSequence: string;
  readonly price: string;
  readonly quantity: string;
  readonly side: "BUY" | "SELL" | null;
  readonly bid: string | null;
  readonly ask: string | null;
}

export interface HistoryPage {
  readonly ticks: readonly HistoricalTick[];
  /** Where the next page goes on; undefined when this one is the last. */
  readonly next: HistoryPosition | undefined;
}

const dayMs = 86_400_000;
/** How many times as long as the part before it each part of a period is. */
const growth = 8;

/**
 * Ticks of a symbol in [from, until), newest first by exchange time. Pages stay right while ticks are added.
 *
 * Looks through the newest day at first, and through ever longer parts before it until the page is full: PostgreSQL plans every
 * partition of a period, TimescaleDB every chunk, however few of them a page is from.
 */
export async function readTicks(database: Queryable, query: HistoryQuery): Promise<HistoryPage> {
  const { after, fromMs, limit } = query;
  const found: HistoricalTick[] = [];
  let untilMs = Math.min(query.untilMs, after === undefined ? Infinity : Date.parse(after.timestamp) + 1);
  for (let partMs = dayMs; found.length <= limit && untilMs > fromMs; partMs *= growth) {
    const part = { fromMs: Math.max(fromMs, untilMs - partMs), untilMs, rows: limit + 1 - found.length };
    found.push(...(await readPart(database, query, part)));
    untilMs = part.fromMs;
  }
  const ticks = found.slice(0, limit);
  return { ticks, next: found.length > limit ? ticks.at(-1) : undefined };
}

async function readPart(
  database: Queryable,
  { symbol, after }: HistoryQuery,
  part: { readonly fromMs: number; readonly untilMs: number; readonly rows: number },
): Promise<HistoricalTick[]> {
  const { rows } = await database.query<HistoricalTick>(
    `SELECT symbol, symbol_sequence AS "symbolSequence", sequence, ${exchangeTimeSql(`"timestamp"`)} AS timestamp,
       price, quantity, side, bid, ask
     FROM market_ticks t
     WHERE symbol = $1 AND t."timestamp" >= $2 AND t."timestamp" < $3
       AND ($4::timestamptz IS NULL OR (t."timestamp", t.sequence) < ($4, $5::bigint))
     ORDER BY t."timestamp" DESC, t.sequence DESC LIMIT $6`,
    [symbol, new Date(part.fromMs), new Date(part.untilMs), after?.timestamp, after?.sequence, part.rows],
  );
  return rows;
}
