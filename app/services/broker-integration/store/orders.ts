import type { PoolClient } from "pg";
import { formatPrice, parsePrice } from "../../../packages/bist/price";
import type { EndedOrder } from "../domain/ended-order";
import { orderUpdate } from "../domain/events";
import type { ComparedOrder } from "../domain/execution-report";
import { canBeCorrected, canFollow, isFinal } from "../domain/order";
import type { Doubt, Order, OrderStatus, Side, UnfinishedStatus } from "../domain/order";
import { reasonText } from "../domain/reason";
import type { Reason } from "../domain/reason";
import { publish } from "./outbox";
import { requestedLimits } from "./price-limits";

interface OrderRow {
  readonly order_id: string;
  readonly client_order_id: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly price: string | null;
  readonly filled_quantity: string;
  readonly average_fill_price: string | null;
  readonly average_derived: boolean;
  readonly status: OrderStatus;
  readonly status_reason: string | null;
  readonly version: number;
  readonly trading_day: string | null;
  readonly broker_reference: string | null;
  readonly exchange_order_id: string | null;
  readonly created_at: Date;
  readonly submitting_at: Date | null;
  readonly unknown_at: Date | null;
  readonly updated_at: Date;
  readonly completed_at: Date | null;
  readonly traceparent: string | null;
}

const columns = `order_id, client_order_id, user_id, account_id, symbol, side, quantity, price, filled_quantity,
  average_fill_price, average_derived, status, status_reason, version, trading_day::text, broker_reference,
  exchange_order_id, created_at, submitting_at, unknown_at, updated_at, completed_at, traceparent`;

function orderOf(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    clientOrderId: row.client_order_id,
    userId: row.user_id,
    accountId: row.account_id,
    symbol: row.symbol,
    side: row.side,
    quantity: BigInt(row.quantity),
    limitPrice: row.price === null ? undefined : parsePrice(row.price),
    filledQuantity: BigInt(row.filled_quantity),
    averageFillPrice: row.average_fill_price ?? undefined,
    averageDerived: row.average_derived,
    status: row.status,
    statusReason: row.status_reason ?? undefined,
    version: row.version,
    tradingDay: row.trading_day ?? undefined,
    brokerReference: row.broker_reference ?? undefined,
    exchangeOrderId: row.exchange_order_id ?? undefined,
    createdAt: row.created_at,
    submittingAt: row.submitting_at ?? undefined,
    unknownAt: row.unknown_at ?? undefined,
    updatedAt: row.updated_at,
    completedAt: row.completed_at ?? undefined,
    traceparent: row.traceparent ?? undefined,
  };
}

async function orders(tx: PoolClient, rest: string, values: readonly unknown[]): Promise<Order[]> {
  const { rows } = await tx.query<OrderRow>(`SELECT ${columns} FROM orders ${rest}`, [...values]);
  return rows.map(orderOf);
}

export type NewOrder = Pick<
  Order,
  "orderId" | "clientOrderId" | "userId" | "accountId" | "symbol" | "side" | "quantity" | "limitPrice" | "traceparent"
>;

/** Inserts an order, CREATED, with its event. @throws the violation of `orders_client_order_key` */
export async function insertOrder(tx: PoolClient, order: NewOrder): Promise<Order> {
  const { rows } = await tx.query<OrderRow>(
    `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price,
       traceparent)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${columns}`,
    [
      order.orderId,
      order.clientOrderId,
      order.userId,
      order.accountId,
      order.symbol,
      order.side,
      order.limitPrice === undefined ? "MARKET" : "LIMIT",
      order.quantity.toString(),
      order.limitPrice === undefined ? null : formatPrice(order.limitPrice),
      order.traceparent ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("an inserted order came back empty");
  const inserted = orderOf(row);
  await publish(tx, inserted.userId, "ORDER_UPDATE", orderUpdate(inserted));
  return inserted;
}

export async function findOrder(tx: PoolClient, orderId: string): Promise<Order | undefined> {
  return (await orders(tx, "WHERE order_id = $1", [orderId]))[0];
}

/** The order as it is now, locked until the transaction ends. */
export async function lockOrder(tx: PoolClient, orderId: string): Promise<Order | undefined> {
  return (await orders(tx, "WHERE order_id = $1 FOR UPDATE", [orderId]))[0];
}

/** Orders of an account in any of the statuses, oldest first. */
export async function ordersOfAccount(
  tx: PoolClient,
  accountId: string,
  statuses: readonly UnfinishedStatus[],
): Promise<Order[]> {
  return orders(
    tx,
    // Unfinished as orders_unfinished_idx says it: a plan for any $2 could not use it.
    `WHERE account_id = $1 AND status = ANY ($2)
       AND status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED')
     ORDER BY created_at, order_id`,
    [accountId, statuses],
  );
}

/**
 * How many calls of an account wait that are as urgent as an order: orders, requests, and limits that somebody waits for.
 * Placings of an account queue up here until each commits, so that each counts those before it.
 */
export async function waitingCalls(tx: PoolClient, accountId: string, limitsWaitMs: number): Promise<number> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`placing:${accountId}`]);
  const { rows } = await tx.query<{ waiting: number }>(
    `SELECT ((SELECT count(*) FROM orders WHERE account_id = $1 AND status = 'CREATED')
           + (SELECT count(*) FROM order_requests WHERE account_id = $1 AND status = 'PENDING'))::int AS waiting`,
    [accountId],
  );
  return (rows[0]?.waiting ?? 0) + (await requestedLimits(tx, accountId, limitsWaitMs)).length;
}

/** What of an order is compared with its row in the broker's list. */
export type WatchedOrder = ComparedOrder & EndedOrder & Pick<Order, "orderId" | "brokerReference">;

/** Orders of an account's day that the broker's list can say something of, oldest first. There may be hundreds. */
export async function watchedOrders(tx: PoolClient, accountId: string, tradingDay: string): Promise<WatchedOrder[]> {
  const { rows } = await tx.query<OrderRow>(
    `SELECT order_id, symbol, side, status, quantity, price, filled_quantity, average_fill_price, average_derived,
       broker_reference, exchange_order_id, completed_at
     FROM orders
     WHERE account_id = $1 AND trading_day = $2 AND (status = 'UNKNOWN' OR broker_reference IS NOT NULL)
     ORDER BY created_at, order_id`,
    [accountId, tradingDay],
  );
  return rows.map((row) => ({
    orderId: row.order_id,
    symbol: row.symbol,
    side: row.side,
    tradingDay,
    status: row.status,
    quantity: BigInt(row.quantity),
    limitPrice: row.price === null ? undefined : parsePrice(row.price),
    filledQuantity: BigInt(row.filled_quantity),
    averageFillPrice: row.average_fill_price ?? undefined,
    averageDerived: row.average_derived,
    brokerReference: row.broker_reference ?? undefined,
    exchangeOrderId: row.exchange_order_id ?? undefined,
    completedAt: row.completed_at ?? undefined,
  }));
}

/** Orders of an account's day that ended because the broker's list did not show them. */
export async function ordersNotReceived(tx: PoolClient, accountId: string, tradingDay: string): Promise<Order[]> {
  return orders(
    tx,
    "WHERE account_id = $1 AND trading_day = $2 AND status = 'REJECTED' AND starts_with(status_reason, 'NOT_RECEIVED')",
    [accountId, tradingDay],
  );
}

/** Orders of an account that ended on a day since then, of whose fills the broker has not given a price, oldest first. */
export async function endedWithoutPrice(tx: PoolClient, accountId: string, since: string): Promise<Order[]> {
  return orders(
    tx,
    `WHERE account_id = $1 AND average_derived AND trading_day >= $2 AND completed_at IS NOT NULL
     ORDER BY created_at, order_id`,
    [accountId, since],
  );
}

/** Orders that wait to be sent since before an instant, of any account. */
export async function ordersNotSentSince(tx: PoolClient, before: Date): Promise<Order[]> {
  return orders(tx, "WHERE status = 'CREATED' AND created_at < $1 ORDER BY created_at LIMIT 100", [before]);
}

/** Orders that wait to be sent, of users who may not trade. */
export async function ordersOfSuspended(tx: PoolClient): Promise<Order[]> {
  return orders(
    tx,
    "WHERE status = 'CREATED' AND user_id IN (SELECT user_id FROM suspended_users) ORDER BY created_at LIMIT 1000",
    [],
  );
}

export interface OrderFilter {
  readonly statuses: readonly OrderStatus[] | undefined;
  readonly symbol: string | undefined;
  /** Only orders created before this one, which the last page ended with. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** A page of one's orders, newest first. The transaction plans what follows for its values. */
export async function listOrders(tx: PoolClient, userId: string, filter: OrderFilter): Promise<Order[]> {
  // A plan for any filter and length of a page reads and sorts all orders of the user. With the values it takes
  // idx_orders_user_status for statuses that few orders have, and the newest of orders_user_created_idx for others.
  await tx.query("SET LOCAL plan_cache_mode = force_custom_plan");
  return orders(
    tx,
    `WHERE user_id = $1 AND ($2::text[] IS NULL OR status = ANY ($2)) AND ($3::text IS NULL OR symbol = $3)
       AND ($4::uuid IS NULL
            OR (created_at, order_id) < (SELECT created_at, order_id FROM orders WHERE order_id = $4 AND user_id = $1))
     ORDER BY created_at DESC, order_id DESC LIMIT $5`,
    [userId, filter.statuses ?? null, filter.symbol ?? null, filter.after ?? null, filter.limit],
  );
}

/** Orders in doubt of all accounts, oldest first, and how many there are in all. Runs as the system. */
export async function ordersInDoubt(tx: PoolClient, limit: number): Promise<{ orders: Order[]; total: number }> {
  const { rows } = await tx.query<{ total: number }>(
    "SELECT count(*)::int AS total FROM orders WHERE status = 'UNKNOWN'",
  );
  return {
    orders: await orders(tx, "WHERE status = 'UNKNOWN' ORDER BY coalesce(unknown_at, updated_at), order_id LIMIT $1", [
      limit,
    ]),
    total: rows[0]?.total ?? 0,
  };
}

/** The other order that has a reference of an order's account and day. */
export async function otherOrderWithReference(
  tx: PoolClient,
  { orderId, accountId, tradingDay }: Order,
  reference: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ order_id: string }>(
    `SELECT order_id FROM orders
     WHERE account_id = $1 AND trading_day = $2 AND broker_reference = $3 AND order_id <> $4`,
    [accountId, tradingDay ?? null, reference, orderId],
  );
  return rows[0]?.order_id;
}

/** References of the day that belong to orders of the account. */
export async function claimedReferences(tx: PoolClient, accountId: string, tradingDay: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ broker_reference: string }>(
    `SELECT broker_reference FROM orders
     WHERE account_id = $1 AND trading_day = $2 AND broker_reference IS NOT NULL`,
    [accountId, tradingDay],
  );
  return new Set(rows.map(({ broker_reference }) => broker_reference));
}

/** The new status of an order, and what changes with it. */
export interface OrderTransition {
  readonly status: OrderStatus;
  readonly reason?: Reason | undefined;
  readonly tradingDay?: string;
  readonly brokerReference?: string;
  readonly limitPrice?: bigint;
  readonly filledQuantity?: bigint;
  readonly averageFillPrice?: string | undefined;
  readonly averageDerived?: boolean | undefined;
  readonly exchangeOrderId?: string | undefined;
}

/** Another transaction changed the order first. */
export class StaleOrder extends Error {}

/**
 * Moves an order on, with its event, if it is still as the caller knows it.
 * @throws StaleOrder when it is not
 */
export async function transitionOrder(tx: PoolClient, order: Order, change: OrderTransition): Promise<Order> {
  if (!canFollow(order.status, change.status) && !canBeCorrected(order.status, change.status)) {
    throw new RangeError(`order ${order.orderId} cannot go from ${order.status} to ${change.status}`);
  }
  const { rows } = await tx.query<OrderRow>(
    `UPDATE orders SET
       status = $3, status_reason = CASE WHEN $3 = status THEN coalesce($4, status_reason) ELSE $4 END, version = version + 1, updated_at = clock_timestamp(),
       trading_day = coalesce($5, trading_day), broker_reference = coalesce($6, broker_reference),
       price = coalesce($7, price), filled_quantity = coalesce($8, filled_quantity),
       average_fill_price = coalesce($9, average_fill_price), exchange_order_id = coalesce($10, exchange_order_id),
       submitting_at = CASE WHEN $3 = 'SUBMITTING' THEN clock_timestamp() ELSE submitting_at END,
       unknown_at = CASE WHEN $3 = 'UNKNOWN' THEN clock_timestamp() ELSE unknown_at END,
       completed_at = CASE WHEN $11 THEN coalesce(completed_at, clock_timestamp()) END,
       average_derived = coalesce($12, average_derived)
     WHERE order_id = $1 AND version = $2 RETURNING ${columns}`,
    [
      order.orderId,
      order.version,
      change.status,
      change.reason === undefined ? null : reasonText(change.reason),
      change.tradingDay ?? null,
      change.brokerReference ?? null,
      change.limitPrice === undefined ? null : formatPrice(change.limitPrice),
      change.filledQuantity?.toString() ?? null,
      change.averageFillPrice ?? null,
      change.exchangeOrderId ?? null,
      isFinal(change.status),
      change.averageDerived ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new StaleOrder(`order ${order.orderId} is no longer at version ${order.version}`);
  const changed = orderOf(row);
  await publish(tx, changed.userId, "ORDER_UPDATE", orderUpdate(changed));
  return changed;
}

/** Open orders of days before one, of any account, with when the list of the order's day was last read in full. */
export async function ordersOpenBefore(
  tx: PoolClient,
  tradingDay: string,
): Promise<{ readonly order: Order; readonly listedAt: Date | undefined }[]> {
  const { rows } = await tx.query<OrderRow & { readonly read_at: Date | null }>(
    `SELECT ${columns}, (SELECT read_at FROM broker_lists
       WHERE broker_lists.account_id = orders.account_id AND broker_lists.trading_day = orders.trading_day) AS read_at
     FROM orders WHERE status IN ('ACCEPTED', 'PARTIALLY_FILLED') AND trading_day < $1 ORDER BY created_at LIMIT 100`,
    [tradingDay],
  );
  return rows.map((row) => ({ order: orderOf(row), listedAt: row.read_at ?? undefined }));
}

/** Since when the order has been in doubt that has been longest, of accounts that no process works for, by what is not known. */
export async function unknownUnattendedSince(tx: PoolClient): Promise<ReadonlyMap<Doubt, number>> {
  const { rows } = await tx.query<{ ended: boolean; since: Date }>(
    `SELECT broker_reference IS NOT NULL AS ended, min(unknown_at) AS since FROM orders JOIN broker_accounts USING (account_id)
     WHERE status = 'UNKNOWN' AND unknown_at IS NOT NULL
       AND (lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
     GROUP BY ended`,
  );
  return new Map(rows.map(({ ended, since }) => [ended ? "end" : "answer", since.getTime()]));
}

/**
 * Orders that no process is sending any more, of any account.
 * @param sentBefore where no process works for the account
 * @param longBefore where one does, which sends others meanwhile
 */
export async function abandonedOrders(tx: PoolClient, sentBefore: Date, longBefore: Date): Promise<Order[]> {
  return orders(
    tx,
    `WHERE status = 'SUBMITTING' AND submitting_at < $1 AND (submitting_at < $2 OR NOT EXISTS (
       SELECT FROM broker_accounts WHERE account_id = orders.account_id AND lease_expires_at >= clock_timestamp()))
     ORDER BY created_at LIMIT 100`,
    [sentBefore, longBefore],
  );
}
