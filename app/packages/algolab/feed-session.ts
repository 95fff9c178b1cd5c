import type { Database } from "../kit/database/database";
import type { SessionVault } from "./session-vault";

/** The session over which market data is read. */
export interface FeedSession {
  readonly sessionId: string;
  readonly hash: string;
  /** The customer's, with which the session was opened, or the platform's. */
  readonly apiKey: string;
  /** For `CallSlots`: calls over this session count with those of the customer. */
  readonly customerHash: Buffer;
}

/**
 * The newest live session of an account that was marked to feed market data when it logged in, or undefined while there
 * is none that has a key. Another service keeps it alive; when it ends, the broker answers 401 and this gives the next one.
 */
export async function findFeedSession(
  database: Database,
  vault: SessionVault,
  platformKey: string | undefined,
): Promise<FeedSession | undefined> {
  const { rows } = await database.as("system", (tx) =>
    tx.query<{ session_id: string; hash: Buffer; api_key: Buffer | null; customer_hash: Buffer }>(
      `SELECT session_id, hash, api_key, customer_hash FROM algolab_sessions JOIN broker_accounts USING (account_id)
       WHERE active AND feeds_market_data AND expires_at > now() ORDER BY algolab_sessions.created_at DESC LIMIT 1`,
    ),
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const open = (sealed: Buffer) => vault.open(row.session_id, sealed);
  const apiKey = row.api_key === null ? platformKey : open(row.api_key);
  if (apiKey === undefined) return undefined;
  return { sessionId: row.session_id, hash: open(row.hash), apiKey, customerHash: row.customer_hash };
}
