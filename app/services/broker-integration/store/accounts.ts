import type { PoolClient } from "pg";
import type { Queryable } from "../../../packages/kit/database/database";

/** A user's account at the broker. */
export interface BrokerAccount {
  readonly accountId: string;
  readonly userId: string;
  readonly subAccount: string;
}

interface AccountRow {
  readonly account_id: string;
  readonly user_id: string;
  readonly sub_account: string;
}

const accountOf = (row: AccountRow): BrokerAccount => ({
  accountId: row.account_id,
  userId: row.user_id,
  subAccount: row.sub_account,
});

/** The user's account while it has a session at the broker. */
export async function accountWithSession(tx: PoolClient, userId: string): Promise<BrokerAccount | undefined> {
  const { rows } = await tx.query<AccountRow>(
    `SELECT account_id, broker_accounts.user_id, sub_account FROM broker_accounts JOIN algolab_sessions USING (account_id)
     WHERE broker_accounts.user_id = $1 AND active`,
    [userId],
  );
  return rows[0] && accountOf(rows[0]);
}

export async function accountOfUser(tx: PoolClient, userId: string): Promise<BrokerAccount | undefined> {
  const { rows } = await tx.query<AccountRow>(
    "SELECT account_id, user_id, sub_account FROM broker_accounts WHERE user_id = $1",
    [userId],
  );
  return rows[0] && accountOf(rows[0]);
}

export interface NewAccount extends BrokerAccount {
  readonly customerHash: Buffer;
  readonly feedsMarketData: boolean;
}

/**
 * Opens the user's account, or finds the one that is there.
 * @returns undefined when the user's account is another customer's
 * @throws the violation of `broker_accounts_customer_key` when the customer is another user's
 */
export async function openAccount(tx: PoolClient, account: NewAccount): Promise<BrokerAccount | undefined> {
  const { rows } = await tx.query<AccountRow>(
    `INSERT INTO broker_accounts (account_id, user_id, customer_hash, sub_account, feeds_market_data)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (user_id) DO UPDATE SET sub_account = $4, feeds_market_data = $5
       WHERE broker_accounts.customer_hash = $3
     RETURNING account_id, user_id, sub_account`,
    [account.accountId, account.userId, account.customerHash, account.subAccount, account.feedsMarketData],
  );
  return rows[0] && accountOf(rows[0]);
}

/** An account that this process may talk to the broker for, and the session to do it with. */
export interface LeasedAccount extends BrokerAccount {
  readonly sessionId: string;
}

type LeasedRow = AccountRow & { readonly session_id: string };

const leasedAccountOf = (row: LeasedRow): LeasedAccount => ({ ...accountOf(row), sessionId: row.session_id });

/**
 * Takes or keeps the lease of every account that has a session and whose lease is free, run out, or one's own. Accounts
 * whose rows are locked are left out: another process may be taking them, or a worker of this one be about to send.
 * Runs as the system: it looks at the accounts of all users.
 */
export async function takeLeases(tx: PoolClient, owner: string, ttlMs: number): Promise<LeasedAccount[]> {
  const { rows } = await tx.query<LeasedRow>(
    `WITH free AS (
       SELECT account_id, session_id FROM broker_accounts JOIN algolab_sessions USING (account_id)
       WHERE active AND (lease_owner = $1 OR lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
       FOR NO KEY UPDATE OF broker_accounts SKIP LOCKED
     )
     UPDATE broker_accounts SET lease_owner = $1, lease_expires_at = clock_timestamp() + $2 * interval '1 ms'
     FROM free WHERE broker_accounts.account_id = free.account_id
     RETURNING broker_accounts.account_id, user_id, sub_account, session_id`,
    [owner, ttlMs],
  );
  return rows.map(leasedAccountOf);
}

/** Renews one lease of the owner, waiting for a lock on its row. @returns undefined when another owner has it */
export async function keepLease(
  tx: PoolClient,
  accountId: string,
  owner: string,
  ttlMs: number,
): Promise<LeasedAccount | undefined> {
  const { rows } = await tx.query<LeasedRow>(
    `UPDATE broker_accounts SET lease_expires_at = clock_timestamp() + $3 * interval '1 ms'
     FROM algolab_sessions WHERE broker_accounts.account_id = $1 AND lease_owner = $2
       AND algolab_sessions.account_id = broker_accounts.account_id AND active
     RETURNING broker_accounts.account_id, broker_accounts.user_id, sub_account, session_id`,
    [accountId, owner, ttlMs],
  );
  return rows[0] && leasedAccountOf(rows[0]);
}

/** Gives leases back, so that another replica need not wait for them to run out. */
export async function releaseLeases(tx: PoolClient, owner: string): Promise<void> {
  await tx.query("UPDATE broker_accounts SET lease_owner = NULL, lease_expires_at = NULL WHERE lease_owner = $1", [
    owner,
  ]);
}

/**
 * Whether the owner has the lease now; it keeps it until the transaction ends, because the row is locked.
 * @returns the database's time, or undefined when another process may have the lease
 */
export async function holdLease(tx: PoolClient, accountId: string, owner: string): Promise<Date | undefined> {
  const { rows } = await tx.query<{ now: Date }>(
    `SELECT clock_timestamp() AS now FROM broker_accounts
     WHERE account_id = $1 AND lease_owner = $2 AND lease_expires_at > clock_timestamp() FOR SHARE`,
    [accountId, owner],
  );
  return rows[0]?.now;
}

/** The database's clock, by which everything about submissions is timed. */
export async function databaseTime(database: Queryable): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  const [row] = rows;
  if (row === undefined) throw new Error("the database returned no time");
  return row.now;
}
