import type { Kurus } from "../../../packages/bist/price";
import type { Order } from "./order";
import type { Reason } from "./reason";

export const requestStatuses = ["PENDING", "SENT", "DONE", "REFUSED", "UNKNOWN"] as const;
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
}

/** Why a request cannot be made of an order any more. */
export const orderNotOpen = ({ status }: Pick<Order, "status">): Reason => ({
  code: "ORDER_NOT_OPEN",
  detail: `the order is ${status}`,
});
