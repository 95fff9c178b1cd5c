import type { PoolClient } from "pg";
import { AlgolabError } from "../../../packages/algolab/errors";
import { istanbulDate } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import { formatPrice } from "../../../packages/bist/price";
import { isWithin } from "../../../packages/bist/price-limits";
import { databaseTime, violates } from "../../../packages/kit/database/database";
import { inTraceOf } from "../../../packages/kit/observability/trace-context";
import { asUser, leaseLost } from "./account-context";
import { mayHaveArrived, reasonOf } from "./broker-failure";
import { confirmLimits } from "./fetch-price-limits";
import type { AccountContext } from "./account-context";
import type { TurnOutcome } from "./turn-outcome";
import { holdLease } from "../store/accounts";
import { transitionOrder, lockOrder, ordersOfAccount } from "../store/orders";
import type { OrderTransition } from "../store/orders";
import { noteReferences } from "../store/broker-orders";
import { limitsFor } from "../store/price-limits";
import { failedPreTradeChecks } from "../domain/pre-trade-checks";
import { looksLike } from "../domain/order";
import { notSentInTime, reasonText } from "../domain/reason";
import type { Order } from "../domain/order";

/**
 * Sends one order, at most once: it is durably SUBMITTING before a byte leaves, and nothing that is SUBMITTING is ever
 * sent. Does nothing when the order may not be sent now.
 * @throws AlgolabError SESSION_EXPIRED after the order was rejected for it
 */
export async function submit(context: AccountContext, orderId: string): Promise<TurnOutcome> {
  // One that is marked and then not sent is rejected: without the account it waits.
  if (!context.leases.holds(context.account.accountId)) return "unused";
  const marked = await mark(context, orderId);
  if (marked === undefined) return "unused";
  if ("unconfirmed" in marked) {
    const confirmedAt = await databaseTime(context.database);
    await confirmLimits(context, marked.unconfirmed);
    const allowed = await asUser(context, (tx) => stillAllowed(context, tx, orderId, confirmedAt));
    return allowed === undefined ? "used" : "again";
  }
  context.failpoint("submit.marked");
  const outcome = await inTraceOf(marked.traceparent, "submit order", () => sendAndRecord(context, marked));
  const { change, error, called } = outcome;
  context.metrics.submissions.inc({ outcome: change.status.toLowerCase() });
  if (error?.failure === "SESSION_EXPIRED") throw error;
  return called ? "used" : "unused";
}

async function sendAndRecord(context: AccountContext, marked: Order): Promise<Outcome> {
  const outcome = await send(context, marked);
  context.failpoint("submit.answered");
  const change = await record(context, marked, outcome.change);
  context.failpoint("submit.recorded");
  return { ...outcome, change };
}

/** A share whose limits are to be asked for before an order is refused by them. */
interface UnconfirmedLimits {
  readonly unconfirmed: string;
}

/** Checks an order once more and commits that it is about to be sent. Undefined when it is not to be sent. */
async function mark(context: AccountContext, orderId: string): Promise<Order | UnconfirmedLimits | undefined> {
  const { account } = context;
  return asUser(context, async (tx) => {
    const allowed = await stillAllowed(context, tx, orderId, undefined);
    if (allowed === undefined || "unconfirmed" in allowed) return allowed;
    const { order, today } = allowed;
    // While an order that looks the same is in doubt, the two would be indistinguishable in the broker's list.
    const doubtful = await ordersOfAccount(tx, account.accountId, ["SUBMITTING", "UNKNOWN"]);
    if (doubtful.some((other) => other.tradingDay === today && looksLike(order, other))) return undefined;
    return transitionOrder(tx, order, { status: "SUBMITTING", tradingDay: today });
  });
}

/**
 * Checks an order once more, and rejects one that breaks a rule or waited too long.
 * @param confirmedAt since when limits are the broker's that may refuse it; undefined where it was not asked for them
 * @returns undefined when the order is not to be sent
 */
async function stillAllowed(
  { account, sessionId, leases, config }: AccountContext,
  tx: PoolClient,
  orderId: string,
  confirmedAt: Date | undefined,
): Promise<{ readonly order: Order; readonly today: string } | UnconfirmedLimits | undefined> {
  const now = await holdLease(tx, account, sessionId, leases.owner);
  if (now === undefined) return undefined;
  const order = await lockOrder(tx, orderId);
  if (order?.status !== "CREATED") return undefined;
  const today = istanbulDate(now.getTime());
  if (now.getTime() - order.createdAt.getTime() > config.submitWithinMs) {
    await transitionOrder(tx, order, { status: "REJECTED", reason: notSentInTime(config.submitWithinMs) });
    return undefined;
  }
  const known = await limitsFor(tx, order, today);
  const isConfirmed = known !== undefined && confirmedAt !== undefined && known.readAt >= confirmedAt;
  const session = config.hours === "exchange" ? sessionAt(config.calendar, now.getTime()) : undefined;
  const [first, ...others] = failedPreTradeChecks(order, { session, limits: isConfirmed ? known.limits : undefined });
  if (first !== undefined) {
    const detail = [first.detail, ...others.map(reasonText)].join("; ");
    await transitionOrder(tx, order, { status: "REJECTED", reason: { code: first.code, detail } });
    return undefined;
  }
  if (known !== undefined && !isWithin(order.limitPrice ?? 0n, known.limits)) return { unconfirmed: order.symbol };
  return { order, today };
}

interface Outcome {
  readonly change: OrderTransition;
  /** Whether the broker was called. */
  readonly called: boolean;
  readonly error?: AlgolabError;
}

async function send(context: AccountContext, order: Order): Promise<Outcome> {
  const { account, session, leases, log } = context;
  // A process that was frozen since it marked the order has lost the account. The session looks once more before the first byte.
  if (!leases.holds(account.accountId)) return { change: { status: "REJECTED", reason: leaseLost }, called: false };
  try {
    const reference = await session.sendOrder({
      symbol: order.symbol,
      side: order.side,
      limitPrice: order.limitPrice === undefined ? undefined : formatPrice(order.limitPrice),
      quantity: order.quantity.toString(),
      subAccount: account.subAccount,
    });
    return { change: { status: "ACCEPTED", brokerReference: reference }, called: true };
  } catch (error) {
    if (!(error instanceof AlgolabError)) throw error;
    log.warn({ orderId: order.orderId, failure: error.failure, detail: error.message }, "an order was not accepted");
    // In doubt it is UNKNOWN, and never sent again.
    return {
      change: { status: mayHaveArrived(error) ? "UNKNOWN" : "REJECTED", reason: reasonOf(error, context) },
      called: true,
      error,
    };
  }
}

/**
 * Records an outcome, also over one that another process has noted meanwhile as not known. Keeps trying while the
 * database is away: what the broker answered is known nowhere else.
 * @returns what was recorded
 */
async function record(context: AccountContext, marked: Order, change: OrderTransition): Promise<OrderTransition> {
  for (let attempt = 0; ; attempt++) {
    try {
      await recordOnce(context, marked, change);
      return change;
    } catch (error) {
      if (violates(error, "orders_broker_reference_key")) {
        // Another attempt would do no better. Whether the order lives, the list says.
        const { orderId } = marked;
        context.log.error({ orderId, reference: change.brokerReference }, "the broker gave two orders one reference");
        return record(context, marked, referenceTaken);
      }
      if (attempt === recordAttempts) throw error;
      context.log.error(
        { orderId: marked.orderId, error: (error as Error).message },
        "recording the outcome of an order failed; trying again",
      );
      await new Promise((resolve) => setTimeout(resolve, recordPauseMs));
    }
  }
}

/** Together a minute; after that the order is UNKNOWN, and found in the broker's list. */
const recordAttempts = 60;
const recordPauseMs = 1_000;
export const recordWithinMs = recordAttempts * recordPauseMs;

/** What an order is that was answered with the reference of another. */
const referenceTaken: OrderTransition = {
  status: "UNKNOWN",
  reason: { code: "ANSWER_NOT_READ", detail: "the broker answered with the reference of another order" },
};

/** What an order is that was being sent by a process that does so no more. */
export const senderEnded: OrderTransition = {
  status: "UNKNOWN",
  reason: { code: "ANSWER_NOT_SEEN", detail: "the process that sent it ended" },
};

async function recordOnce(
  context: AccountContext,
  { orderId, tradingDay = "" }: Order,
  change: OrderTransition,
): Promise<void> {
  await asUser(context, async (tx) => {
    const order = await lockOrder(tx, orderId);
    if (order === undefined) throw new Error(`order ${orderId} is gone`);
    const resolved = order.status !== "SUBMITTING" && order.status !== "UNKNOWN";
    if (resolved || order.status === change.status) {
      const reference = change.brokerReference;
      if (reference !== undefined && order.brokerReference !== reference) {
        context.log.error(
          { orderId, reference, status: order.status },
          "the broker accepted an order that was given up",
        );
      }
      return;
    }
    await transitionOrder(tx, order, change);
    if (change.brokerReference !== undefined) {
      await noteReferences(tx, context.account, tradingDay, [change.brokerReference]);
    }
  });
}
