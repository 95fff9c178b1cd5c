import type { Order, Quote } from "./types";

/** Whether an instant is after another; their texts may have different offsets. */
export const isAfter = (one: string, other: string) => Date.parse(one) > Date.parse(other);

/**
 * Whether a quote says more than the known one of its symbol. After a reconnection another replica answers, which may be behind;
 * a late trade adds to the day under the same time.
 */
export function isNewer(quote: Quote, known: Quote | undefined): boolean {
  if (known === undefined || isAfter(quote.timestamp, known.timestamp)) return true;
  return !isAfter(known.timestamp, quote.timestamp) && quote.sequence > known.sequence;
}

/** Takes each order that is newer than the known one: answers and messages come in any order, and more than once. */
export function takeNewer(known: Map<string, Order>, news: readonly Order[]): void {
  for (const order of news) {
    const { version = -Infinity } = known.get(order.orderId) ?? {};
    if (order.version > version) known.set(order.orderId, order);
  }
}
