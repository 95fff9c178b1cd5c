import type { Kurus } from "../../../packages/bist/price";

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
  readonly reason: string | undefined;
  readonly createdAt: Date;
  readonly sentAt: Date | undefined;
}
