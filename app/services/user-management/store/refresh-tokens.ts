import type { PoolClient } from "pg";

export interface RefreshToken {
  readonly sessionId: string;
  readonly usedAt: Date | undefined;
  readonly superseded: boolean;
}

export async function insertRefreshToken(
  tx: PoolClient,
  token: { readonly hash: Buffer; readonly sessionId: string; readonly userId: string; readonly now: Date },
): Promise<void> {
  await tx.query("INSERT INTO refresh_tokens (token_hash, session_id, user_id, created_at) VALUES ($1, $2, $3, $4)", [
    token.hash,
    token.sessionId,
    token.userId,
    token.now,
  ]);
}

export async function findRefreshToken(tx: PoolClient, hash: Buffer): Promise<RefreshToken | undefined> {
  const { rows } = await tx.query<{ session_id: string; used_at: Date | null; superseded: boolean }>(
    "SELECT session_id, used_at, superseded FROM refresh_tokens WHERE token_hash = $1",
    [hash],
  );
  return rows
    .map((row) => ({ sessionId: row.session_id, usedAt: row.used_at ?? undefined, superseded: row.superseded }))
    .at(0);
}

export async function markUsed(tx: PoolClient, hash: Buffer, now: Date): Promise<void> {
  await tx.query("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1", [hash, now]);
}

/** True when no token of the session was used after `usedAt`: whatever replaced that one has not been shown yet. */
export async function isLastUsed(tx: PoolClient, sessionId: string, usedAt: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT 1 FROM refresh_tokens WHERE session_id = $1 AND used_at > $2 AND NOT superseded LIMIT 1",
    [sessionId, usedAt],
  );
  return rowCount === 0;
}

/** Takes back every unused token of the session. */
export async function supersedeUnused(tx: PoolClient, sessionId: string, now: Date): Promise<void> {
  await tx.query(
    "UPDATE refresh_tokens SET used_at = $2, superseded = true WHERE session_id = $1 AND used_at IS NULL",
    [sessionId, now],
  );
}
