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

/** Ticks of a symbol in [from, until), newest first by exchange time. Pages stay right while ticks are added. */
export async function readTicks(database: Queryable, query: HistoryQuery): Promise<HistoryPage> {
  const { after } = query;
  const { rows } = await database.query<HistoricalTick>(
    `SELECT symbol, symbol_sequence AS "symbolSequence", sequence, ${exchangeTimeSql(`"timestamp"`)} AS timestamp,
       price, quantity, side, bid, ask
     FROM market_ticks t
     WHERE symbol = $1 AND t."timestamp" >= $2 AND t."timestamp" < $3
       AND ($4::timestamptz IS NULL OR t."timestamp" <= $4 AND (t."timestamp", t.sequence) < ($4, $5::bigint))
     ORDER BY t."timestamp" DESC, t.sequence DESC LIMIT $6`,
    [query.symbol, new Date(query.fromMs), new Date(query.untilMs), after?.timestamp, after?.sequence, query.limit + 1],
  );
  const ticks = rows.slice(0, query.limit);
  return { ticks, next: rows.length > query.limit ? ticks.at(-1) : undefined };
}
