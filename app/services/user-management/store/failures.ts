import type { PoolClient } from "pg";
import type { Database } from "../../../packages/kit/database/database";
import { deleteInBatches } from "../../../packages/kit/database/delete-in-batches";
import type { Failures } from "../domain/lock-out";

export interface StoredFailures extends Failures {
  /** Milliseconds since the epoch. */
  readonly lockedUntil: number;
}

/** The failures behind a key, locked until the transaction ends, so that attempts made at once follow one another. */
export async function lockFailures(tx: PoolClient, key: Buffer): Promise<StoredFailures> {
  await tx.query(
    `INSERT INTO login_failures (email_hash, failures, last_failure_at, locked_until)
     VALUES ($1, 0, '-infinity', '-infinity') ON CONFLICT (email_hash) DO NOTHING`,
    [key],
  );
  const { rows } = await tx.query<{ failures: number; last: string; until: string }>(
    `SELECT failures, extract(epoch FROM last_failure_at) AS last, extract(epoch FROM locked_until) AS until
     FROM login_failures WHERE email_hash = $1 FOR UPDATE`,
    [key],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the failures just written are gone");
  return { count: row.failures, lastAt: Number(row.last) * 1000, lockedUntil: Number(row.until) * 1000 };
}

export async function saveFailures(tx: PoolClient, key: Buffer, failures: StoredFailures): Promise<void> {
  await tx.query(
    "UPDATE login_failures SET failures = $2, last_failure_at = $3, locked_until = $4 WHERE email_hash = $1",
    [key, failures.count, new Date(failures.lastAt), new Date(failures.lockedUntil)],
  );
}

export async function clearFailures(tx: PoolClient, key: Buffer): Promise<void> {
  await tx.query("DELETE FROM login_failures WHERE email_hash = $1", [key]);
}

/** Deletes failures too old to count, some in each transaction. */
export async function deleteFailures(database: Database, before: Date): Promise<void> {
  await deleteInBatches(
    (sql) => database.as("system", async (tx) => (await tx.query(sql, [before])).rowCount ?? 0),
    "login_failures",
    "SELECT ctid FROM login_failures WHERE last_failure_at < $1",
  );
}
