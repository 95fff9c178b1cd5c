import type { Database } from "../../packages/kit/database/database";
import { deleteInBatches } from "../../packages/kit/database/delete-in-batches";
import type { Logger } from "../../packages/kit/observability/logger";

const everyMs = 3_600_000;

/** What is deleted, and after how long. An idempotency key promises a day; the client order id guards the order for ever. */
const expired: Readonly<Record<string, string>> = {
  idempotency_keys: "created_at < now() - interval '2 days'",
  outbox: "published_at < now() - interval '7 days'",
  broker_orders: "trading_day < current_date - 30",
  broker_lists: "trading_day < current_date - 30",
  price_limits: "trading_day < current_date - 30",
  price_limit_requests: "requested_at < now() - interval '1 day'",
  account_statements: "created_at < now() - interval '1 day'",
  stated_orders: "read_at < now() - interval '30 days'",
  broker_logins: "expires_at < now()",
  broker_call_slots: "free_at < now() - interval '1 day'",
  algolab_sessions: "NOT active AND expires_at < now() - interval '30 days'",
};

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

/** Each batch is a transaction of its own, so that no order waits for a lock of many rows. */
export async function removeExpired(database: Database): Promise<void> {
  const run = (sql: string) => database.as("system", async (tx) => (await tx.query(sql)).rowCount ?? 0);
  for (const [table, condition] of Object.entries(expired))
    await deleteInBatches(run, table, `SELECT ctid FROM ${table} WHERE ${condition}`);
}
