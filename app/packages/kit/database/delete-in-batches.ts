/** Most rows that one statement deletes: it ends within a fraction of a second, and so do its locks. */
export const rowsAtOnce = 5_000;

/** Runs one statement in a transaction of its own. @returns how many rows it deleted */
export type RunDelete = (sql: string) => Promise<number>;

/**
 * Deletes rows some at a time, until none is left.
 * @param rows query of the `ctid` of rows to be deleted; every one of them is deleted whose row is as it was
 * @returns how many rows were deleted
 */
export async function deleteInBatches(run: RunDelete, table: string, rows: string): Promise<number> {
  for (let deleted = 0; ;) {
    const batch = await run(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(${rows} LIMIT ${rowsAtOnce}))`);
    deleted += batch;
    if (batch < rowsAtOnce) return deleted;
  }
}
