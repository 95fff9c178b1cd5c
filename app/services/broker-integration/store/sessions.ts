import type { PoolClient } from "pg";
import type { SubAccountProblem } from "./wanted-sub-account";

export type TerminationReason = "REPLACED" | "LOGOUT" | "EXPIRED";

/** A session at the broker, its hash and key still sealed. */
export interface StoredSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly hash: Buffer;
  /** What it was opened with; undefined for the platform's. */
  readonly apiKey: Buffer | undefined;
  readonly expiresAt: Date;
  readonly lastRefreshAt: Date | undefined;
  readonly webSocketConnected: boolean;
  /** The sub-account that the log-in named, while it is not the account's. */
  readonly wantedSubAccount: string | undefined;
  /** Why it is not; undefined while the broker has not listed what there is. */
  readonly subAccountProblem: SubAccountProblem | undefined;
}

interface SessionRow {
  readonly session_id: string;
  readonly account_id: string;
  readonly hash: Buffer;
  readonly api_key: Buffer | null;
  readonly expires_at: Date;
  readonly last_refresh_at: Date | null;
  readonly websocket_connected: boolean;
  readonly wanted_sub_account: string | null;
  readonly sub_account_problem: SubAccountProblem | null;
}

const columns =
  "session_id, account_id, hash, api_key, expires_at, last_refresh_at, websocket_connected, wanted_sub_account, sub_account_problem";

const sessionOf = (row: SessionRow): StoredSession => ({
  sessionId: row.session_id,
  accountId: row.account_id,
  hash: row.hash,
  apiKey: row.api_key ?? undefined,
  expiresAt: row.expires_at,
  lastRefreshAt: row.last_refresh_at ?? undefined,
  webSocketConnected: row.websocket_connected,
  wantedSubAccount: row.wanted_sub_account ?? undefined,
  subAccountProblem: row.sub_account_problem ?? undefined,
});

export async function activeSession(tx: PoolClient, accountId: string): Promise<StoredSession | undefined> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM algolab_sessions WHERE account_id = $1 AND active`,
    [accountId],
  );
  return rows[0] && sessionOf(rows[0]);
}

/** What ends with a session: what could be used at the broker is forgotten. */
const ended = "active = false, websocket_connected = false, hash = NULL, api_key = NULL, token = ''";

type Opened = "sessionId" | "accountId" | "hash" | "apiKey" | "expiresAt" | "wantedSubAccount";

export interface NewSession extends Pick<StoredSession, Opened> {
  readonly userId: string;
}

/** Opens a session of the account, in place of the one before. */
export async function replaceSession(tx: PoolClient, session: NewSession): Promise<void> {
  await tx.query(
    `UPDATE algolab_sessions SET ${ended}, termination_reason = 'REPLACED'
     WHERE account_id = $1 AND termination_reason IS NULL`,
    [session.accountId],
  );
  await tx.query(
    `INSERT INTO algolab_sessions
       (session_id, account_id, user_id, token, hash, api_key, active, expires_at, last_refresh_at, wanted_sub_account)
     VALUES ($1, $2, $3, '', $4, $5, true, $6, clock_timestamp(), $7)`,
    [
      session.sessionId,
      session.accountId,
      session.userId,
      session.hash,
      session.apiKey ?? null,
      session.expiresAt,
      session.wantedSubAccount ?? null,
    ],
  );
}

export async function endSession(tx: PoolClient, sessionId: string, reason: TerminationReason): Promise<void> {
  await tx.query(`UPDATE algolab_sessions SET ${ended}, termination_reason = $2 WHERE session_id = $1 AND active`, [
    sessionId,
    reason,
  ]);
}

/**
 * Ends the sessions, and the log-ins that wait for a code, of users who may not trade, and forgets the keys of those who
 * will not come back.
 * @returns how many sessions
 */
export async function endSessionsOfSuspended(tx: PoolClient): Promise<number> {
  await tx.query("DELETE FROM broker_logins WHERE user_id IN (SELECT user_id FROM suspended_users)");
  await tx.query(
    "DELETE FROM broker_api_keys WHERE user_id IN (SELECT user_id FROM suspended_users WHERE status = 'DEACTIVATED')",
  );
  const { rowCount } = await tx.query(
    `UPDATE algolab_sessions SET ${ended}, termination_reason = 'SUSPENDED'
     WHERE active AND user_id IN (SELECT user_id FROM suspended_users)`,
  );
  return rowCount ?? 0;
}

export async function noteRefresh(tx: PoolClient, sessionId: string): Promise<void> {
  await tx.query("UPDATE algolab_sessions SET last_refresh_at = clock_timestamp() WHERE session_id = $1", [sessionId]);
}

export async function noteSocket(tx: PoolClient, sessionId: string, connected: boolean): Promise<void> {
  await tx.query("UPDATE algolab_sessions SET websocket_connected = $2 WHERE session_id = $1 AND active", [
    sessionId,
    connected,
  ]);
}
