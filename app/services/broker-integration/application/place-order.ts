import { createHash, randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { callsUntilSent } from "../../../packages/algolab/request-queue";
import { istanbulDate } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import type { Clock } from "../../../packages/kit/clock";
import { announce } from "../../../packages/kit/database/announcements";
import { violates } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { conflict, unprocessable } from "../../../packages/kit/http/problem";
import { answerWithinMs, workChannel } from "../domain/channels";
import type { TradingConfig } from "../domain/trading-config";
import type { ReachFailpoint } from "../domain/failpoint";
import { currentTraceparent } from "../../../packages/kit/observability/trace-context";
import { findAnswer, storeAnswer, takeKey } from "../store/idempotency";
import { insertOrder, waitingCalls } from "../store/orders";
import type { NewOrder } from "../store/orders";
import { failedPreTradeChecks } from "../domain/pre-trade-checks";
import type { Order, OrderTerms } from "../domain/order";
import { byConfirmedLimits } from "./confirmed-limits";
import type { RefusingLimits } from "./confirmed-limits";
import { tradingAccount } from "./trading-account";

export interface PlacingOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly config: TradingConfig;
  readonly failpoint: ReachFailpoint;
}

export interface Placement<Answer> {
  readonly userId: string;
  readonly idempotencyKey: string;
  /** The user's own name for the order. @default the idempotency key */
  readonly clientOrderId: string | undefined;
  readonly terms: OrderTerms;
  /** What is answered, now and to every repetition. */
  readonly answerOf: (order: Order) => Answer;
}

export interface Placed<Answer> {
  readonly answer: Answer;
  /** The answer was given before and is given again. */
  readonly replayed: boolean;
}

const accepted = 202;

/**
 * Takes an order: the order, its event and the answer to its idempotency key commit together, and the answer says that
 * it will be sent, not what the broker makes of it.
 * @throws Problem
 */
export async function placeOrder<Answer>(
  options: PlacingOptions,
  placement: Placement<Answer>,
): Promise<Placed<Answer>> {
  const { database, failpoint } = options;
  const placed = await byConfirmedLimits(database, placement.userId, async (tx, refusingLimits) => {
    const result = await place(options, placement, tx, refusingLimits);
    failpoint("place.committing");
    return result;
  });
  failpoint("place.committed");
  return placed;
}

async function place<Answer>(
  options: PlacingOptions,
  placement: Placement<Answer>,
  tx: PoolClient,
  refusingLimits: RefusingLimits,
): Promise<Placed<Answer>> {
  const { userId, idempotencyKey, clientOrderId = idempotencyKey, terms, answerOf } = placement;
  const requestHash = hashOf(clientOrderId, terms);
  if (!(await takeKey(tx, userId, idempotencyKey))) {
    throw conflict("IDEMPOTENCY_KEY_IN_USE", "a request with this Idempotency-Key is running; try again shortly", {
      retryAfterSeconds: 1,
    });
  }
  const before = await findAnswer(tx, userId, idempotencyKey);
  if (before) {
    if (before.requestHash.equals(requestHash)) return { answer: before.answer as Answer, replayed: true };
    throw unprocessable("IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key came with another order before; use a new one");
  }
  const { accountId, wantedSubAccount } = await tradingAccount(tx, userId);
  if (wantedSubAccount !== undefined) throw subAccountRequired(wantedSubAccount);
  assertAllowed(options, terms, undefined);
  await assertSentInTime(options.config, tx, accountId);
  // Last: the broker may have to be asked for them.
  assertAllowed(options, terms, await refusingLimits(terms, istanbulDate(options.clock.now())));
  const order = await insertUnique(tx, {
    ...terms,
    orderId: randomUUID(),
    clientOrderId,
    userId,
    accountId,
    traceparent: currentTraceparent(),
  });
  const answer = answerOf(order);
  await storeAnswer(tx, userId, idempotencyKey, { requestHash, status: accepted, answer });
  announce(tx, workChannel, accountId);
  return { answer, replayed: false };
}

/** A call takes a little longer than the interval alone: a fifth. */
const callMsAt = (requestIntervalMs: number) => (requestIntervalMs * 12) / 10;

const subAccountRequired = (wanted: string) =>
  conflict(
    "SUB_ACCOUNT_REQUIRED",
    `the login named sub-account ${wanted || '""'}, which is not chosen; see /api/v1/broker/auth/status, or choose one`,
  );

/** Refuses what could not be sent in time behind the calls that wait, with the time that it would take. */
async function assertSentInTime(
  { requestIntervalMs, submitWithinMs }: TradingConfig,
  tx: PoolClient,
  accountId: string,
): Promise<void> {
  if (requestIntervalMs === 0) return;
  const waiting = await waitingCalls(tx, accountId, answerWithinMs);
  // It is sent at the end of what goes before it: those that wait, and the call that may be under way.
  const sentInMs = callsUntilSent(waiting + 1) * callMsAt(requestIntervalMs);
  if (sentInMs <= submitWithinMs) return;
  const seconds = Math.ceil(sentInMs / 1_000);
  const detail =
    `${waiting} calls wait for the broker, which takes one in ${requestIntervalMs / 1_000} s: the order would be sent in ` +
    `${seconds} s, and no order is sent later than ${submitWithinMs / 1_000} s after it was placed`;
  const retryAfterSeconds = Math.ceil((sentInMs - submitWithinMs) / 1_000);
  throw conflict("TOO_MANY_WAITING", detail, { retryAfterSeconds, extensions: { seconds } });
}

function assertAllowed({ clock, config }: PlacingOptions, terms: OrderTerms, limits: PriceLimits | undefined): void {
  const [first, ...others] = failedPreTradeChecks(terms, {
    session: config.hours === "exchange" ? sessionAt(config.calendar, clock.now()) : undefined,
    limits,
  });
  if (first === undefined) return;
  const detail = [first, ...others].map((violation) => violation.detail).join("; ");
  throw unprocessable(first.code, detail, { extensions: { violations: [first, ...others] } });
}

async function insertUnique(tx: PoolClient, order: NewOrder): Promise<Order> {
  try {
    return await insertOrder(tx, order);
  } catch (error) {
    if (!violates(error, "orders_client_order_key")) throw error;
    throw conflict("DUPLICATE_CLIENT_ORDER_ID", `an order is already called ${order.clientOrderId}`);
  }
}

/** The same for the same order, however its JSON was written. */
function hashOf(clientOrderId: string, { symbol, side, quantity, limitPrice }: OrderTerms): Buffer {
  const text = JSON.stringify([clientOrderId, symbol, side, quantity.toString(), limitPrice?.toString() ?? null]);
  return createHash("sha256").update(text).digest();
}
