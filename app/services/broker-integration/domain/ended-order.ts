import type { ExecutionReport } from "./execution-report";
import { contradictionOf, statusFrom } from "./execution-report";
import { usableAverage } from "./fill-price";
import type { ListedOrder } from "./listed-order";
import { canBeCorrected, isOpen } from "./order";
import type { Order } from "./order";
import type { Reason } from "./reason";

/** What of an order that ended is held against a later list. */
export type EndedOrder = Pick<
  Order,
  | "symbol"
  | "side"
  | "tradingDay"
  | "status"
  | "quantity"
  | "filledQuantity"
  | "averageDerived"
  | "exchangeOrderId"
  | "completedAt"
>;

/** What the broker's list says of an order that ended here. */
export interface SecondLook {
  /** In what it differs from what was believed at the end. */
  readonly differs: "filled" | "status" | undefined;
  /** What puts the order right: fills that are proven to be missing, or the price that was. */
  readonly correction: ExecutionReport | undefined;
}

/**
 * Compares an order that ended with its row in a list of the same day. Lots that the list has beyond those booked are
 * proven; lots that it no longer has, and another status, are for a person. Undefined when nothing is new, for a row that
 * cannot be read, and for a list that was asked for before the order ended.
 */
export function secondLookAt(order: EndedOrder, row: ListedOrder, listedAt: Date): SecondLook | undefined {
  const { filled } = row;
  if (filled === undefined || (order.completedAt ?? listedAt) >= listedAt) return undefined;
  if (contradictionOf(order, row) !== undefined || filled < order.filledQuantity) {
    return { differs: "filled", correction: undefined };
  }
  const average = filled === 0n ? undefined : usableAverage(row.averagePrice);
  if (filled > order.filledQuantity) return { differs: "filled", correction: corrected(order, filled, average) };
  const correction = order.averageDerived && average !== undefined ? corrected(order, filled, average) : undefined;
  const differs = row.progress !== undefined && statusFrom(order, row.progress, filled) !== order.status;
  return differs || correction !== undefined ? { differs: differs ? "status" : undefined, correction } : undefined;
}

/** What a later look adds to an order that ended; undefined where its status allows nothing more. */
export function corrected(
  order: EndedOrder,
  filled: bigint,
  averagePrice: string | undefined,
  isStated = false,
): ExecutionReport | undefined {
  const status = filled === order.quantity ? "FILLED" : order.status;
  if (isOpen(order.status) || !canBeCorrected(order.status, status)) return undefined;
  return {
    status,
    filledQuantity: filled,
    averagePrice,
    isStated,
    exchangeOrderId: order.exchangeOrderId,
    limitPrice: undefined,
    reason: reasonOfCorrection(order, filled),
  };
}

function reasonOfCorrection({ status, quantity, filledQuantity }: EndedOrder, filled: bigint): Reason | undefined {
  if (filled === filledQuantity) return undefined;
  if (filled === quantity) return { code: "FOUND_AT_BROKER", detail: "its fills were found after its end" };
  const code = status === "EXPIRED" ? "DAY_ORDER_EXPIRED" : "ENDED_IN_PART";
  return { code, detail: `${filled} of ${quantity} lots were filled, as was found after its end` };
}
