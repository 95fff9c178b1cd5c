import type { ClientBase } from "pg";

/** Waits for locks a few seconds only: writers of ticks must not queue behind maintenance, which runs again anyway. */
export async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    await client.query("SET LOCAL lock_timeout = '3s'");
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
}
