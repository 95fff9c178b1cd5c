import type { ClientBase } from "pg";
import { deleteInBatches, rowsAtOnce } from "../../packages/kit/database/delete-in-batches";

/** Candles of less than a day outlive their ticks by a year; those of a day stay. */
const retention = "2 years";

/** Deletes candles of less than a day past their time, the broker's as well. @returns how many */
export async function dropOldCandles(client: ClientBase, now: Date): Promise<number> {
  const own = await dropOld(client, "candles", ["1m"], now);
  return own + (await dropOld(client, "broker_candles", ["1m", "5m", "15m", "30m", "1h", "4h"], now));
}

/** By their key, symbol by symbol: two years of minutes are never gone through, and no index is kept for this alone. */
function dropOld(client: ClientBase, table: string, intervals: readonly string[], now: Date): Promise<number> {
  const run = async (sql: string) => (await client.query(sql, [intervals, now])).rowCount ?? 0;
  return deleteInBatches(
    run,
    table,
    `SELECT old.ctid FROM symbols s CROSS JOIN unnest($1::text[]) i CROSS JOIN LATERAL (
       SELECT c.ctid FROM ${table} c
       WHERE c.symbol = s.symbol AND c.interval = i AND c.open_time < $2::timestamptz - INTERVAL '${retention}'
       LIMIT ${rowsAtOnce}) old`,
  );
}
