import type { Side } from "./order";

export type ListedState = "OPEN" | "PARTIALLY_FILLED" | "FILLED" | "CANCELLED" | "REJECTED" | "EXPIRED";

/** One order of today as the broker lists it. Amounts are decimal text. */
export interface ListedOrder {
  readonly reference: string;
  /** The exchange's own id. */
  readonly transactionId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly remaining: string;
  /** Average price of what was filled; "0" while nothing is. */
  readonly averagePrice: string;
  /** The price that the order asks for; "0" or nothing for a market order. */
  readonly orderPrice: string;
  /** When the broker took it, to the second; undefined when its text is not a time. */
  readonly receivedAt: Date | undefined;
  readonly state: ListedState;
  readonly description: string;
}
