import type { PoolClient } from "pg";

export interface Transaction {
  readonly transactionId: string;
  readonly type: "BUY" | "SELL";
  readonly orderId: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly price: string;
  /** The price comes from the broker's sums: see `Step`. */
  readonly priceDerived: boolean;
  readonly amount: string;
  readonly currency: string;
  readonly transactionDate: Date;
  readonly settlementDate: string;
}

/**
 * A page of one's transactions, newest first.
 * @param before the id that the last page ended with
 */
export async function listTransactions(
  tx: PoolClient,
  userId: string,
  before: string | undefined,
  limit: number,
): Promise<Transaction[]> {
  const { rows } = await tx.query<Transaction>(
    `SELECT transaction_id AS "transactionId", transaction_type AS "type", order_id AS "orderId", t.symbol,
            t.quantity, t.price, t.price_derived AS "priceDerived", t.amount, t.currency, t.transaction_date AS "transactionDate",
            t.settlement_date::text AS "settlementDate"
     FROM transactions t JOIN executions USING (execution_id)
     WHERE t.user_id = $1 AND ($2::bigint IS NULL OR transaction_id < $2)
     ORDER BY transaction_id DESC LIMIT $3`,
    [userId, before ?? null, limit],
  );
  return rows;
}
