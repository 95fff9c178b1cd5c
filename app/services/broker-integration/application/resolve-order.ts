import { Decimal } from "decimal.js";
import type { PoolClient } from "pg";
import { istanbulDate } from "../../../packages/bist/calendar";
import type { ResolvedOrder, ResolveOrderAnswer } from "../../../packages/contract/order-resolution";
import { announce } from "../../../packages/kit/database/announcements";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { workChannel } from "../domain/channels";
import { lastFillAt } from "../domain/day-end";
import type { Hours } from "../domain/day-end";
import type { Step } from "../domain/fill-price";
import { contradictionsOf, reportOfFinding, resolvedByOperator } from "../domain/manual-resolution";
import type { Finding } from "../domain/manual-resolution";
import type { Order } from "../domain/order";
import { requestOutcomeOf } from "../domain/order-request";
import { accountOfUser } from "../store/accounts";
import { orderSums } from "../store/executions";
import { findOrder, lockOrder, otherOrderWithReference, transitionOrder } from "../store/orders";
import { recordReport } from "../store/record-report";
import type { Recorded } from "../store/record-report";
import { changeRequest, openRequest } from "../store/requests";
import { findResolution, insertResolution } from "../store/resolutions";
import type { StoredResolution } from "../store/resolutions";

/** What an operator says of an order in doubt. */
export interface Resolution extends Finding {
  readonly orderId: string;
  /** The order's version that the operator judged; undefined for the one that it has. */
  readonly version: number | undefined;
  /** Which of the broker's records says so. */
  readonly evidence: string;
  readonly operator: string;
}

export interface ResolvingOptions {
  /** By which fills are made and settle. */
  readonly hours: Hours;
  /** Does all of it, and rolls it back. */
  readonly dryRun: boolean;
}

/** Ends a transaction that must change nothing, with what it would have answered. */
class DryRun extends Error {
  constructor(readonly order: ResolvedOrder) {
    super("a dry run changes nothing");
  }
}

/**
 * Settles an order in doubt by what an operator read at the broker: the order, its fills, their transaction and events,
 * and the operator's evidence commit together. The same said twice is done once.
 */
export async function resolveOrder(
  database: Database,
  resolution: Resolution,
  { hours, dryRun }: ResolvingOptions,
): Promise<ResolveOrderAnswer> {
  const known = await database.as("system", (tx) => findOrder(tx, resolution.orderId));
  if (known === undefined) return refused([`there is no order ${resolution.orderId}`]);
  try {
    return await database.as({ userId: known.userId }, async (tx) => {
      const answer = await resolve(tx, resolution, hours);
      if (dryRun && answer.outcome === "resolved") throw new DryRun(answer.order);
      return answer;
    });
  } catch (error) {
    if (error instanceof DryRun) return { outcome: "possible", order: error.order };
    throw error;
  }
}

const refused = (reasons: readonly string[]): ResolveOrderAnswer => ({ outcome: "refused", reasons: [...reasons] });

async function resolve(tx: PoolClient, resolution: Resolution, hours: Hours): Promise<ResolveOrderAnswer> {
  const order = await lockOrder(tx, resolution.orderId);
  if (order === undefined) return refused([`there is no order ${resolution.orderId}`]);
  if (order.status !== "UNKNOWN") return resolvedBefore(tx, order, resolution);
  const { version, reference, evidence, operator } = resolution;
  if (version !== undefined && version !== order.version) {
    return refused([`it has changed meanwhile, from version ${version} to ${order.version}: look at it again`]);
  }
  const contradictions = contradictionsOf(order, resolution, {
    pricesAsked: (await orderSums(tx, order.orderId)).pricesAsked,
    ownerOfReference: reference === undefined ? undefined : await otherOrderWithReference(tx, order, reference),
  });
  if (contradictions.length > 0) return refused(contradictions);
  const { order: ended, step } = await end(tx, order, resolution, hours);
  await closeRequest(tx, ended);
  const stored: StoredResolution = {
    orderId: order.orderId,
    userId: order.userId,
    from: order.status,
    to: resolution.status,
    version: order.version,
    filledBefore: order.filledQuantity.toString(),
    filledQuantity: ended.filledQuantity.toString(),
    averageFillPrice: ended.averageFillPrice ?? null,
    brokerReference: ended.brokerReference ?? null,
    evidence,
    operator,
  };
  await insertResolution(tx, stored);
  // Orders that look the same waited for it.
  announce(tx, workChannel, order.accountId);
  const settles = step && { ...step, settlementDate: hours.calendar.settlementDate(ended.tradingDay ?? "") };
  return { outcome: "resolved", order: resolvedOrder(ended, stored, settles) };
}

/**
 * As reconciliation does: an order that turns out to be at the broker is found first, and moves on by a report. What was
 * filled on a day that is over was filled by its end.
 */
async function end(
  tx: PoolClient,
  order: Order,
  finding: Finding,
  hours: Hours,
): Promise<Pick<Recorded, "order" | "step">> {
  const { status, reference } = finding;
  const reason = resolvedByOperator;
  if (status === "REJECTED") {
    const found = reference === undefined ? { status, reason } : { status, reason, brokerReference: reference };
    return { order: await transitionOrder(tx, order, found), step: undefined };
  }
  const isFound = reference !== undefined && order.brokerReference === undefined;
  const found = isFound
    ? await transitionOrder(tx, order, { status: "ACCEPTED", reason, brokerReference: reference })
    : order;
  const { accountId, userId, tradingDay = "" } = order;
  const account = (await accountOfUser(tx, userId)) ?? { accountId, userId, subAccount: "" };
  const isOver = tradingDay !== "" && tradingDay < istanbulDate((await databaseTime(tx)).getTime());
  const executedAt = isOver ? new Date(lastFillAt(tradingDay, hours)) : undefined;
  return recordReport(tx, account, hours.calendar, found, reportOfFinding(found, finding), executedAt);
}

/** A wish to change the order is answered by how it ended. */
async function closeRequest(tx: PoolClient, ended: Order): Promise<void> {
  const request = await openRequest(tx, ended.orderId);
  if (request === undefined) return;
  const nothingListed = { row: undefined, said: undefined, listedAt: ended.updatedAt };
  const outcome = requestOutcomeOf(request, ended, nothingListed, 0);
  if (outcome !== undefined) await changeRequest(tx, request, outcome.status, outcome.reason);
}

/** The second run of what was cut short between its commit and its answer; anything else comes too late. */
async function resolvedBefore(tx: PoolClient, order: Order, wanted: Resolution): Promise<ResolveOrderAnswer> {
  const before = await findResolution(tx, order.orderId);
  if (before !== undefined && isSame(before, order, wanted)) {
    return { outcome: "resolved before", order: resolvedOrder(order, before, undefined) };
  }
  const how = before === undefined ? "" : `: ${before.operator} settled it`;
  return refused([`it is not in doubt any more: it is ${order.status} since version ${order.version}${how}`]);
}

function isSame(before: StoredResolution, order: Order, wanted: Resolution): boolean {
  const { status, filled, average, reference, repricedTo, evidence, operator } = wanted;
  return (
    before.to === status &&
    before.evidence === evidence &&
    before.operator === operator &&
    BigInt(before.filledQuantity) === (filled ?? (status === "FILLED" ? order.quantity : 0n)) &&
    (average === undefined || new Decimal(average).eq(before.averageFillPrice ?? 0)) &&
    (repricedTo === undefined || repricedTo === order.limitPrice) &&
    (reference === undefined || reference === before.brokerReference)
  );
}

type Settling = Step & { readonly settlementDate: string };

function resolvedOrder(order: Order, stored: StoredResolution, settling: Settling | undefined): ResolvedOrder {
  const quantity = order.quantity.toString();
  if (settling === undefined) return { ...stored, quantity, execution: null };
  const { quantity: filled, price, derived: priceDerived, settlementDate } = settling;
  return { ...stored, quantity, execution: { quantity: filled.toString(), price, priceDerived, settlementDate } };
}
