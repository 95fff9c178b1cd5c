import { instrumentKind, instrumentRules } from "../../../packages/bist/instruments";
import { formatPrice } from "../../../packages/bist/price";
import { isWithin } from "../../../packages/bist/price-limits";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import { isOnTick, roundDownToTick, roundUpToTick, tickSizeAt } from "../../../packages/bist/tick-sizes";
import type { SessionState } from "../../../packages/bist/calendar-session";
import type { OrderTerms } from "./order";
import type { Reason } from "./reason";

/** Of the price alone, which a request for another one is judged by as well. */
export const priceCheckCodes = ["INVALID_PRICE_TICK", "PRICE_OUT_OF_LIMITS"] as const;
export const failedCheckCodes = [
  "UNSUPPORTED_INSTRUMENT",
  "ORDER_TYPE_NOT_ALLOWED",
  "INVALID_QUANTITY",
  ...priceCheckCodes,
  "MARKET_CLOSED",
] as const;

/** A rule that an order breaks, and what would be right. */
export interface FailedCheck extends Reason {
  readonly code: (typeof failedCheckCodes)[number];
}

export interface CheckContext {
  /** The exchange's session, or undefined where orders are taken at any hour. */
  readonly session: SessionState | undefined;
  /** Today's limits as the broker states them, where they are known: else no price is outside. */
  readonly limits: PriceLimits | undefined;
}

/** Every rule of the exchange that an order breaks before it leaves, of those that are known for its instrument. */
export function failedPreTradeChecks(terms: OrderTerms, { session, limits }: CheckContext): FailedCheck[] {
  return [
    ...failedInstrumentChecks(terms),
    ...failedQuantityChecks(terms),
    ...failedPriceChecks(terms, limits),
    ...failedSessionChecks(terms, session),
  ];
}

function failedInstrumentChecks({ symbol, limitPrice }: OrderTerms): FailedCheck[] {
  const { market, marketOrders } = instrumentRules(symbol);
  if (market === "DERIVATIVES") {
    const detail = `${symbol} trades at the derivatives market (VIOP), to which no orders are sent from here`;
    return [{ code: "UNSUPPORTED_INSTRUMENT", detail }];
  }
  if (limitPrice === undefined && !marketOrders) {
    return [{ code: "ORDER_TYPE_NOT_ALLOWED", detail: `${nameOf(symbol)} has no market orders; give a price` }];
  }
  return [];
}

const nameOf = (symbol: string) => `${symbol}, a ${(instrumentKind(symbol) ?? "instrument").toLowerCase()},`;

function failedQuantityChecks({ quantity }: OrderTerms): FailedCheck[] {
  if (quantity > 0n) return [];
  return [{ code: "INVALID_QUANTITY", detail: "quantity is 0; use at least 1 lot (one lot is one share)" }];
}

/** @param limits undefined where the broker has stated none: nothing is outside them then */
export function failedPriceChecks(
  { limitPrice, symbol }: Pick<OrderTerms, "limitPrice" | "symbol">,
  limits: PriceLimits | undefined,
): FailedCheck[] {
  if (limitPrice === undefined) return [];
  const price = formatPrice(limitPrice);
  const found: FailedCheck[] = [];
  if (instrumentRules(symbol).shareTickSizes && !isOnTick(limitPrice)) {
    const near = [roundDownToTick(limitPrice), roundUpToTick(limitPrice)].filter(isOnTick).map(formatPrice);
    const tickSize = formatPrice(tickSizeAt(limitPrice));
    found.push({
      code: "INVALID_PRICE_TICK",
      detail: `price ${price} is not a multiple of ${tickSize}, the tick size at this price; the nearest are ${near.join(" and ")}`,
    });
  }
  if (limits && !isWithin(limitPrice, limits)) {
    const [floor, ceiling] = [formatPrice(limits.floor), formatPrice(limits.ceiling)];
    found.push({
      code: "PRICE_OUT_OF_LIMITS",
      detail: `price ${price} is outside today's limits of ${symbol}, ${floor} to ${ceiling}`,
    });
  }
  return found;
}

/** Market orders are for call auctions too: they stay on the book until it matches. */
function failedSessionChecks({ symbol }: OrderTerms, session: SessionState | undefined): FailedCheck[] {
  if (session === undefined) return [];
  const next = `${session.nextPhase} at ${new Date(session.untilMs).toISOString()}`;
  if (!session.acceptsOrders) {
    return [{ code: "MARKET_CLOSED", detail: `the exchange takes no orders now (${session.phase}); next is ${next}` }];
  }
  if (session.phase !== "CONTINUOUS" && !instrumentRules(symbol).callAuctions) {
    const detail = `${nameOf(symbol)} trades continuously only, now is ${session.phase}; next is ${next}`;
    return [{ code: "MARKET_CLOSED", detail }];
  }
  return [];
}
