import { doubtfulOrdersSchema, resolveOrderAnswerSchema } from "../../app/packages/contract/order-resolution";
import type { DoubtfulOrder, ResolvedOrder, ResolvedStatus } from "../../app/packages/contract/order-resolution";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { runOnce } from "./run-once";

/** Orders whose outcome is not known, oldest first, and how many there are in all. */
export async function doubtfulOrders(
  context: Context,
): Promise<{ readonly orders: readonly DoubtfulOrder[]; readonly total: number }> {
  return doubtfulOrdersSchema.parse(await runOnce(context, { command: "doubtful-orders" }));
}

/** An order as its terms read, with a market order's price as such. */
export function inWords({ side, quantity, symbol, price }: DoubtfulOrder): string {
  return `${side} ${quantity} ${symbol} ${price === null ? "at the market" : `at ${price}`}`;
}

/** What decides an order in doubt, and where an operator finds it. */
export function whatDecides({ decidedBy, tradingDay, brokerReference }: DoubtfulOrder): string {
  const sought = brokerReference === null ? "a row of the same share, side and quantity" : `the row ${brokerReference}`;
  return decidedBy === "BROKER_SCREEN"
    ? `${sought} on the broker's screen of today's orders, or none`
    : `the account statement of ${tradingDay ?? "its day"}: ${sought} for what was filled, none if nothing was`;
}

/** What an operator says of an order. */
export interface Verdict {
  readonly orderId: string;
  readonly as: ResolvedStatus;
  /** Lots, in all. */
  readonly filled?: string;
  /** Average price of all lots filled. */
  readonly average?: string;
  readonly reference?: string;
  /** Price that the order had last at the broker, where it was not changed from here. */
  readonly repricedTo?: string;
  readonly evidence: string;
}

export interface ResolutionPlan {
  readonly verdict: Verdict;
  /** As it would be, or is. */
  readonly order: ResolvedOrder;
  /** The same was said before by the same operator, and is so. */
  readonly done: boolean;
}

/** Tries a verdict on the order as it is now. @throws OperationError with `refused` when it contradicts what is known */
export async function planResolution(context: Context, verdict: Verdict): Promise<ResolutionPlan> {
  const answer = await resolve(context, verdict, ["--dry-run"]);
  return { verdict, order: answer.order, done: answer.outcome === "resolved before" };
}

/** Settles an order as planned. @throws OperationError with `refused` when it has changed since */
export async function resolveAsPlanned(context: Context, { verdict, order }: ResolutionPlan): Promise<ResolvedOrder> {
  return (await resolve(context, verdict, [`--version=${order.version}`])).order;
}

async function resolve(context: Context, verdict: Verdict, more: readonly string[]) {
  const { orderId, as, filled, average, reference, repricedTo, evidence } = verdict;
  const changed = { "repriced-to": repricedTo };
  const given = { as, filled, average, reference, ...changed, evidence, operator: await context.platform.operator() };
  const options = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  const answer = resolveOrderAnswerSchema.parse(
    await runOnce(context, { command: "resolve-order", args: [orderId, ...options, ...more] }),
  );
  if (answer.outcome === "refused") throw refused(`${orderId} cannot be ${as}: ${answer.reasons.join("; ")}`);
  return answer;
}

/** What a resolution does, a line each. */
export function linesOf({ orderId, from, to, filledBefore, ...order }: ResolvedOrder): readonly string[] {
  const { filledQuantity, quantity, averageFillPrice, brokerReference, execution } = order;
  const price = averageFillPrice === null ? "" : ` at ${averageFillPrice} on average`;
  const reference = brokerReference === null ? "" : `, reference ${brokerReference}`;
  return [
    `order ${orderId}: ${from} to ${to}, ${filledQuantity} of ${quantity} lots filled${price}${reference}`,
    execution === null
      ? `no fill beyond the ${filledBefore} lots known`
      : `an execution of ${execution.quantity} lots at ${execution.price}${execution.priceDerived ? " (derived)" : ""}, and its transaction, settled on ${execution.settlementDate}`,
  ];
}
