import type { Queryable } from "../../../packages/kit/database/database";
import { badRequest } from "../../../packages/kit/http/problem";
import { exchangeTimeSql } from "../domain/exchange-time";

export interface TickQuery {
  readonly symbol: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor: string | undefined;
}

export interface TickView {
  readonly symbol: string;
  /** Among the symbol's ticks. */
  readonly sequence: number;
  readonly timestamp: string;
  readonly price: string;
  readonly quantity: string;
  readonly side: "BUY" | "SELL" | null;
  readonly bid: string | null;
  readonly ask: string | null;
}

export interface TickPage {
  readonly ticks: TickView[];
  /** Cursor of the next page; `null` when this one is the last. */
  readonly next: string | null;
}

/** Ticks of a symbol in [from, until), newest first by exchange time. Pages stay right while ticks are added. */
export async function readTicks(database: Queryable, query: TickQuery): Promise<TickPage> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const { rows } = await database.query<Omit<TickView, "sequence"> & { sequence: string; feed_sequence: string }>(
    `SELECT symbol, symbol_sequence AS sequence, sequence AS feed_sequence, ${exchangeTimeSql(`"timestamp"`)} AS timestamp,
       price, quantity, side, bid, ask
     FROM market_ticks t
     WHERE symbol = $1 AND t."timestamp" >= $2 AND t."timestamp" < $3
       AND ($4::timestamptz IS NULL OR t."timestamp" <= $4 AND (t."timestamp", sequence) < ($4, $5::bigint))
     ORDER BY t."timestamp" DESC, sequence DESC LIMIT $6`,
    [query.symbol, new Date(query.fromMs), new Date(query.untilMs), after?.timestamp, after?.sequence, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    ticks: page.map(({ feed_sequence: _, ...tick }) => ({ ...tick, sequence: Number(tick.sequence) })),
    next: rows.length > query.limit && last ? cursorOf(last.timestamp, last.feed_sequence) : null,
  };
}

const cursorOf = (timestamp: string, sequence: string) => Buffer.from(`${timestamp} ${sequence}`).toString("base64url");

function parseCursor(cursor: string): { readonly timestamp: string; readonly sequence: string } {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?\+03:00) (\d{1,18})$/.exec(
    Buffer.from(cursor, "base64url").toString(),
  );
  const [, timestamp, sequence] = match ?? [];
  if (timestamp === undefined || sequence === undefined || Number.isNaN(Date.parse(timestamp))) {
    throw badRequest("INVALID_CURSOR", "the cursor is not one of this service; use `next` of the page before");
  }
  return { timestamp, sequence };
}
