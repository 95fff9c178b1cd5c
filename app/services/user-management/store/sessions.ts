import type { PoolClient } from "pg";
import type { EndReason, Session } from "../domain/session";

interface SessionRow {
  session_id: string;
  user_id: string;
  user_agent: string;
  ip_address: string | null;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
}

const columns = "session_id, user_id, user_agent, host(ip_address) AS ip_address, created_at, last_used_at, expires_at";

const sessionOf = (row: SessionRow): Session => ({
  sessionId: row.session_id,
  userId: row.user_id,
  userAgent: row.user_agent,
  ipAddress: row.ip_address ?? undefined,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
});

export interface NewSession {
  readonly sessionId: string;
  readonly userId: string;
  readonly userAgent: string;
  readonly ipAddress: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

export async function insertSession(tx: PoolClient, session: NewSession): Promise<void> {
  await tx.query(
    `INSERT INTO user_sessions (session_id, user_id, user_agent, ip_address, created_at, last_used_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $5, $6)`,
    [session.sessionId, session.userId, session.userAgent, session.ipAddress, session.now, session.expiresAt],
  );
}

/** Sessions that have neither ended nor expired, the newest first. */
export async function activeSessions(tx: PoolClient, userId: string, now: Date): Promise<readonly Session[]> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM user_sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
     ORDER BY created_at DESC, session_id`,
    [userId, now],
  );
  return rows.map(sessionOf);
}

/** The session, locked until the transaction ends, unless it has ended or expired. */
export async function lockActiveSession(tx: PoolClient, sessionId: string, now: Date): Promise<Session | undefined> {
  const { rows } = await tx.query<SessionRow>(
    `SELECT ${columns} FROM user_sessions WHERE session_id = $1 AND ended_at IS NULL AND expires_at > $2 FOR UPDATE`,
    [sessionId, now],
  );
  return rows.map(sessionOf).at(0);
}

export async function touchSession(tx: PoolClient, sessionId: string, now: Date, expiresAt: Date): Promise<void> {
  await tx.query("UPDATE user_sessions SET last_used_at = $2, expires_at = $3 WHERE session_id = $1", [
    sessionId,
    now,
    expiresAt,
  ]);
}

/** @returns false when the user has no such session that has not ended */
export async function endSession(
  tx: PoolClient,
  userId: string,
  sessionId: string,
  reason: EndReason,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE user_sessions SET ended_at = now(), end_reason = $3
     WHERE user_id = $1 AND session_id = $2 AND ended_at IS NULL`,
    [userId, sessionId, reason],
  );
  return rowCount === 1;
}

/** Ends every session of the user, but the one to keep. */
export async function endSessions(tx: PoolClient, userId: string, reason: EndReason, keep?: string): Promise<number> {
  const { rowCount } = await tx.query(
    `UPDATE user_sessions SET ended_at = now(), end_reason = $2
     WHERE user_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $3`,
    [userId, reason, keep],
  );
  return rowCount ?? 0;
}
