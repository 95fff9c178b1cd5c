import type { Pool, PoolClient } from "pg";
import type { DatabaseConfig } from "../../../packages/kit/config/sections";
import { connectionOptions } from "../../../packages/kit/database/database";
import { createPool } from "../../../packages/kit/database/pool";
import type { Logger } from "../../../packages/kit/observability/logger";

/** A transaction of the feed ends within this time even when its process is frozen: the server sees to it. */
export const feedTimeoutMs = 5_000;

/**
 * Connections for the lease and the writer alone, so that no load of queries keeps them waiting. What takes too
 * long fails on both sides: a frozen leader must not block its successor, nor a frozen server hang the writer.
 */
export function createFeedPool(config: DatabaseConfig, log: Logger): Pool {
  return createPool(
    {
      ...connectionOptions(config, "market-data feed"),
      max: 4,
      connectionTimeoutMillis: feedTimeoutMs,
      statement_timeout: feedTimeoutMs,
      idle_in_transaction_session_timeout: feedTimeoutMs,
    },
    (error) => {
      log.warn({ error: error.message }, "a database connection of the feed was lost");
    },
  );
}

/**
 * One transaction of the feed. A connection whose state is not known afterwards is closed, which makes the server roll back.
 * @param begin what begins it, in one message to the server. @default BEGIN
 */
export async function inFeedTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
  begin = "BEGIN",
): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query(begin);
    const result = await work(tx);
    await tx.query("COMMIT");
    return result;
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    tx.release(broken);
  }
}
