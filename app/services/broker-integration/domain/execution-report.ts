import { Decimal } from "decimal.js";
import { parseLots } from "../../../packages/bist/lots";
import type { Lots } from "../../../packages/bist/lots";
import type { ListedOrder, ListedState } from "./listed-order";
import { canFollow } from "./order";
import type { Order, OrderStatus } from "./order";
import type { Reason, ReasonCode } from "./reason";

const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN });

/** What the broker's list says beyond what is known of an order. */
export interface ExecutionReport {
  readonly status: OrderStatus;
  readonly filledQuantity: Lots;
  readonly averageFillPrice: string | undefined;
  readonly exchangeOrderId: string;
  readonly reason: Reason | undefined;
  /** The fills since the last look, as one: the broker reports sums only. */
  readonly execution: { readonly quantity: Lots; readonly price: string } | undefined;
}

const statusOf = {
  OPEN: "ACCEPTED",
  PARTIALLY_FILLED: "PARTIALLY_FILLED",
  FILLED: "FILLED",
  CANCELLED: "CANCELLED",
  REJECTED: "REJECTED",
  EXPIRED: "EXPIRED",
} as const satisfies Record<ListedState, OrderStatus>;

/** Of the states that say why an order ended. */
const reasonCodes: Partial<Record<ListedState, ReasonCode>> = {
  REJECTED: "BROKER_REFUSED",
  EXPIRED: "DAY_ORDER_EXPIRED",
};

/**
 * Compares an open order with its row in the broker's list. Undefined when there is nothing new, and for a row that is
 * older than what is known.
 * @throws RangeError when the row contradicts the order
 */
export function executionReportOf(order: Order, row: ListedOrder): ExecutionReport | undefined {
  const filledQuantity = row.state === "FILLED" ? order.quantity : parseLots(row.quantity) - parseLots(row.remaining);
  if (filledQuantity < order.filledQuantity) return undefined;
  if (parseLots(row.quantity) !== order.quantity || filledQuantity > order.quantity) {
    throw new RangeError(
      `the broker's row ${row.reference} has ${row.quantity} lots, ${row.remaining} of them left; the order has ${order.quantity}`,
    );
  }
  const status = statusFrom(order, row.state, filledQuantity);
  if (status === order.status && filledQuantity === order.filledQuantity) return undefined;
  if (!canFollow(order.status, status)) return undefined;
  const filled = { filledQuantity, averageFillPrice: averageOf(filledQuantity, row) };
  return {
    ...filled,
    status,
    exchangeOrderId: row.transactionId,
    reason:
      row.description === "" ? undefined : { code: reasonCodes[row.state] ?? "BROKER_REPORT", detail: row.description },
    execution: step(order, filled),
  };
}

function statusFrom(order: Order, state: ListedState, filled: Lots): OrderStatus {
  if (filled === order.quantity) return "FILLED";
  const status = statusOf[state];
  if (filled === 0n) return status;
  // What was filled in part can end, and cannot become as new or be refused as a whole.
  if (status === "REJECTED") return "CANCELLED";
  return status === "ACCEPTED" ? "PARTIALLY_FILLED" : status;
}

function averageOf(filled: Lots, row: ListedOrder): string | undefined {
  if (filled === 0n) return undefined;
  const average = new Exact(row.averagePrice);
  if (!average.isPositive() || average.isZero()) {
    throw new RangeError(`the broker's row ${row.reference} has fills at a price of ${row.averagePrice}`);
  }
  return average.toFixed(6);
}

/** The price of the step that leads from one average to the next. */
function step(
  order: Order,
  now: Pick<ExecutionReport, "filledQuantity" | "averageFillPrice">,
): ExecutionReport["execution"] {
  const quantity = now.filledQuantity - order.filledQuantity;
  if (quantity === 0n || now.averageFillPrice === undefined) return undefined;
  const before = new Exact(order.averageFillPrice ?? 0).times(order.filledQuantity.toString());
  const after = new Exact(now.averageFillPrice).times(now.filledQuantity.toString());
  return { quantity, price: after.minus(before).dividedBy(quantity.toString()).toFixed(6) };
}
