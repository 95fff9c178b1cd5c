import type { Database } from "../kit/database/database";
import type { SessionVault } from "./session-vault";

/** The session over which market data is read. */
export interface FeedSession {
  readonly sessionId: string;
  readonly hash: string;
}

/**
 * The newest live session of an account that was marked to feed market data when it logged in, or undefined while there
 * is none. Another service keeps it alive; when it ends, the broker answers 401 and this gives the next one.
 */
export async function findFeedSession(database: Database, vault: SessionVault): Promise<FeedSession | undefined> {
  const { rows } = await database.as("system", (tx) =>
    tx.query<{ session_id: string; hash: Buffer }>(
      `SELECT session_id, hash FROM algolab_sessions JOIN broker_accounts USING (account_id)
       WHERE active AND feeds_market_data AND expires_at > now() ORDER BY last_refresh_at DESC LIMIT 1`,
    ),
  );
  const [row] = rows;
  return row && { sessionId: row.session_id, hash: vault.open(row.session_id, row.hash) };
}
