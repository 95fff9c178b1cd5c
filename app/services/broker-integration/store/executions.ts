import type { PoolClient } from "pg";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { parsePrice } from "../../../packages/bist/price";
import type { Kurus } from "../../../packages/bist/price";
import type { ExecutionReport } from "../domain/execution-report";
import type { FillChange, FillTotal, Step } from "../domain/fill-price";
import type { Order } from "../domain/order";
import { transitionOrder } from "./orders";
import { publish } from "./outbox";

export interface Execution {
  readonly executionId: string;
  readonly quantity: string;
  readonly price: string;
  /** The price comes from the broker's sums: see `Step`. */
  readonly priceDerived: boolean;
  readonly executedAt: Date;
}

/** The executions of one order, in order. */
export async function executionsOf(tx: PoolClient, orderId: string): Promise<Execution[]> {
  const { rows } = await tx.query<Execution>(
    `SELECT execution_id AS "executionId", quantity, price, price_derived AS "priceDerived",
            executed_at AS "executedAt"
     FROM executions WHERE order_id = $1 ORDER BY execution_id`,
    [orderId],
  );
  return rows;
}

/** What was booked of an order, and what it asked for. */
export interface OrderSums {
  /** Lira that were booked at prices of the broker, as decimal text. */
  readonly amount: string;
  /** Lots and lira that were booked at a price that is assumed. */
  readonly assumed: FillTotal;
  /** The worst limit price that it had, and every one that it was asked to be moved to, whatever became of it. */
  readonly pricesAsked: readonly Kurus[];
}

export async function orderSums(tx: PoolClient, orderId: string): Promise<OrderSums> {
  const { rows } = await tx.query<{
    amount: string;
    assumed_lots: string;
    assumed_amount: string;
    prices: readonly string[];
  }>(
    `SELECT coalesce(sum(amount) FILTER (WHERE NOT price_missing), 0)::text AS amount,
       coalesce(sum(e.quantity) FILTER (WHERE price_missing), 0)::text AS assumed_lots,
       coalesce(sum(amount) FILTER (WHERE price_missing), 0)::text AS assumed_amount,
       ARRAY(SELECT price FROM order_requests WHERE order_id = $1 AND kind = 'MODIFY' AND status <> 'PENDING'
             UNION ALL SELECT worst_price FROM orders WHERE order_id = $1 AND worst_price IS NOT NULL)::text[] AS prices
     FROM executions e JOIN transactions USING (execution_id) WHERE order_id = $1`,
    [orderId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("sums came back empty");
  const { amount, assumed_lots, assumed_amount, prices } = row;
  return {
    amount,
    assumed: { quantity: BigInt(assumed_lots), amount: assumed_amount },
    pricesAsked: prices.map((price) => parsePrice(price)),
  };
}

export interface Booking {
  readonly report: ExecutionReport;
  /** Undefined while nothing is filled. */
  readonly fills: FillChange | undefined;
  /** When they were made, where that is not now. */
  readonly executedAt?: Date | undefined;
}

/** Moves an order on by an execution report, with its execution, its transaction and their events. */
export async function recordExecutionReport(
  tx: PoolClient,
  order: Order,
  booking: Booking,
  calendar: TradingCalendar,
): Promise<Order> {
  const { report, fills, executedAt } = booking;
  const { status, filledQuantity, exchangeOrderId, limitPrice, reason } = report;
  const terms = limitPrice === undefined ? {} : { limitPrice };
  const changed = await transitionOrder(tx, order, {
    status,
    filledQuantity,
    exchangeOrderId,
    reason,
    averageFillPrice: fills?.averageFillPrice,
    averageDerived: fills?.averageDerived,
    ...terms,
  });
  if (fills?.repriced) await repriceExecutions(tx, order, fills.repriced);
  if (fills?.step === undefined) return changed;
  const { quantity, price, amount, derived } = fills.step;
  const { rows } = await tx.query<{ execution_id: string; executed_at: Date }>(
    `WITH execution AS (
       INSERT INTO executions (order_id, user_id, account_id, symbol, side, quantity, price, cumulative_quantity,
                               price_derived, executed_at, price_missing)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10, clock_timestamp()), $13)
       RETURNING execution_id, executed_at)
     , booked AS (
       INSERT INTO transactions (user_id, account_id, execution_id, transaction_type, symbol, quantity, price, amount,
                                 price_derived, transaction_date, settlement_date)
       SELECT $2, $3, execution_id, $5, $4, $6, $7, $11, $9, executed_at, $12 FROM execution)
     SELECT execution_id, executed_at FROM execution`,
    [
      order.orderId,
      order.userId,
      order.accountId,
      order.symbol,
      order.side,
      quantity.toString(),
      price,
      filledQuantity.toString(),
      derived,
      executedAt ?? null,
      amount,
      calendar.settlementDate(order.tradingDay ?? ""),
      report.averagePrice === undefined,
    ],
  );
  for (const row of rows) await publishExecution(tx, order, { ...row, quantity: quantity.toString(), price, derived });
  return changed;
}

/** Gives executions that were booked at an assumed price the one that the broker's sums lead to. */
async function repriceExecutions(
  tx: PoolClient,
  order: Order,
  { quantity, price, amount, derived }: Step,
): Promise<void> {
  const { rows } = await tx.query<ExecutionRow>(
    `WITH priced AS (
       UPDATE executions SET price = $2, price_missing = false, price_derived = $3 OR quantity <> $4
       WHERE order_id = $1 AND price_missing
       RETURNING execution_id, quantity, price, price_derived, executed_at)
     , booked AS (
       UPDATE transactions SET price = priced.price, price_derived = priced.price_derived,
         amount = CASE WHEN priced.quantity = $4 THEN $5 ELSE priced.quantity * priced.price END
       FROM priced WHERE transactions.execution_id = priced.execution_id)
     SELECT execution_id, quantity, price, price_derived AS derived, executed_at FROM priced ORDER BY execution_id`,
    [order.orderId, price, derived, quantity.toString(), amount],
  );
  for (const row of rows) await publishExecution(tx, order, row);
}

interface ExecutionRow {
  readonly execution_id: string;
  readonly quantity: string;
  readonly price: string;
  readonly derived: boolean;
  readonly executed_at: Date;
}

function publishExecution(tx: PoolClient, { orderId, userId, symbol, side }: Order, row: ExecutionRow): Promise<void> {
  const { execution_id: executionId, quantity, price, derived: priceDerived } = row;
  const executedAt = row.executed_at.toISOString();
  const payload = { executionId, orderId, symbol, side, quantity, price, priceDerived, executedAt };
  return publish(tx, userId, "TRADE_EXECUTION", payload);
}
