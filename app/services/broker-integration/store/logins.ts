import type { PoolClient } from "pg";

/** A log-in that waits for its SMS code, its token and key still sealed. */
export interface PendingLogin {
  readonly loginId: string;
  readonly userId: string;
  /** Whose customer number it claims to be, proven or not. */
  readonly customerHash: Buffer;
  readonly token: Buffer;
  /** Undefined where it goes by the platform's key. */
  readonly apiKey: Buffer | undefined;
  /** When the key came with this log-in, by the database's clock; undefined where it goes by one that was known. */
  readonly apiKeyGivenAt: Date | undefined;
  /** Undefined leaves the account's as it is. */
  readonly subAccount: string | undefined;
  readonly feedsMarketData: boolean;
  readonly expiresAt: Date;
}

interface LoginRow {
  readonly login_id: string;
  readonly user_id: string;
  readonly customer_hash: Buffer;
  readonly token: Buffer;
  readonly api_key: Buffer | null;
  readonly api_key_given_at: Date | null;
  readonly sub_account: string | null;
  readonly feeds_market_data: boolean;
  readonly expires_at: Date;
}

/** Keeps a log-in until its code comes, in place of one that the user has begun before. */
export async function storeLogin(tx: PoolClient, login: PendingLogin): Promise<void> {
  await tx.query(
    `INSERT INTO broker_logins (user_id, login_id, customer_hash, token, api_key, sub_account, feeds_market_data, expires_at,
       api_key_given_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (user_id) DO UPDATE SET login_id = $2, customer_hash = $3, token = $4, api_key = $5, sub_account = $6,
       feeds_market_data = $7, expires_at = $8, api_key_given_at = $9`,
    [
      login.userId,
      login.loginId,
      login.customerHash,
      login.token,
      login.apiKey ?? null,
      login.subAccount ?? null,
      login.feedsMarketData,
      login.expiresAt,
      login.apiKeyGivenAt ?? null,
    ],
  );
}

/** The user's log-in that waits for its code and has not run out. */
export async function pendingLogin(tx: PoolClient, userId: string): Promise<PendingLogin | undefined> {
  const { rows } = await tx.query<LoginRow>("SELECT * FROM broker_logins WHERE user_id = $1 AND expires_at > now()", [
    userId,
  ]);
  const [row] = rows;
  return (
    row && {
      loginId: row.login_id,
      userId: row.user_id,
      customerHash: row.customer_hash,
      token: row.token,
      apiKey: row.api_key ?? undefined,
      apiKeyGivenAt: row.api_key_given_at ?? undefined,
      subAccount: row.sub_account ?? undefined,
      feedsMarketData: row.feeds_market_data,
      expiresAt: row.expires_at,
    }
  );
}

/** Ends a log-in's wait. @returns false when another has taken its place, or has ended it */
export async function takeLogin(tx: PoolClient, { userId, loginId }: PendingLogin): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM broker_logins WHERE user_id = $1 AND login_id = $2", [
    userId,
    loginId,
  ]);
  return rowCount === 1;
}
