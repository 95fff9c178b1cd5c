import { decimalText, isPositive } from "../domain/decimal";
import { parseExchangeTime } from "../domain/exchange-time";
import { feedSymbolPattern, furthestAheadMs, oldestTickMs } from "../domain/tick";
import type { Side, Tick } from "../domain/tick";
import type { FrameFields } from "./frame";

/** Why a tick was refused; the label of the metric that counts refusals. */
export type TickProblem = "symbol" | "price" | "quantity" | "time" | "stale" | "future";

const marketPattern = /^[A-Z0-9]{1,10}$/;

/** Markets whose messages are values, not trades: indices and currencies. Their quantity is 0. */
const valuesWithoutTrades: ReadonlySet<string> = new Set(["IMKBX", "FX"]);

/** Checks the content of a `T` frame and reads it, or says what is wrong with it. */
export function readTick(fields: FrameFields, nowMs: number): Tick | TickProblem {
  const symbol = fields.symbol;
  if (symbol === undefined || !feedSymbolPattern.test(symbol)) return "symbol";
  const price = decimalText(fields.price);
  if (price === undefined || !isPositive(price)) return "price";
  const market = fields.market ?? "";
  const quantity = decimalText(fields.tradequantity);
  if (quantity === undefined || quantity.startsWith("-")) return "quantity";
  if (!isPositive(quantity) && !valuesWithoutTrades.has(market)) return "quantity";
  const time = parseExchangeTime(fields.date);
  if (time === undefined) return "time";
  if (time.epochMs < nowMs - oldestTickMs) return "stale";
  if (time.epochMs > nowMs + furthestAheadMs) return "future";
  return {
    symbol,
    market: marketPattern.test(market) ? market : "UNKNOWN",
    timestamp: time.text,
    epochMs: time.epochMs,
    price,
    quantity,
    side: sideOf(fields.direction),
    bid: positiveOrNone(fields.bid),
    ask: positiveOrNone(fields.ask),
  };
}

function sideOf(direction: string | undefined): Side | undefined {
  if (direction === "B") return "BUY";
  return direction === "S" ? "SELL" : undefined;
}

/** The broker writes 0 for a side of the market without an order. */
function positiveOrNone(text: string | undefined): string | undefined {
  const decimal = decimalText(text);
  return decimal !== undefined && isPositive(decimal) ? decimal : undefined;
}
