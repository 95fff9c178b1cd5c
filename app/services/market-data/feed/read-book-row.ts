import { decimalText, isPositive } from "../domain/decimal";
import { parseExchangeTime } from "../domain/exchange-time";
import type { BookRow } from "../domain/order-book";
import { feedSymbolPattern, furthestAheadMs } from "../domain/tick";
import type { FrameFields } from "./frame";

/** Documents of the broker speak of 10 rows, samples of 20. */
const mostRows = 50;

/** Why a row was refused; the label of the metric that counts refusals. */
export type RowProblem = "depth" | "depth_future";

/**
 * Reads the content of a `D` frame, or says what is wrong with it. A level may be old, as long as it stands; one of a time
 * to come would be the newest for ever.
 */
export function readBookRow(fields: FrameFields, nowMs: number): BookRow | RowProblem {
  const symbol = fields.symbol;
  const direction = fields.direction;
  const row = Number(fields.row ?? "x");
  const price = decimalText(fields.price);
  const quantity = decimalText(fields.quantity);
  const time = parseExchangeTime(fields.date);
  if (symbol === undefined || !feedSymbolPattern.test(symbol)) return "depth";
  if (direction !== "B" && direction !== "S") return "depth";
  if (!Number.isInteger(row) || row < 0 || row >= mostRows) return "depth";
  if (price === undefined || quantity === undefined || time === undefined) return "depth";
  if (time.epochMs > nowMs + furthestAheadMs) return "depth_future";
  const empty = !isPositive(price) || !isPositive(quantity);
  return {
    symbol,
    side: direction === "B" ? "BID" : "ASK",
    row,
    level: empty ? undefined : [price, quantity, decimalText(fields.ordercount) ?? "0"],
    epochMs: time.epochMs,
    timestamp: time.text,
  };
}
