import type { ClientBase } from "pg";

/** Candles of a minute outlive their ticks by a year; those of a day stay. */
const minutesRetention = "2 years";
const rowsAtOnce = 50_000;

/** Deletes minute candles past their time, some at once so that no lock lasts. @returns how many */
export async function dropOldCandles(client: ClientBase, now: Date): Promise<number> {
  for (let deleted = 0; ;) {
    const { rowCount } = await client.query(
      `DELETE FROM candles WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM candles WHERE interval = '1m' AND open_time < $1::timestamptz - INTERVAL '${minutesRetention}'
         LIMIT ${rowsAtOnce}))`,
      [now],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < rowsAtOnce) return deleted;
  }
}
