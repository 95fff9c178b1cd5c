import type { PoolClient } from "pg";

export type TerminationReason = "REPLACED" | "LOGOUT" | "EXPIRED";

/** A login at the broker, its token and hash still sealed. */
export interface StoredSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly token: Buffer;
  readonly hash: Buffer | undefined;
  readonly expiresAt: Date;
  readonly lastRefreshAt: Date | undefined;
  readonly webSocketConnected: boolean;
}

interface SessionRow {
  readonly session_id: string;
  readonly account_id: string;
  readonly user_id: string;
  readonly token: Buffer;
  readonly hash: Buffer | null;
  readonly expires_at: Date;
  readonly last_refresh_at: Date | null;
  readonly websocket_connected: boolean;
}

const columns = "session_id, account_id, user_id, token, hash, expires_at, last_refresh_at, websocket_connected";

const sessionOf = (row: SessionRow): StoredSession => ({
  sessionId: row.session_id,
  accountId: row.account_id,
  userId: row.user_id,
  token: row.token,
  hash: row.hash ?? undefined,
  expiresAt: row.expires_at,
  lastRefreshAt: row.last_refresh_at ?? undefined,
  webSocketConnected: row.websocket_connected,
});

/** Stores a login that waits for its SMS code. */
export async function insertPendingSession(
  tx: PoolClient,
  session: Pick<StoredSession, "sessionId" | "accountId" | "userId" | "token" | "expiresAt">,
): Promise<void> {
  await tx.query(
    "INSERT INTO algolab_sessions (session_id, account_id, user_id, token, expires_at) VALUES ($1, $2, $3, $4, $5)",
    [session.sessionId, session.accountId, session.userId, session.token, session.expiresAt],
  );
}

/** The newest login of the account that waits for its SMS code and has not run out. */
export async function pendingSession(tx: PoolClient, accountId: string): Promise<StoredSession | undefined> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM algolab_sessions
     WHERE account_id = $1 AND hash IS NULL AND termination_reason IS NULL AND expires_at > now()
     ORDER BY created_at DESC LIMIT 1`,
    [accountId],
  );
  return rows[0] && sessionOf(rows[0]);
}

export async function activeSession(tx: PoolClient, accountId: string): Promise<StoredSession | undefined> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM algolab_sessions WHERE account_id = $1 AND active`,
    [accountId],
  );
  return rows[0] && sessionOf(rows[0]);
}

/** Makes a pending login the account's session, in place of the one before. */
export async function activateSession(
  tx: PoolClient,
  { sessionId, accountId }: StoredSession,
  hash: Buffer,
  expiresAt: Date,
): Promise<void> {
  await tx.query(
    `UPDATE algolab_sessions SET active = false, websocket_connected = false, termination_reason = 'REPLACED'
     WHERE account_id = $1 AND session_id <> $2 AND termination_reason IS NULL`,
    [accountId, sessionId],
  );
  await tx.query(
    `UPDATE algolab_sessions SET hash = $2, active = true, expires_at = $3, last_refresh_at = clock_timestamp()
     WHERE session_id = $1`,
    [sessionId, hash, expiresAt],
  );
}

export async function endSession(tx: PoolClient, sessionId: string, reason: TerminationReason): Promise<void> {
  await tx.query(
    `UPDATE algolab_sessions SET active = false, websocket_connected = false, termination_reason = $2
     WHERE session_id = $1 AND active`,
    [sessionId, reason],
  );
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
