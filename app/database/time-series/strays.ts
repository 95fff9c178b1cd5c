import type { ClientBase } from "pg";
import { deleteInBatches } from "../../packages/kit/database/delete-in-batches";
import { daysAhead, defaultPartition, ticksRetention } from "./table";

/** Deletes ticks past their time from the default partition. @returns what was done, a line or none */
export async function dropStrays(client: ClientBase, now: Date): Promise<string[]> {
  const deleted = await deleteInBatches(
    async (sql) => (await client.query(sql, [now])).rowCount ?? 0,
    defaultPartition,
    `SELECT ctid FROM ${defaultPartition} WHERE "timestamp" < $1::timestamptz - INTERVAL '${ticksRetention}'`,
  );
  return deleted > 0 ? [`deleted ${deleted} ticks older than ${ticksRetention} from the default partition`] : [];
}

/** Tells of ticks in the default partition that are of days further ahead than any partition: no exchange stamped them. */
export async function ticksBeyond(client: ClientBase, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ ticks: string }>(
    `SELECT count(*) AS ticks FROM ${defaultPartition}
     WHERE "timestamp" > $1::timestamptz + INTERVAL '${daysAhead} days'`,
    [now],
  );
  const ticks = rows[0]?.ticks ?? "0";
  return ticks === "0" ? [] : [`left ${ticks} ticks of more than ${daysAhead} days ahead in the default partition`];
}
