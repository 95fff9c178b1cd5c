import type { Lots } from "../../../packages/bist/lots";
import type { Kurus } from "../../../packages/bist/price";
import type { Side } from "./order";

/** How far the broker says that an order is; a part fill that ended is CANCELLED or EXPIRED. */
export type ListedProgress = "OPEN" | "FILLED" | "CANCELLED" | "EXPIRED" | "REJECTED";

/** One order of today as the broker lists it. What cannot be read is undefined. */
export interface ListedOrder {
  readonly reference: string | undefined;
  /** The exchange's own id; "" where there is none. */
  readonly transactionId: string;
  readonly symbol: string | undefined;
  readonly side: Side | undefined;
  readonly quantity: Lots | undefined;
  /** What was filled so far. */
  readonly filled: Lots | undefined;
  /** Average price of what was filled, rounded by the broker; "0" while nothing is. */
  readonly averagePrice: string | undefined;
  /** The price that the order asks for; 0 for a market order. */
  readonly orderPrice: Kurus | undefined;
  /** When the broker took it, to the second. */
  readonly receivedAt: Date | undefined;
  readonly progress: ListedProgress | undefined;
  readonly description: string;
}
