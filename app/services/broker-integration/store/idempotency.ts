import type { PoolClient } from "pg";

export interface StoredAnswer {
  readonly requestHash: Buffer;
  readonly status: number;
  readonly answer: unknown;
}

/**
 * Takes the key for the rest of the transaction. False when another request holds it right now.
 * The lock is on a hash of user and key: two keys may share it, which costs a retry and no more.
 */
export async function takeKey(tx: PoolClient, userId: string, key: string): Promise<boolean> {
  const { rows } = await tx.query<{ taken: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken",
    [`idempotency:${userId}:${key}`],
  );
  return rows[0]?.taken ?? false;
}

export async function findAnswer(tx: PoolClient, userId: string, key: string): Promise<StoredAnswer | undefined> {
  const { rows } = await tx.query<{ request_hash: Buffer; status: number; answer: unknown }>(
    "SELECT request_hash, status, answer FROM idempotency_keys WHERE user_id = $1 AND key = $2",
    [userId, key],
  );
  const [row] = rows;
  return row && { requestHash: row.request_hash, status: row.status, answer: row.answer };
}

export async function storeAnswer(
  tx: PoolClient,
  userId: string,
  key: string,
  { requestHash, status, answer }: StoredAnswer,
): Promise<void> {
  await tx.query(
    "INSERT INTO idempotency_keys (user_id, key, request_hash, status, answer) VALUES ($1, $2, $3, $4, $5)",
    [userId, key, requestHash, status, JSON.stringify(answer)],
  );
}
