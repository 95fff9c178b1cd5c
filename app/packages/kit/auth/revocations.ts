import type { Clock } from "../clock";
import type { Database } from "../database/database";
import type { Listener } from "../database/listener";

/** Sessions that ended while access tokens of theirs are still within their time. */
export interface Revocations {
  has(sessionId: string): boolean;
}

/** Channel on which user-management's database says that a session ended; the payload is its id. */
export const sessionEndedChannel = "session_ended";

/** No access token lives longer; an ended session is forgotten after it. */
const longestTokenMs = 3_600_000;

/**
 * Follows the ends of sessions through PostgreSQL, which is there whenever anything works: a session that ends is
 * refused by every replica of every service within milliseconds, without a query a request.
 */
export async function followRevocations(database: Database, listener: Listener, clock: Clock): Promise<Revocations> {
  const ended = new Map<string, number>();
  const forget = () => {
    for (const [sessionId, at] of ended) if (clock.now() - at > longestTokenMs) ended.delete(sessionId);
  };
  await listener.listen(sessionEndedChannel, {
    notified: (sessionId) => {
      forget();
      ended.set(sessionId, clock.now());
    },
    // Also after a lost connection, for what was said meanwhile.
    connected: async () => {
      const { rows } = await database.query<{ session_id: string }>(
        "SELECT session_id FROM sessions_ended_since(now() - interval '1 hour')",
      );
      for (const { session_id } of rows) ended.set(session_id, clock.now());
    },
  });
  return { has: (sessionId) => ended.has(sessionId) };
}
