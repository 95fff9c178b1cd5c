import type { PoolClient } from "pg";

export interface Transaction {
  readonly transactionId: string;
  readonly type: "BUY" | "SELL";
  readonly orderId: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  readonly amount: string;
  readonly currency: string;
  readonly transactionDate: string;
  readonly settlementDate: string;
  readonly status: "PENDING" | "SETTLED";
}

type TransactionRow = Omit<Transaction, "transactionDate" | "status"> & { readonly transactionDate: Date };

/**
 * A page of one's transactions, newest first.
 * @param before the id that the last page ended with
 * @param today Istanbul date, from which on what settles that day counts as settled
 */
export async function listTransactions(
  tx: PoolClient,
  userId: string,
  before: string | undefined,
  limit: number,
  today: string,
): Promise<Transaction[]> {
  const { rows } = await tx.query<TransactionRow>(
    `SELECT transaction_id AS "transactionId", transaction_type AS "type", order_id AS "orderId", t.symbol,
            t.quantity, t.price, t.amount, t.currency, t.transaction_date AS "transactionDate",
            t.settlement_date::text AS "settlementDate"
     FROM transactions t JOIN executions USING (execution_id)
     WHERE t.user_id = $1 AND ($2::bigint IS NULL OR transaction_id < $2)
     ORDER BY transaction_id DESC LIMIT $3`,
    [userId, before ?? null, limit],
  );
  return rows.map((row) => ({
    ...row,
    transactionDate: row.transactionDate.toISOString(),
    status: row.settlementDate <= today ? "SETTLED" : "PENDING",
  }));
}

export interface Execution {
  readonly executionId: string;
  readonly quantity: string;
  readonly price: string;
  readonly executedAt: string;
}

/** The executions of one order, in order. */
export async function executionsOf(tx: PoolClient, orderId: string): Promise<Execution[]> {
  const { rows } = await tx.query<Omit<Execution, "executedAt"> & { executedAt: Date }>(
    `SELECT execution_id AS "executionId", quantity, price, executed_at AS "executedAt"
     FROM executions WHERE order_id = $1 ORDER BY execution_id`,
    [orderId],
  );
  return rows.map((row) => ({ ...row, executedAt: row.executedAt.toISOString() }));
}
