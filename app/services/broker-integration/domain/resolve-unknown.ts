import { istanbulDate } from "../../../packages/bist/calendar";
import { mayBeSameInstrument } from "../../../packages/bist/symbols";
import type { ListedOrder } from "./listed-order";
import type { Order } from "./order";

/** What was known when an answer was given up, and when the broker's list was asked for since. */
export interface Evidence {
  readonly rows: readonly ListedOrder[];
  /** When the list was asked for. */
  readonly listedAt: Date;
  /** References that belong to other orders. */
  readonly claimed: ReadonlySet<string>;
  /** When each reference was first seen. */
  readonly firstSeen: ReadonlyMap<string, Date>;
  /** References of another sub-account, which this one's list does not show. */
  readonly elsewhere: ReadonlySet<string>;
}

export interface ResolveRules {
  /** A list that was asked for sooner after the submission does not prove that the order is not there. */
  readonly resolveDelayMs: number;
  /** How far the broker's clock, which shows whole seconds, may be behind ours. */
  readonly clockSkewMs: number;
  /** Longest time that the broker takes to answer with its list. */
  readonly requestTimeoutMs: number;
}

export type Resolution =
  | { readonly outcome: "found"; readonly reference: string }
  /** Not received: the list that proves it was asked for late enough. */
  | { readonly outcome: "absent" }
  /** Nothing can be concluded yet. */
  | { readonly outcome: "waiting" }
  /** More than one row could be it: a person decides. "" stands for a row without a readable reference. */
  | { readonly outcome: "ambiguous"; readonly references: readonly string[] };

/** How surely a row is the order that is looked for: one that cannot be read in full may be, and never surely is. */
type Likeness = "yes" | "no" | "perhaps";

/**
 * Finds out what became of an order whose answer was not seen. The broker keeps no id of ours, so a row is the order's
 * when it asks for the same, came after the submission began, was not there before, and belongs to no other order. A
 * row that could be it, as far as it can be read, is never taken for the order and forbids to call it absent.
 */
export function resolveUnknown(order: Order, evidence: Evidence, rules: ResolveRules): Resolution {
  const { unknownAt } = order;
  if (order.submittingAt === undefined || unknownAt === undefined) {
    throw new RangeError(`order ${order.orderId} is ${order.status}; only an UNKNOWN order can be resolved`);
  }
  const found = new Set<string>();
  const possible: string[] = [];
  for (const row of evidence.rows) {
    const likeness = likenessOf(order, order.submittingAt, row, evidence, rules);
    if (likeness === "yes" && row.reference !== undefined) found.add(row.reference);
    else if (likeness !== "no") possible.push(row.reference ?? "");
  }
  const others = new Set(possible.filter((reference) => !found.has(reference)));
  const [reference] = found;
  if (reference === undefined) {
    const isLate = evidence.listedAt.getTime() - unknownAt.getTime() >= rules.resolveDelayMs;
    const proves = isLate && others.size === 0 && isListOf(order, evidence, rules);
    return { outcome: proves ? "absent" : "waiting" };
  }
  if (found.size + others.size > 1) return { outcome: "ambiguous", references: [...found, ...others] };
  return { outcome: "found", reference };
}

/**
 * Rows that surely would have been an order that was called absent, had they been listed before. The list that proves an
 * absence can be behind what the broker holds.
 */
export function rowsOfAbsent(order: Order, evidence: Evidence, rules: ResolveRules): string[] {
  const { submittingAt } = order;
  if (submittingAt === undefined) return [];
  return evidence.rows.flatMap((row) =>
    row.reference !== undefined && likenessOf(order, submittingAt, row, evidence, rules) === "yes"
      ? [row.reference]
      : [],
  );
}

/**
 * Whether the list is the order's day's, as far as that can be seen: it has every order that is known of the day and of its
 * sub-account, and was
 * answered before a midnight by any of the clocks. An empty answer would else prove the absence of all.
 */
function isListOf(
  { tradingDay }: Order,
  { rows, listedAt, claimed, firstSeen, elsewhere }: Evidence,
  { requestTimeoutMs, clockSkewMs }: ResolveRules,
): boolean {
  const answeredBy = listedAt.getTime() + requestTimeoutMs + clockSkewMs;
  if (tradingDay !== undefined && istanbulDate(answeredBy) !== tradingDay) return false;
  const shown = new Set(rows.map(({ reference }) => reference));
  const known = [...claimed, ...firstSeen.keys()];
  return known.every((reference) => shown.has(reference) || elsewhere.has(reference));
}

function likenessOf(
  order: Order,
  submittingAt: Date,
  row: ListedOrder,
  { listedAt, claimed, firstSeen }: Evidence,
  { clockSkewMs }: ResolveRules,
): Likeness {
  const { reference, receivedAt } = row;
  const isKnown =
    reference !== undefined && (claimed.has(reference) || (firstSeen.get(reference) ?? listedAt) < submittingAt);
  if (isKnown) return "no";
  return every([
    reference === undefined ? "perhaps" : "yes",
    compared(row.symbol, (symbol) => mayBeSameInstrument(symbol, order.symbol)),
    compared(row.side, (side) => side === order.side),
    compared(row.quantity, (quantity) => quantity === order.quantity),
    // What the list shows as the price of a market order is not documented.
    order.limitPrice === undefined ? "yes" : compared(row.orderPrice, (price) => price === order.limitPrice),
    likenessOfTime(receivedAt, submittingAt, clockSkewMs),
  ]);
}

/** A row that was never listed before the submission may be the order by a clock that is further behind than is known. */
const mostBehindMs = 600_000;

function likenessOfTime(receivedAt: Date | undefined, submittingAt: Date, clockSkewMs: number): Likeness {
  if (receivedAt === undefined) return "perhaps";
  const behindMs = submittingAt.getTime() - receivedAt.getTime();
  if (behindMs <= clockSkewMs) return "yes";
  return behindMs <= mostBehindMs ? "perhaps" : "no";
}

function compared<T>(value: T | undefined, matches: (value: T) => boolean): Likeness {
  if (value === undefined) return "perhaps";
  return matches(value) ? "yes" : "no";
}

function every(parts: readonly Likeness[]): Likeness {
  if (parts.includes("no")) return "no";
  return parts.includes("perhaps") ? "perhaps" : "yes";
}
