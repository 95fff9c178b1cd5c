import type { Kurus } from "../../../packages/bist/price";
import type { ListedOrder } from "./listed-order";
import { isFinal } from "./order";
import type { Order } from "./order";
import type { Reason } from "./reason";

export const requestStatuses = ["PENDING", "SENT", "DONE", "REFUSED", "UNKNOWN"] as const;
/** SENT is under way until the broker's list shows its outcome, also when the broker acknowledged it. */
export type RequestStatus = (typeof requestStatuses)[number];

/** A wish to cancel or reprice an open order. */
export interface OrderRequest {
  readonly requestId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly accountId: string;
  readonly kind: "CANCEL" | "MODIFY";
  /** The new price of a MODIFY. */
  readonly price: Kurus | undefined;
  readonly status: RequestStatus;
  /** Why it is in its status: `CODE: text`, see `Reason`. */
  readonly reason: string | undefined;
  readonly createdAt: Date;
  readonly sentAt: Date | undefined;
  /** When it was DONE or REFUSED. */
  readonly completedAt: Date | undefined;
  /** Whether the broker refused an earlier one of the kind for the order: its list may still say so. */
  readonly refusedBefore: boolean;
}

/** Why a request cannot be made of an order any more. */
export const orderNotOpen = ({ status }: Pick<Order, "status">): Reason => ({
  code: "ORDER_NOT_OPEN",
  detail: `the order is ${status}`,
});

/** What the broker's list says of requests for an order. */
export interface RequestEvidence {
  /** The order's row; undefined where the list has none. */
  readonly row: ListedOrder | undefined;
  /** What the row's description says of the last request. */
  readonly said: "CANCEL_REFUSED" | "MODIFY_REFUSED" | "WAITING" | undefined;
  /** When the list was asked for. */
  readonly listedAt: Date;
}

/** How much longer a request may take that the list shows as waiting, or whose order the list does not show in full. */
const patience = 10;

/**
 * What became of a request that was sent. It is done when the list says so: the order is cancelled, or has the new price.
 * @param order brought up to the list before
 * @returns undefined while it is under way
 */
export function requestOutcomeOf(
  request: OrderRequest,
  order: Order,
  { row, said, listedAt }: RequestEvidence,
  resolveDelayMs: number,
): { readonly status: "DONE" | "REFUSED"; readonly reason?: Reason } | undefined {
  const isDone = request.kind === "CANCEL" ? order.status === "CANCELLED" : order.limitPrice === request.price;
  if (isDone) return { status: "DONE" };
  if (isFinal(order.status)) return { status: "REFUSED", reason: orderNotOpen(order) };
  if (order.status === "UNKNOWN") {
    return {
      status: "REFUSED",
      reason: { code: "NOT_APPLIED", detail: "the day ended before the broker's list showed it" },
    };
  }
  const waitedMs = listedAt.getTime() - (request.sentAt?.getTime() ?? 0);
  if (said === `${request.kind}_REFUSED` && waitedMs > 0 && (!request.refusedBefore || waitedMs >= resolveDelayMs)) {
    return { status: "REFUSED", reason: { code: "BROKER_REFUSED", detail: row?.description ?? "" } };
  }
  const isShown = request.kind === "CANCEL" ? row?.progress !== undefined : row?.orderPrice !== undefined;
  const limitMs = isShown && said !== "WAITING" ? resolveDelayMs : resolveDelayMs * patience;
  if (waitedMs < limitMs) return undefined;
  return { status: "REFUSED", reason: { code: "NOT_APPLIED", detail: "the broker's list does not show it" } };
}
