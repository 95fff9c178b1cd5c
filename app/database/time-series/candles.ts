import type { ClientBase } from "pg";

/** Candles of less than a day outlive their ticks by a year; those of a day stay. */
const retention = "2 years";
const rowsAtOnce = 50_000;

/** Deletes candles of less than a day past their time, the broker's as well. @returns how many */
export async function dropOldCandles(client: ClientBase, now: Date): Promise<number> {
  return (await dropOld(client, "candles", now)) + (await dropOld(client, "broker_candles", now));
}

/** Some at once, so that no lock lasts. */
async function dropOld(client: ClientBase, table: string, now: Date): Promise<number> {
  for (let deleted = 0; ;) {
    const { rowCount } = await client.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE interval <> '1d' AND open_time < $1::timestamptz - INTERVAL '${retention}'
         LIMIT ${rowsAtOnce}))`,
      [now],
    );
    deleted += rowCount ?? 0;
    if ((rowCount ?? 0) < rowsAtOnce) return deleted;
  }
}
