import { istanbulDate } from "../../../packages/bist/calendar";
import { formatPrice, parsePrice } from "../../../packages/bist/price";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";
import { databaseTime } from "../store/accounts";
import { firstSeenReferences, noteReferences } from "../store/broker-orders";
import { transitionOrder, claimedReferences, lockOrder, ordersOfAccount, recordExecutionReport } from "../store/orders";
import { changeRequest, requestsOfAccount } from "../store/requests";
import { orderNotOpen } from "../domain/order-request";
import type { OrderRequest } from "../domain/order-request";
import { requestViews, viewKinds } from "../store/views";
import type { PoolClient } from "pg";
import { isFinal, isOpen } from "../domain/order";
import type { Order } from "../domain/order";
import { executionReportOf } from "../domain/execution-report";
import type { ListedOrder } from "../domain/listed-order";
import { resolveUnknown } from "../domain/resolve-unknown";
import type { Evidence } from "../domain/resolve-unknown";
import { todaysOrders } from "./todays-orders";

/** The broker's list of the day, and what it is judged by. */
interface Listing extends Evidence {
  readonly today: string;
  readonly byReference: ReadonlyMap<string, ListedOrder>;
}

/**
 * Reads the broker's list and brings every order of the account up to it: resolves what is UNKNOWN, records fills and
 * ends, resolves requests whose answer was not seen. An order that makes trouble does not hold up the others.
 * @returns how many orders the broker lists that were not placed here
 */
export async function reconcile(context: AccountContext): Promise<number> {
  const { account, log, failpoint } = context;
  const listedAt = await databaseTime(context.database);
  const rows = await todaysOrders(context);
  failpoint("reconcile.listed");
  const today = istanbulDate(listedAt.getTime());
  const { unfinished, requests, known, firstSeen } = await asUser(context, async (tx) => {
    const known = await claimedReferences(tx, account.accountId, today);
    // Those of orders from here were noted when the broker gave them.
    const others = rows.map(({ reference }) => reference).filter((reference) => !known.has(reference));
    await noteReferences(tx, account, today, others);
    const unfinished = await ordersOfAccount(tx, account.accountId, ["UNKNOWN", "ACCEPTED", "PARTIALLY_FILLED"]);
    const inDoubt = unfinished.some(({ status }) => status === "UNKNOWN");
    return {
      known,
      unfinished,
      firstSeen: inDoubt ? await firstSeenReferences(tx, account, today) : new Map<string, Date>(),
      requests: await requestsOfAccount(tx, account.accountId),
    };
  });
  const byReference = new Map(rows.map((row) => [row.reference, row]));
  const claimed = new Set(known);
  for (const order of unfinished) {
    const { orderId } = order;
    try {
      if (hasNoNews(order, today, byReference)) continue;
      const reference = await reconcileOrder(context, orderId, {
        rows,
        listedAt,
        today,
        claimed,
        firstSeen,
        byReference,
      });
      if (reference !== undefined) claimed.add(reference);
    } catch (error) {
      log.error({ orderId, error: (error as Error).message }, "an order could not be reconciled");
    }
  }
  for (const request of requests) {
    if (request.status !== "PENDING") await resolveRequest(context, request, byReference, listedAt);
  }
  const unclaimed = [...byReference.keys()].filter((reference) => !claimed.has(reference));
  if (unclaimed.length > 0) log.warn({ unclaimed }, "the broker lists orders that were not placed here");
  failpoint("reconcile.recorded");
  return unclaimed.length;
}

/** Most open orders are as they were: that is seen without a transaction for each. Their references are claimed already. */
function hasNoNews(order: Order, today: string, byReference: ReadonlyMap<string, ListedOrder>): boolean {
  if (!isOpen(order.status) || (order.tradingDay ?? "") < today) return false;
  const row = byReference.get(order.brokerReference ?? "");
  return row === undefined || executionReportOf(order, row) === undefined;
}

/** @returns the reference that the order turned out to have */
async function reconcileOrder(context: AccountContext, orderId: string, listing: Listing): Promise<string | undefined> {
  return asUser(context, async (tx) => {
    let order = await lockOrder(tx, orderId);
    if (order?.status === "UNKNOWN") order = await resolveOrder(context, tx, order, listing);
    if (order === undefined || !isOpen(order.status)) return undefined;
    if ((order.tradingDay ?? "") < listing.today) {
      await transitionOrder(tx, order, {
        status: "EXPIRED",
        reason: { code: "DAY_ORDER_EXPIRED", detail: "its trading day ended" },
      });
      return undefined;
    }
    const row = listing.byReference.get(order.brokerReference ?? "");
    const report = row && executionReportOf(order, row);
    if (report === undefined) return order.brokerReference;
    await recordExecutionReport(tx, order, report, context.config.calendar);
    if (report.execution) await requestViews(tx, context.account, viewKinds);
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
  const { orderId, tradingDay } = order;
  // The list shows today only: an order of an earlier day stays for a person, and for its alert.
  if (tradingDay !== listing.today) return undefined;
  const resolution = resolveUnknown(order, listing, config);
  switch (resolution.outcome) {
    case "found":
      log.info({ orderId, reference: resolution.row.reference }, "an order whose answer was not seen was found");
      return transitionOrder(tx, order, {
        status: "ACCEPTED",
        reason: { code: "FOUND_AT_BROKER", detail: "found in the broker's list" },
        brokerReference: resolution.row.reference,
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

/** Finds out whether a cancellation or a new price, whose answer was not seen, was carried out. */
async function resolveRequest(
  context: AccountContext,
  request: OrderRequest,
  byReference: ReadonlyMap<string, ListedOrder>,
  listedAt: Date,
): Promise<void> {
  await asUser(context, async (tx) => {
    const order = await lockOrder(tx, request.orderId);
    if (order === undefined) return;
    const row = byReference.get(order.brokerReference ?? "");
    if (request.kind === "CANCEL" && order.status === "CANCELLED") {
      await changeRequest(tx, request, "DONE");
    } else if (isFinal(order.status)) {
      await changeRequest(tx, request, "REFUSED", orderNotOpen(order));
    } else if (isRepriced(request, row)) {
      await transitionOrder(tx, order, { status: order.status, limitPrice: request.price });
      await changeRequest(tx, request, "DONE");
    } else if (listedAt.getTime() - (request.sentAt?.getTime() ?? 0) >= context.config.resolveDelayMs) {
      await changeRequest(tx, request, "REFUSED", { code: "NOT_APPLIED", detail: "the broker did not apply it" });
    }
  });
}

function isRepriced({ kind, price }: OrderRequest, row: ListedOrder | undefined): boolean {
  if (kind !== "MODIFY" || price === undefined || row === undefined) return false;
  return formatPrice(parsePrice(row.orderPrice || "0")) === formatPrice(price);
}
