import { randomBytes, randomUUID } from "node:crypto";
import type { PoolClient } from "pg";

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

/** A user's account while it has a session at the broker. */
export interface TradingAccount extends BrokerAccount {
  /** The sub-account that the log-in named, while it is not `subAccount`. */
  readonly wantedSubAccount: string | undefined;
}

/** The user's account while it has a session at the broker and the user may trade. */
export async function accountWithSession(tx: PoolClient, userId: string): Promise<TradingAccount | undefined> {
  const { rows } = await tx.query<AccountRow & { readonly wanted_sub_account: string | null }>(
    `SELECT account_id, broker_accounts.user_id, sub_account, wanted_sub_account
     FROM broker_accounts JOIN algolab_sessions USING (account_id)
     WHERE broker_accounts.user_id = $1 AND active
       AND NOT EXISTS (SELECT FROM suspended_users WHERE user_id = broker_accounts.user_id)`,
    [userId],
  );
  return rows[0] && { ...accountOf(rows[0]), wantedSubAccount: rows[0].wanted_sub_account ?? undefined };
}

/** Whether the user may not trade: suspended, or deactivated. */
export async function isSuspended(tx: PoolClient, userId: string): Promise<boolean> {
  const { rowCount } = await tx.query("SELECT FROM suspended_users WHERE user_id = $1", [userId]);
  return rowCount === 1;
}

export async function accountOfUser(tx: PoolClient, userId: string): Promise<BrokerAccount | undefined> {
  const { rows } = await tx.query<AccountRow>(
    "SELECT account_id, user_id, sub_account FROM broker_accounts WHERE user_id = $1",
    [userId],
  );
  return rows[0] && accountOf(rows[0]);
}

/** Whether a customer number is the user's, by a code that proved it. */
export async function hasProven(tx: PoolClient, userId: string, customerHash: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT FROM broker_accounts WHERE user_id = $1 AND customer_hash = $2 AND customer_proven_at IS NOT NULL",
    [userId, customerHash],
  );
  return rowCount === 1;
}

export interface ProvenAccount extends Pick<BrokerAccount, "userId"> {
  readonly customerHash: Buffer;
  readonly feedsMarketData: boolean;
}

/** Why an account is not the user's although its customer number was proven. */
export type ClaimRefusal =
  /** The user's account is another customer's. */
  | "OTHER_CUSTOMER"
  /** The customer has an account of another user. */
  | "OTHER_USER";

interface ClaimRow extends AccountRow {
  readonly customer_hash: Buffer;
  readonly proven: boolean;
  readonly deactivated: boolean;
  readonly unfinished: boolean;
}

/**
 * Makes the account of a customer, whose number an SMS code has just proven, the user's. A claim that was never proven
 * gives way; so does one of a user who is deactivated, once none of its orders is under way. Runs as the system: it looks
 * at accounts of other users.
 */
export async function claimAccount(tx: PoolClient, claim: ProvenAccount): Promise<BrokerAccount | ClaimRefusal> {
  const { userId, customerHash, feedsMarketData } = claim;
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`claim:${customerHash.toString("hex")}`]);
  // Waits for orders that are being placed or sent; a statement of its own, so that the next one sees them.
  await tx.query(
    "SELECT FROM broker_accounts WHERE user_id = $1 OR customer_hash = $2 ORDER BY account_id FOR UPDATE",
    [userId, customerHash],
  );
  const { rows } = await tx.query<ClaimRow>(
    `SELECT account_id, user_id, sub_account, customer_hash,
       customer_proven_at IS NOT NULL
         OR EXISTS (SELECT FROM algolab_sessions WHERE account_id = account.account_id AND last_refresh_at IS NOT NULL)
         OR EXISTS (SELECT FROM orders WHERE account_id = account.account_id) AS proven,
       EXISTS (SELECT FROM suspended_users WHERE user_id = account.user_id AND status = 'DEACTIVATED') AS deactivated,
       EXISTS (SELECT FROM orders WHERE account_id = account.account_id
         AND status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED')) AS unfinished
     FROM broker_accounts AS account WHERE user_id = $1 OR customer_hash = $2`,
    [userId, customerHash],
  );
  const own = rows.find((row) => row.user_id === userId);
  const others = rows.find((row) => row.user_id !== userId);
  if (own?.proven && !own.customer_hash.equals(customerHash)) return "OTHER_CUSTOMER";
  if (others?.proven && !(others.deactivated && !others.unfinished)) return "OTHER_USER";
  if (others !== undefined) {
    // The account and what it has done stay with its user; the number no longer leads there.
    await tx.query("UPDATE broker_accounts SET customer_hash = $2, customer_proven_at = NULL WHERE account_id = $1", [
      others.account_id,
      randomBytes(32),
    ]);
  }
  const { rows: claimed } = await tx.query<AccountRow>(
    `INSERT INTO broker_accounts (account_id, user_id, customer_hash, sub_account, feeds_market_data, customer_proven_at)
     VALUES ($1, $2, $3, '', $4, clock_timestamp())
     ON CONFLICT (user_id) DO UPDATE SET customer_hash = $3, feeds_market_data = $4, customer_proven_at = clock_timestamp(),
       sub_account = CASE broker_accounts.customer_hash WHEN $3 THEN broker_accounts.sub_account ELSE '' END
     RETURNING account_id, user_id, sub_account`,
    [own?.account_id ?? randomUUID(), userId, customerHash, feedsMarketData],
  );
  const [row] = claimed;
  if (row === undefined) throw new Error("a claimed account came back empty");
  return accountOf(row);
}

/** Waits for orders that are being placed or sent, both of which hold the row, and holds it until the transaction ends. */
export async function lockAccount(tx: PoolClient, { accountId }: BrokerAccount): Promise<void> {
  await tx.query("SELECT FROM broker_accounts WHERE account_id = $1 FOR UPDATE", [accountId]);
}

/**
 * Chooses another sub-account, unless orders of the one before are under way: they are looked for there.
 * @returns whether it was chosen
 */
export async function chooseSubAccount(tx: PoolClient, account: BrokerAccount, subAccount: string): Promise<boolean> {
  await lockAccount(tx, account);
  const { rowCount } = await tx.query(
    `UPDATE broker_accounts SET sub_account = $2 WHERE account_id = $1 AND (sub_account = $2 OR NOT EXISTS (
       SELECT FROM orders WHERE account_id = $1
         AND status IN ('CREATED', 'SUBMITTING', 'UNKNOWN', 'ACCEPTED', 'PARTIALLY_FILLED')))`,
    [account.accountId, subAccount],
  );
  return rowCount === 1;
}

/** Whether the account still has the sub-account; it keeps it until the transaction ends, because the row is locked. */
export async function keepsSubAccount(tx: PoolClient, { accountId, subAccount }: BrokerAccount): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT FROM broker_accounts WHERE account_id = $1 AND sub_account = $2 FOR SHARE",
    [accountId, subAccount],
  );
  return rowCount === 1;
}

/** An account that this process may talk to the broker for, and the session to do it with. */
export interface LeasedAccount extends BrokerAccount {
  readonly sessionId: string;
  /** For `CallSlots`. */
  readonly customerHash: Buffer;
}

type LeasedRow = AccountRow & { readonly session_id: string; readonly customer_hash: Buffer };

const leasedAccountOf = (row: LeasedRow): LeasedAccount => ({
  ...accountOf(row),
  sessionId: row.session_id,
  customerHash: row.customer_hash,
});

/** Without it an account whose session has an API key of its own is not leased, see migration 014. */
const knowsSessionKeys = "SET LOCAL app.calls_with_session_keys = 'on'";

/**
 * Takes or keeps the lease of every account that has a session and whose lease is free, run out, or one's own. Accounts
 * whose rows are locked are left out: another process may be taking them, or a worker of this one be about to send.
 * Runs as the system: it looks at the accounts of all users.
 */
export async function takeLeases(tx: PoolClient, owner: string, ttlMs: number): Promise<LeasedAccount[]> {
  await tx.query(knowsSessionKeys);
  const { rows } = await tx.query<LeasedRow>(
    `WITH free AS (
       SELECT account_id, session_id FROM broker_accounts JOIN algolab_sessions USING (account_id)
       WHERE active AND (lease_owner = $1 OR lease_expires_at IS NULL OR lease_expires_at < clock_timestamp())
       FOR NO KEY UPDATE OF broker_accounts SKIP LOCKED
     )
     UPDATE broker_accounts SET lease_owner = $1, lease_expires_at = clock_timestamp() + $2 * interval '1 ms'
     FROM free WHERE broker_accounts.account_id = free.account_id
     RETURNING broker_accounts.account_id, user_id, sub_account, session_id, customer_hash`,
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
  await tx.query(knowsSessionKeys);
  const { rows } = await tx.query<LeasedRow>(
    `UPDATE broker_accounts SET lease_expires_at = clock_timestamp() + $3 * interval '1 ms'
     FROM algolab_sessions WHERE broker_accounts.account_id = $1 AND lease_owner = $2
       AND algolab_sessions.account_id = broker_accounts.account_id AND active
     RETURNING broker_accounts.account_id, broker_accounts.user_id, sub_account, session_id, customer_hash`,
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
 * Whether the owner may send something over the session now: it has the lease, the session lives and no log-in has replaced
 * it, the sub-account is the one that it knows, and the user may trade. The lease and the sub-account stay so until the
 * transaction ends, because the row is locked.
 * @returns the database's time, or undefined when nothing may be sent
 */
export async function holdLease(
  tx: PoolClient,
  { accountId, subAccount }: Pick<BrokerAccount, "accountId" | "subAccount">,
  sessionId: string,
  owner: string,
): Promise<Date | undefined> {
  const { rows } = await tx.query<{ now: Date }>(
    `SELECT clock_timestamp() AS now FROM broker_accounts
     WHERE account_id = $1 AND lease_owner = $2 AND lease_expires_at > clock_timestamp() AND sub_account = $3
       AND NOT EXISTS (SELECT FROM suspended_users WHERE user_id = broker_accounts.user_id)
       AND EXISTS (SELECT FROM algolab_sessions WHERE account_id = $1 AND session_id = $4 AND active) FOR SHARE`,
    [accountId, owner, subAccount, sessionId],
  );
  return rows[0]?.now;
}
