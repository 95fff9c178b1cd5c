import type { Database } from "../../packages/kit/database/database";
import type { Logger } from "../../packages/kit/observability/logger";

const everyMs = 3_600_000;

/** What is deleted, and after how long. An idempotency key promises a day; the client order id guards the order for ever. */
const expired = [
  "DELETE FROM idempotency_keys WHERE created_at < now() - interval '2 days'",
  "DELETE FROM outbox WHERE published_at < now() - interval '7 days'",
  "DELETE FROM broker_orders WHERE trading_day < current_date - 30",
  "DELETE FROM broker_lists WHERE trading_day < current_date - 30",
  "DELETE FROM price_limits WHERE trading_day < current_date - 30",
  "DELETE FROM price_limit_requests WHERE requested_at < now() - interval '1 day'",
  "DELETE FROM account_statements WHERE created_at < now() - interval '1 day'",
  "DELETE FROM stated_orders WHERE read_at < now() - interval '30 days'",
  "DELETE FROM broker_logins WHERE expires_at < now()",
  "DELETE FROM broker_call_slots WHERE free_at < now() - interval '1 day'",
  "DELETE FROM algolab_sessions WHERE NOT active AND expires_at < now() - interval '30 days'",
];

/** Deletes expired rows each hour. Harmless on any number of replicas. @returns stops it */
export function startRetention(database: Database, log: Logger): () => void {
  const timer = setInterval(() => {
    void removeExpired(database).catch((error: unknown) => {
      log.warn({ error: (error as Error).message }, "retention failed");
    });
  }, everyMs);
  return () => {
    clearInterval(timer);
  };
}

export async function removeExpired(database: Database): Promise<void> {
  await database.as("system", async (tx) => {
    for (const sql of expired) await tx.query(sql);
  });
}
