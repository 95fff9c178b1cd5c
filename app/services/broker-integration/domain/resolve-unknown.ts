import { parseLots } from "../../../packages/bist/lots";
import { parsePrice } from "../../../packages/bist/price";
import type { ListedOrder } from "./listed-order";
import { looksLike } from "./order";
import type { Order, OrderTerms } from "./order";

/** What was known when an answer was given up, and when the broker's list was asked for since. */
export interface Evidence {
  readonly rows: readonly ListedOrder[];
  /** When the list was asked for. */
  readonly listedAt: Date;
  /** References that belong to other orders. */
  readonly claimed: ReadonlySet<string>;
  /** When each reference was first seen. */
  readonly firstSeen: ReadonlyMap<string, Date>;
}

export interface ResolveRules {
  /** A list that was asked for sooner after the submission does not prove that the order is not there. */
  readonly resolveDelayMs: number;
  /** How far the broker's clock, which shows whole seconds, may be behind ours. */
  readonly clockSkewMs: number;
}

export type Resolution =
  | { readonly outcome: "found"; readonly row: ListedOrder }
  /** Not received: the list that proves it was asked for late enough. */
  | { readonly outcome: "absent" }
  /** Nothing can be concluded yet. */
  | { readonly outcome: "waiting" }
  /** More than one row could be it: a person decides. */
  | { readonly outcome: "ambiguous"; readonly references: readonly string[] };

/**
 * Finds out what became of an order whose answer was not seen. The broker keeps no id of ours, so a row is the order's
 * when it asks for the same, came after the submission began, was not there before, and belongs to no other order.
 */
export function resolveUnknown(order: Order, evidence: Evidence, rules: ResolveRules): Resolution {
  const { submittingAt, unknownAt } = order;
  if (submittingAt === undefined || unknownAt === undefined) {
    throw new RangeError(`order ${order.orderId} is ${order.status}; only an UNKNOWN order can be resolved`);
  }
  const candidates = evidence.rows.filter(
    (row) =>
      looksLike(order, termsOf(row)) &&
      !evidence.claimed.has(row.reference) &&
      !((evidence.firstSeen.get(row.reference) ?? evidence.listedAt) < submittingAt) &&
      receivedAtOf(row).getTime() >= submittingAt.getTime() - rules.clockSkewMs,
  );
  const [row, ...others] = new Map(candidates.map((candidate) => [candidate.reference, candidate])).values();
  if (row && others.length > 0) {
    return { outcome: "ambiguous", references: [row, ...others].map(({ reference }) => reference) };
  }
  if (row) return { outcome: "found", row };
  const proves = evidence.listedAt.getTime() - unknownAt.getTime() >= rules.resolveDelayMs;
  return { outcome: proves ? "absent" : "waiting" };
}

/** A row without a readable time proves nothing: it must neither be taken for the order nor count as another one. */
function receivedAtOf({ reference, receivedAt }: ListedOrder): Date {
  if (receivedAt === undefined) throw new RangeError(`the broker's row ${reference} has no readable time`);
  return receivedAt;
}

function termsOf(row: ListedOrder): OrderTerms {
  return {
    symbol: row.symbol,
    side: row.side,
    quantity: parseLots(row.quantity),
    limitPrice: parsePrice(row.orderPrice || "0"),
  };
}
