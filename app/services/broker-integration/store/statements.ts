import type { PoolClient } from "pg";
import type { StoredStatement } from "../domain/statement";
import type { Lots } from "../../../packages/bist/lots";
import type { Order } from "../domain/order";
import type { BrokerAccount } from "./accounts";
import type { ViewFailure } from "./views";

/** Istanbul dates, yyyy-MM-dd, both included. */
export interface StatementPeriod {
  readonly from: string;
  readonly until: string;
}

export interface AccountStatementView {
  readonly content: StoredStatement;
  readonly asOf: Date;
}

const ofPeriod = "account_id = $1 AND sub_account = $2 AND from_date = $3 AND until_date = $4";
const key = ({ accountId, subAccount }: BrokerAccount, { from, until }: StatementPeriod) => [
  accountId,
  subAccount,
  from,
  until,
];

export async function findStatement(
  tx: PoolClient,
  account: BrokerAccount,
  period: StatementPeriod,
): Promise<AccountStatementView | undefined> {
  const { rows } = await tx.query<{ content: StoredStatement; as_of: Date }>(
    `SELECT content, as_of FROM account_statements WHERE ${ofPeriod} AND as_of IS NOT NULL`,
    key(account, period),
  );
  return rows[0] && { content: rows[0].content, asOf: rows[0].as_of };
}

export async function findStatementFailure(
  tx: PoolClient,
  account: BrokerAccount,
  period: StatementPeriod,
): Promise<ViewFailure | undefined> {
  const { rows } = await tx.query<{ failure: string; failed_at: Date }>(
    `SELECT failure, failed_at FROM account_statements WHERE ${ofPeriod} AND failure IS NOT NULL`,
    key(account, period),
  );
  return rows[0] && { failure: rows[0].failure, failedAt: rows[0].failed_at };
}

/** Asks for a statement to be fetched. @returns how many other statements of the account wait */
export async function requestStatement(
  tx: PoolClient,
  account: BrokerAccount,
  period: StatementPeriod,
): Promise<number> {
  await tx.query(
    `INSERT INTO account_statements (account_id, sub_account, from_date, until_date, user_id, requested_at)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp())
     ON CONFLICT (account_id, sub_account, from_date, until_date) DO UPDATE SET requested_at = clock_timestamp()`,
    [...key(account, period), account.userId],
  );
  const others = (await requestedStatements(tx, account)).filter(
    ({ from, until }) => from !== period.from || until !== period.until,
  );
  return others.length;
}

/** Periods that are asked for, of the account's sub-account. One that failed is so again when somebody asks anew. */
export async function requestedStatements(tx: PoolClient, account: BrokerAccount): Promise<StatementPeriod[]> {
  const { rows } = await tx.query<StatementPeriod>(
    `SELECT from_date::text AS "from", until_date::text AS "until" FROM account_statements
     WHERE account_id = $1 AND sub_account = $2 AND requested_at IS NOT NULL
       AND (failed_at IS NULL OR requested_at > failed_at) ORDER BY requested_at`,
    [account.accountId, account.subAccount],
  );
  return rows;
}

/** Keeps what the broker answered. @param askedAt database time before the call: a wish that came later stays open */
export async function storeStatement(
  tx: PoolClient,
  account: BrokerAccount,
  period: StatementPeriod,
  content: StoredStatement,
  askedAt: Date,
): Promise<void> {
  await tx.query(
    `UPDATE account_statements SET content = $5, as_of = $6, failure = NULL, failed_at = NULL,
       requested_at = CASE WHEN requested_at > $6 THEN requested_at END
     WHERE ${ofPeriod}`,
    [...key(account, period), JSON.stringify(content), askedAt],
  );
}

/** Notes that a statement could not be fetched. */
export async function storeStatementFailure(
  tx: PoolClient,
  account: BrokerAccount,
  period: StatementPeriod,
  { failure, failedAt }: ViewFailure,
): Promise<void> {
  await tx.query(`UPDATE account_statements SET failure = $5, failed_at = $6 WHERE ${ofPeriod}`, [
    ...key(account, period),
    failure,
    failedAt,
  ]);
}

/** Notes what the statement shows of an order. @returns the most that it ever showed */
export async function noteStated(tx: PoolClient, { orderId, userId }: Order, quantity: Lots): Promise<Lots> {
  const { rows } = await tx.query<{ quantity: string }>(
    `INSERT INTO stated_orders (order_id, user_id, quantity) VALUES ($1, $2, $3)
     ON CONFLICT (order_id) DO UPDATE SET quantity = greatest(stated_orders.quantity, $3), read_at = clock_timestamp()
     RETURNING quantity`,
    [orderId, userId, quantity.toString()],
  );
  return BigInt(rows[0]?.quantity ?? quantity);
}
