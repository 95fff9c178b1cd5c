import { decimalText, isPositive } from "../domain/decimal";
import { parseExchangeTime } from "../domain/exchange-time";
import type { BookRow } from "../domain/order-book";
import { feedSymbolPattern } from "../domain/tick";
import type { FrameFields } from "./frame";

/** Documents of the broker speak of 10 rows, a sample of 20. */
const mostRows = 50;

/** Reads the content of a `D` frame; `undefined` when it is no row of a book. */
export function readBookRow(fields: FrameFields): BookRow | undefined {
  const symbol = fields.symbol;
  const direction = fields.direction;
  const row = Number(fields.row ?? "x");
  const price = decimalText(fields.price);
  const quantity = decimalText(fields.quantity);
  const time = parseExchangeTime(fields.date);
  if (symbol === undefined || !feedSymbolPattern.test(symbol)) return undefined;
  if (direction !== "B" && direction !== "S") return undefined;
  if (!Number.isInteger(row) || row < 0 || row >= mostRows) return undefined;
  if (price === undefined || quantity === undefined || time === undefined) return undefined;
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
