import type { Lots } from "../../../packages/bist/lots";
import type { Kurus } from "../../../packages/bist/price";
import { mayBeSameInstrument } from "../../../packages/bist/symbols";

export type Side = "BUY" | "SELL";

export const orderStatuses = [
  "CREATED",
  "SUBMITTING",
  "UNKNOWN",
  "ACCEPTED",
  "PARTIALLY_FILLED",
  "FILLED",
  "CANCELLED",
  "REJECTED",
  "EXPIRED",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Something can still follow. */
export const unfinishedStatuses = [
  "CREATED",
  "SUBMITTING",
  "UNKNOWN",
  "ACCEPTED",
  "PARTIALLY_FILLED",
] as const satisfies readonly OrderStatus[];
export type UnfinishedStatus = (typeof unfinishedStatuses)[number];

/** What may follow what; the database refuses anything else too. An order that was sent is never sent again. */
export const transitions = {
  /** Durable, not sent. */
  CREATED: ["SUBMITTING", "REJECTED", "CANCELLED"],
  /** About to be sent, being sent, or just sent. */
  SUBMITTING: ["ACCEPTED", "REJECTED", "UNKNOWN"],
  /** Sent perhaps, the outcome was not seen; or open when its day ended, and its end was not seen. */
  UNKNOWN: ["ACCEPTED", "FILLED", "CANCELLED", "REJECTED", "EXPIRED"],
  /** Known to the broker, open; again when its price changes. */
  ACCEPTED: ["ACCEPTED", "PARTIALLY_FILLED", "FILLED", "CANCELLED", "REJECTED", "EXPIRED", "UNKNOWN"],
  PARTIALLY_FILLED: ["PARTIALLY_FILLED", "FILLED", "CANCELLED", "EXPIRED", "UNKNOWN"],
  FILLED: [],
  CANCELLED: [],
  REJECTED: [],
  EXPIRED: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>;

/** What an order that ended may be put right to, by fills and prices that the broker gives later. */
export const corrections = {
  FILLED: ["FILLED"],
  CANCELLED: ["CANCELLED", "FILLED"],
  EXPIRED: ["EXPIRED", "FILLED"],
} as const satisfies Partial<Record<OrderStatus, readonly OrderStatus[]>>;

export function canBeCorrected(from: OrderStatus, to: OrderStatus): boolean {
  return ((corrections as Partial<Record<OrderStatus, readonly OrderStatus[]>>)[from] ?? []).includes(to);
}

export function canFollow(from: OrderStatus, to: OrderStatus): boolean {
  return (transitions[from] as readonly OrderStatus[]).includes(to);
}

/** Nothing follows any more. */
export function isFinal(status: OrderStatus): boolean {
  return transitions[status].length === 0;
}

/** The broker works on it and knows its reference. */
export function isOpen(status: OrderStatus): status is "ACCEPTED" | "PARTIALLY_FILLED" {
  return status === "ACCEPTED" || status === "PARTIALLY_FILLED";
}

/** What is not known of an order in doubt: whether it arrived, or how it ended. */
export const doubts = ["answer", "end"] as const;
export type Doubt = (typeof doubts)[number];

/** One that has a reference had arrived, and was open when its day ended. */
export const doubtOf = ({ brokerReference }: Pick<Order, "brokerReference">): Doubt =>
  brokerReference === undefined ? "answer" : "end";

/** What an order asks for. */
export interface OrderTerms {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: Lots;
  /** Undefined for a market order. */
  readonly limitPrice: Kurus | undefined;
}

export interface Order extends OrderTerms {
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly userId: string;
  readonly accountId: string;
  readonly filledQuantity: Lots;
  /** Decimal text, six places; undefined until something was filled. */
  readonly averageFillPrice: string | undefined;
  /** Whether the broker has given no price of what was filled last: the average is assumed. */
  readonly averageDerived: boolean;
  readonly status: OrderStatus;
  /** Why it is in its status: `CODE: text`, see `Reason`. */
  readonly statusReason: string | undefined;
  readonly version: number;
  /** Istanbul date of the submission. */
  readonly tradingDay: string | undefined;
  readonly brokerReference: string | undefined;
  readonly exchangeOrderId: string | undefined;
  readonly createdAt: Date;
  readonly submittingAt: Date | undefined;
  readonly unknownAt: Date | undefined;
  readonly updatedAt: Date;
  readonly completedAt: Date | undefined;
  /** The trace in which it was placed, where that was traced. */
  readonly traceparent: string | undefined;
}

/**
 * Whether two orders are indistinguishable in the broker's list, which carries no id of ours. What the list shows as the
 * price of a market order is not documented, so a market order looks like one at any price.
 */
export function looksLike(one: OrderTerms, other: OrderTerms): boolean {
  return (
    mayBeSameInstrument(one.symbol, other.symbol) &&
    one.side === other.side &&
    one.quantity === other.quantity &&
    (one.limitPrice === undefined || other.limitPrice === undefined || one.limitPrice === other.limitPrice)
  );
}
