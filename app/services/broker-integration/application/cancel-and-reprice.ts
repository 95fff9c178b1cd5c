import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { istanbulDate } from "../../../packages/bist/calendar";
import type { Kurus } from "../../../packages/bist/price";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import { announce } from "../../../packages/kit/database/announcements";
import { conflict, notFound, unprocessable } from "../../../packages/kit/http/problem";
import { workChannel } from "../domain/channels";
import { transitionOrder, lockOrder } from "../store/orders";
import { insertRequest, openRequest } from "../store/requests";
import type { OrderRequest } from "../domain/order-request";
import { failedPriceChecks } from "../domain/pre-trade-checks";
import { isOpen } from "../domain/order";
import type { Order, OrderTerms } from "../domain/order";
import { byConfirmedLimits } from "./confirmed-limits";
import { tradingAccount } from "./trading-account";
import type { PlacingOptions } from "./place-order";

/** What was asked of an open order, and how far that is. */
export interface ModifyOrCancelState {
  readonly order: Order;
  /** Undefined when the change was made without the broker. */
  readonly request: OrderRequest | undefined;
}

/**
 * Cancels an order: at once when it was not sent yet, else by a request to the broker.
 * Asking again while a cancellation is under way finds that one.
 * @throws Problem
 */
export async function cancelOrder(
  { database }: PlacingOptions,
  userId: string,
  orderId: string,
): Promise<ModifyOrCancelState> {
  return database.as({ userId }, async (tx) => {
    const order = await ownOrder(tx, orderId);
    if (order.status === "CREATED") {
      const cancelled = await transitionOrder(tx, order, {
        status: "CANCELLED",
        reason: { code: "CANCELLED_BEFORE_SENDING", detail: "cancelled before it was sent" },
      });
      return { order: cancelled, request: undefined };
    }
    return request(tx, order, "CANCEL", undefined);
  });
}

/**
 * Gives an open order a new limit price. The broker cannot change the quantity.
 * @throws Problem
 */
export async function repriceOrder(
  { database, clock }: PlacingOptions,
  userId: string,
  orderId: string,
  price: Kurus,
): Promise<ModifyOrCancelState> {
  return byConfirmedLimits(database, userId, async (tx, refusingLimits) => {
    const order = await ownOrder(tx, orderId);
    if (order.limitPrice === undefined) throw conflict("CANNOT_MODIFY", "a market order has no price to change");
    const terms = { limitPrice: price, symbol: order.symbol };
    assertPriceAllowed(terms, undefined);
    return request(tx, order, "MODIFY", price, async () => {
      assertPriceAllowed(terms, await refusingLimits(terms, istanbulDate(clock.now())));
    });
  });
}

function assertPriceAllowed(terms: Pick<OrderTerms, "limitPrice" | "symbol">, limits: PriceLimits | undefined): void {
  const [first] = failedPriceChecks(terms, limits);
  if (first) throw unprocessable(first.code, first.detail);
}

/** Another user's order is not found either: row-level security hides it. */
async function ownOrder(tx: PoolClient, orderId: string): Promise<Order> {
  const order = await lockOrder(tx, orderId);
  if (order === undefined) throw notFound("ORDER_NOT_FOUND", `no order ${orderId}`);
  return order;
}

async function request(
  tx: PoolClient,
  order: Order,
  kind: "CANCEL" | "MODIFY",
  price: Kurus | undefined,
  /** Throws for a request that is not to be made; not called for one that is under way. */
  assertAllowed: () => Promise<void> = () => Promise.resolve(),
): Promise<ModifyOrCancelState> {
  const code = kind === "CANCEL" ? "CANNOT_CANCEL" : "CANNOT_MODIFY";
  if (!isOpen(order.status)) throw conflict(code, `the order is ${order.status}; only an open order can be changed`);
  const { orderId, userId, accountId } = order;
  const under = await openRequest(tx, orderId);
  if (under && (under.kind !== kind || under.price !== price)) {
    throw conflict("CHANGE_IN_PROGRESS", `a request to ${under.kind} this order is under way; wait for its outcome`);
  }
  await tradingAccount(tx, userId);
  if (under === undefined) await assertAllowed();
  const accepted =
    under ?? (await insertRequest(tx, { requestId: randomUUID(), orderId, userId, accountId, kind, price }));
  announce(tx, workChannel, accountId);
  return { order, request: accepted };
}
