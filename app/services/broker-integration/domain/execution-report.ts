import { istanbulDate } from "../../../packages/bist/calendar";
import { mayBeSameInstrument } from "../../../packages/bist/symbols";
import type { Lots } from "../../../packages/bist/lots";
import type { Kurus } from "../../../packages/bist/price";
import { storedAverage, usableAverage } from "./fill-price";
import type { ListedOrder, ListedProgress } from "./listed-order";
import { canFollow } from "./order";
import type { Order, OrderStatus } from "./order";
import type { Reason } from "./reason";

/** What the broker says beyond what is known of an order. */
export interface ExecutionReport {
  readonly status: OrderStatus;
  readonly filledQuantity: Lots;
  /** As the broker rounds it, decimal text; undefined where nothing is filled, and where it gives none. */
  readonly averagePrice: string | undefined;
  /** Whether the average is of the account statement's own sums, and not rounded: no bound knows better. */
  readonly isStated: boolean;
  readonly exchangeOrderId: string | undefined;
  /** The limit price in force, where the broker shows another than is known. */
  readonly limitPrice: Kurus | undefined;
  /** Why an order ended; undefined for the statuses that say all there is. */
  readonly reason: Reason | undefined;
}

/** What of an order its row is compared with. */
export type ComparedOrder = Pick<
  Order,
  | "symbol"
  | "side"
  | "tradingDay"
  | "status"
  | "quantity"
  | "limitPrice"
  | "filledQuantity"
  | "averageFillPrice"
  | "averageDerived"
>;

/** Clocks may differ about when a day began. */
const ofDayBeforeMs = 3_600_000;

/** In what a row cannot be its order's, as far as it can be read; undefined where it can. */
export function contradictionOf(
  order: Pick<ComparedOrder, "symbol" | "side" | "tradingDay" | "quantity">,
  row: ListedOrder,
): string | undefined {
  const { symbol, side, quantity, filled = 0n, receivedAt } = row;
  if ((quantity ?? order.quantity) !== order.quantity || filled > order.quantity) {
    return `${quantity ?? "unreadable"} lots, ${filled} of them filled; the order has ${order.quantity}`;
  }
  if (symbol !== undefined && !mayBeSameInstrument(symbol, order.symbol)) return `another symbol than ${order.symbol}`;
  if (side !== undefined && side !== order.side) return `another side than ${order.side}`;
  const isOfDayBefore =
    receivedAt !== undefined &&
    order.tradingDay !== undefined &&
    istanbulDate(receivedAt.getTime() + ofDayBeforeMs) < order.tradingDay;
  return isOfDayBefore ? `a time before ${order.tradingDay}` : undefined;
}

/**
 * Compares an open order with its row in the broker's list. Quantity and status depend on `fillunit` and on how far the
 * order is said to be, on no price. Undefined when there is nothing new, and for a row that is older than what is known,
 * or does not show what was filled.
 * @throws RangeError when the row contradicts the order
 */
export function executionReportOf(order: ComparedOrder, row: ListedOrder): ExecutionReport | undefined {
  const { filled } = row;
  if (filled === undefined) return undefined;
  const contradiction = contradictionOf(order, row);
  if (contradiction !== undefined) {
    throw new RangeError(`the broker's row ${row.reference ?? ""} has ${contradiction}`);
  }
  if (filled < order.filledQuantity) return undefined;
  const status = statusFrom(order, row.progress, filled);
  const averagePrice = filled === 0n ? undefined : usableAverage(row.averagePrice);
  const limitPrice = newLimitPrice(order, row.orderPrice);
  const isNews =
    status !== order.status ||
    filled !== order.filledQuantity ||
    limitPrice !== undefined ||
    (averagePrice !== undefined && (order.averageDerived || storedAverage(averagePrice) !== order.averageFillPrice));
  if (!isNews || !canFollow(order.status, status)) return undefined;
  return {
    status,
    filledQuantity: filled,
    averagePrice,
    isStated: false,
    exchangeOrderId: row.transactionId,
    limitPrice,
    reason: reasonOfEnd(status, row, order.quantity),
  };
}

/** The status of an order of which so much was filled. */
export function statusFrom(
  order: Pick<Order, "quantity">,
  progress: ListedProgress | undefined,
  filled: Lots,
): OrderStatus {
  if (filled === order.quantity) return "FILLED";
  switch (progress) {
    case "CANCELLED":
    case "EXPIRED":
      return progress;
    case "REJECTED":
      // What was filled in part cannot be refused as a whole.
      return filled > 0n ? "CANCELLED" : "REJECTED";
    // FILLED without everything filled is no end that can be believed.
    case "FILLED":
    case "OPEN":
    case undefined:
      return filled > 0n ? "PARTIALLY_FILLED" : "ACCEPTED";
  }
}

/** What the list shows is in force, whatever a request to change it was answered. A market order shows 0. */
function newLimitPrice({ limitPrice }: ComparedOrder, listed: Kurus | undefined): Kurus | undefined {
  if (limitPrice === undefined || listed === undefined || listed === 0n) return undefined;
  return listed === limitPrice ? undefined : listed;
}

function reasonOfEnd(status: OrderStatus, row: ListedOrder, quantity: Lots): Reason | undefined {
  const detail = row.description || "the broker gives no reason";
  switch (status) {
    case "REJECTED":
      return { code: "BROKER_REFUSED", detail };
    case "EXPIRED":
      return { code: "DAY_ORDER_EXPIRED", detail };
    case "CANCELLED":
      if (row.progress === "REJECTED") return { code: "BROKER_REFUSED", detail };
      return (row.filled ?? 0n) > 0n
        ? { code: "ENDED_IN_PART", detail: `${row.filled ?? 0n} of ${quantity} lots were filled (${detail})` }
        : { code: "BROKER_REPORT", detail };
    default:
      return undefined;
  }
}
