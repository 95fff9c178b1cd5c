import { isDeepStrictEqual } from "node:util";
import { requestState } from "../../../packages/algolab/broker-order";
import type { BrokerOrder } from "../../../packages/algolab/broker-order";
import { istanbulDate } from "../../../packages/bist/calendar";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";
import { databaseTime } from "../../../packages/kit/database/database";
import { noneSeen, noteList, noteReferences, seenReferences } from "../store/broker-orders";
import { transitionOrder, claimedReferences, lockOrder, ordersNotReceived, watchedOrders } from "../store/orders";
import type { WatchedOrder } from "../store/orders";
import { recordReport } from "../store/record-report";
import { changeRequest, requestsOfAccount } from "../store/requests";
import { requestOutcomeOf } from "../domain/order-request";
import type { OrderRequest } from "../domain/order-request";
import type { PoolClient } from "pg";
import { secondLookAt } from "../domain/ended-order";
import { isFinal, isOpen } from "../domain/order";
import type { Order } from "../domain/order";
import { executionReportOf } from "../domain/execution-report";
import type { ExecutionReport } from "../domain/execution-report";
import type { ListedOrder } from "../domain/listed-order";
import { resolveUnknown, rowsOfAbsent } from "../domain/resolve-unknown";
import type { Evidence } from "../domain/resolve-unknown";
import { noteUnreadable } from "./unreadable";

/** The broker's list of the day, and what it is judged by. */
interface Listing extends Evidence {
  readonly today: string;
  readonly byReference: ReadonlyMap<string, ListedOrder>;
}

/** What a list left open. */
export interface Reconciled {
  /** How many orders the broker lists that were not placed here. */
  readonly unclaimed: number;
  /** Whether orders of today are taken for not received, or may be by now: a later list can show them after all. */
  readonly mayBeLate: boolean;
}

/**
 * Reads the broker's list and brings every order of today up to it: resolves what is UNKNOWN, records fills and ends,
 * and what became of requests. An order that makes trouble does not hold up the others.
 */
export async function reconcile(context: AccountContext): Promise<Reconciled> {
  const { account, session, metrics, log, failpoint } = context;
  const listedAt = await databaseTime(context.database);
  const rows = await session.todaysOrders(account.subAccount);
  noteUnreadable(context, "TodaysTransaction", rows);
  failpoint("reconcile.listed");
  const today = istanbulDate(listedAt.getTime());
  const byReference = rowsByReference(context, rows);
  const { watched, requests, known, unheardOf, seen, absent } = await asUser(context, async (tx) => {
    const known = await claimedReferences(tx, account.accountId, today);
    // Those of orders from here were noted when the broker gave them.
    const others = [...byReference.keys()].filter((reference) => !known.has(reference));
    const unheardOf = await noteReferences(tx, account, today, others);
    const watched = await watchedOrders(tx, account.accountId, today);
    const inDoubt = watched.some(({ status }) => status === "UNKNOWN");
    return {
      known,
      unheardOf,
      watched,
      // Before what is new counts as heard of for good: a failure below costs no comparison.
      absent: await ordersNotReceived(tx, account.accountId, today),
      seen: inDoubt ? await seenReferences(tx, account, today) : noneSeen,
      requests: await requestsOfAccount(tx, account.accountId),
    };
  });
  const claimed = new Set(known);
  let isFull = true;
  for (const order of watched) {
    const { orderId } = order;
    try {
      if (isFinal(order.status)) {
        const row = byReference.get(order.brokerReference ?? "");
        if (row && secondLookAt(order, row, listedAt)) await lookAgain(context, orderId, row, listedAt);
        continue;
      }
      if (isOpen(order.status) && !showsInFull(byReference.get(order.brokerReference ?? ""))) isFull = false;
      if (hasNoNews(order, byReference)) continue;
      const listing = { rows, listedAt, today, claimed, ...seen, byReference };
      const reference = await reconcileOrder(context, orderId, listing);
      if (reference !== undefined) claimed.add(reference);
    } catch (error) {
      isFull = false;
      // A row that contradicts its order is understood no better than one that cannot be read.
      if (error instanceof RangeError) metrics.unreadable.inc({ endpoint: "TodaysTransaction", field: "row" });
      log.error({ orderId, error: (error as Error).message }, "an order could not be reconciled");
    }
  }
  for (const request of requests) {
    if (request.status === "PENDING") continue;
    try {
      await resolveRequest(context, request, byReference, listedAt);
    } catch (error) {
      const { requestId } = request;
      log.error({ requestId, error: (error as Error).message }, "what became of a request could not be recorded");
    }
  }
  const news = rows.filter(({ reference = "" }) => unheardOf.has(reference) && !claimed.has(reference));
  compareWithAbsent(context, absent, { rows: news, listedAt, claimed, ...seen });
  // An order whose day ends is believed to have ended as it was listed last, when that was after the session.
  if (isFull) await asUser(context, (tx) => noteList(tx, account, today, listedAt));
  const unclaimed = [...byReference.keys()].filter((reference) => !claimed.has(reference));
  if (unclaimed.length > 0) log.warn({ unclaimed }, "the broker lists orders that were not placed here");
  failpoint("reconcile.recorded");
  const inDoubt = watched.some(({ status, brokerReference }) => status === "UNKNOWN" && brokerReference === undefined);
  return { unclaimed: unclaimed.length, mayBeLate: inDoubt || absent.length > 0 };
}

/** Rows of one reference that say different things of it say nothing: neither is believed. */
function rowsByReference(
  { metrics, log }: AccountContext,
  rows: readonly BrokerOrder[],
): ReadonlyMap<string, BrokerOrder> {
  const byReference = new Map<string, BrokerOrder>();
  for (const row of rows) {
    const { reference } = row;
    if (reference === undefined) continue;
    const other = byReference.get(reference);
    if (other === undefined || isDeepStrictEqual(other, row)) {
      byReference.set(reference, row);
      continue;
    }
    byReference.set(reference, { ...row, filled: undefined, progress: undefined });
    metrics.unreadable.inc({ endpoint: "TodaysTransaction", field: "row" });
    log.error({ reference }, "the broker's rows of one order contradict each other");
  }
  return byReference;
}

const showsInFull = (row: ListedOrder | undefined): boolean => row?.filled !== undefined && row.progress !== undefined;

/** Most open orders are as they were: that is seen without a transaction for each. Their references are claimed already. */
function hasNoNews(order: WatchedOrder, byReference: ReadonlyMap<string, ListedOrder>): boolean {
  if (!isOpen(order.status)) return false;
  const row = byReference.get(order.brokerReference ?? "");
  return row === undefined || executionReportOf(order, row) === undefined;
}

/** What a later list says of an order that ended here: it puts right what is proven, and counts what the end was not. */
async function lookAgain(context: AccountContext, orderId: string, row: ListedOrder, listedAt: Date): Promise<void> {
  const { metrics, log } = context;
  const look = await asUser(context, async (tx) => {
    const order = await lockOrder(tx, orderId);
    const look = order && isFinal(order.status) ? secondLookAt(order, row, listedAt) : undefined;
    if (order && look?.correction) await record(context, tx, order, look.correction);
    return look;
  });
  if (look?.differs === undefined) return;
  metrics.endsContradicted.inc({ field: look.differs });
  const { filled, progress } = row;
  log.error(
    { orderId, differs: look.differs, filled: filled?.toString(), progress, corrected: look.correction !== undefined },
    "the broker lists an order that ended here otherwise",
  );
}

/** Tells of new rows that could be orders which were called absent: whether to cancel them at the broker a person decides. */
function compareWithAbsent(
  { config, metrics, log }: AccountContext,
  absent: readonly Order[],
  evidence: Evidence,
): void {
  for (const order of absent) {
    const references = rowsOfAbsent(order, evidence, config);
    if (references.length === 0) continue;
    metrics.endsContradicted.inc({ field: "absent" });
    log.error({ orderId: order.orderId, references }, "the broker lists an order that was called not received");
  }
}

/** An average that is not believed is counted as one that cannot be read. */
async function record(
  { account, config, metrics, log }: AccountContext,
  tx: PoolClient,
  order: Order,
  report: ExecutionReport,
): Promise<void> {
  const { isAverageBelieved } = await recordReport(tx, account, config.calendar, order, report);
  if (isAverageBelieved) return;
  metrics.unreadable.inc({ endpoint: "TodaysTransaction", field: "price" });
  log.error(
    { orderId: order.orderId, average: report.averagePrice },
    "the broker lists an average that the order's price makes impossible",
  );
}

/** @returns the reference that the order turned out to have */
async function reconcileOrder(context: AccountContext, orderId: string, listing: Listing): Promise<string | undefined> {
  return asUser(context, async (tx) => {
    let order = await lockOrder(tx, orderId);
    if (order?.status === "UNKNOWN") order = await resolveOrder(context, tx, order, listing);
    if (order === undefined || !isOpen(order.status)) return undefined;
    const row = listing.byReference.get(order.brokerReference ?? "");
    const report = row && executionReportOf(order, row);
    if (report !== undefined) await record(context, tx, order, report);
    return order.brokerReference;
  });
}

/** @returns the order with the reference that was found, or undefined when it has none */
async function resolveOrder(
  { config, log, metrics }: AccountContext,
  tx: PoolClient,
  order: Order,
  listing: Listing,
): Promise<Order | undefined> {
  const { orderId } = order;
  // One that has a reference was open when its day ended: the list of that day says no more of it.
  if (order.brokerReference !== undefined) return undefined;
  const resolution = resolveUnknown(order, listing, config);
  switch (resolution.outcome) {
    case "found":
      log.info({ orderId, reference: resolution.reference }, "an order whose answer was not seen was found");
      return transitionOrder(tx, order, {
        status: "ACCEPTED",
        reason: { code: "FOUND_AT_BROKER", detail: "found in the broker's list" },
        brokerReference: resolution.reference,
      });
    case "absent":
      log.info({ orderId }, "an order whose answer was not seen did not arrive");
      await transitionOrder(tx, order, {
        status: "REJECTED",
        reason: { code: "NOT_RECEIVED", detail: "not in the broker's list" },
      });
      return undefined;
    case "ambiguous":
      metrics.ambiguousOrders.inc();
      log.error(
        { orderId, references: resolution.references },
        "an order could be one of several: a person must decide",
      );
      return undefined;
    case "waiting":
      return undefined;
  }
}

/** Finds out what became of a cancellation or a new price. */
async function resolveRequest(
  context: AccountContext,
  request: OrderRequest,
  byReference: ReadonlyMap<string, BrokerOrder>,
  listedAt: Date,
): Promise<void> {
  await asUser(context, async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order === undefined) return;
    const row = byReference.get(order.brokerReference ?? "");
    const evidence = { row, said: row && requestState(row.description), listedAt };
    const outcome = requestOutcomeOf(request, order, evidence, context.config.resolveDelayMs);
    if (outcome) await changeRequest(tx, request, outcome.status, outcome.reason);
  });
}
