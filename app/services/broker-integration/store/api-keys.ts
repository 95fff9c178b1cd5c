import type { PoolClient } from "pg";

/** The sealed API key that the user's log-ins go by, if one was given. */
export async function findApiKey(tx: PoolClient, userId: string): Promise<Buffer | undefined> {
  const { rows } = await tx.query<{ api_key: Buffer }>("SELECT api_key FROM broker_api_keys WHERE user_id = $1", [
    userId,
  ]);
  return rows[0]?.api_key;
}

/**
 * Keeps a sealed API key for the user's log-ins from now on, unless one was given after it; a session that is open goes on
 * with its own.
 * @param givenAt by the database's clock
 */
export async function storeApiKey(tx: PoolClient, userId: string, apiKey: Buffer, givenAt: Date): Promise<void> {
  await tx.query(
    `INSERT INTO broker_api_keys AS kept (user_id, api_key, given_at) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE SET api_key = $2, given_at = $3 WHERE kept.given_at <= $3`,
    [userId, apiKey, givenAt],
  );
}

/** @returns whether there was one */
export async function deleteApiKey(tx: PoolClient, userId: string): Promise<boolean> {
  const { rowCount } = await tx.query("DELETE FROM broker_api_keys WHERE user_id = $1", [userId]);
  return rowCount === 1;
}
