import type { ClientBase } from "pg";
import type { Backend } from "./backend";
import { ensureExtension, majorVersion, schemaOf } from "./server";
import type { ServerOffer } from "./server";
import { dropStrays, ticksBeyond } from "./strays";
import {
  byDay,
  createTicks,
  createTicksIndexes,
  daysAhead,
  defaultPartition,
  ticksRetention,
  ticksTable,
} from "./table";

/**
 * pg_partman 4 or 5: partitions of a day, created ahead and dropped after a year by its maintenance, which pg_cron
 * calls where it works for this database, and `maintain` in any case.
 */
export const partman: Backend = {
  name: "pg_partman",

  refusal(server) {
    const version = server.available.get("pg_partman");
    if (version === undefined) return "the server does not have the extension";
    return [4, 5].includes(majorVersion(version)) ? undefined : `version ${version} is neither 4 nor 5`;
  },

  async create(tx, server) {
    const version = await ensureExtension(tx, "pg_partman", "partman");
    const schema = await schemaOf(tx, "pg_partman");
    const parent = await qualifiedTicks(tx);
    await tx.query(createTicks(byDay));
    for (const index of createTicksIndexes) await tx.query(index);
    await tx.query(
      `SELECT ${schema}.create_parent(p_parent_table := $1, p_control := 'timestamp',
         p_type := $2, p_interval := '1 day', p_premake := ${daysAhead})`,
      [parent, majorVersion(version) === 4 ? "native" : "range"],
    );
    await tx.query(
      `UPDATE ${schema}.part_config SET retention = '${ticksRetention}', retention_keep_table = false,
         infinite_time_partitions = true WHERE parent_table = $1`,
      [parent],
    );
    await ignoreDefaultPartition(tx, schema, parent);
    const scheduled = await scheduleMaintenance(tx, server, schema);
    return `pg_partman ${version}: partitions of a day, dropped after ${ticksRetention}, ${scheduled}`;
  },

  async maintain(client, now) {
    const schema = await schemaOf(client, "pg_partman");
    const parent = await qualifiedTicks(client);
    await ignoreDefaultPartition(client, schema, parent);
    const report = await dropStrays(client, now);
    // A day at a time, and never further than partitions are made: for a tick of the year 9999 pg_partman makes that day's.
    while (await hasStrays(client, now)) {
      const { rows } = await client.query<{ ticks: string }>(`SELECT ${schema}.partition_data_time($1) AS ticks`, [
        parent,
      ]);
      if (rows[0]?.ticks === "0") throw new Error(`pg_partman moves no ticks out of ${defaultPartition}`);
      report.push(`moved ${rows[0]?.ticks} ticks out of the default partition`);
    }
    await client.query(`CALL ${schema}.run_maintenance_proc()`);
    return [...report, "pg_partman's maintenance ran", ...(await ticksBeyond(client, now))];
  },
};

/**
 * Keeps pg_partman from making every partition up to the newest tick of the default one, a table a day to the year 9999.
 * Versions before 4.6.1 know no such setting.
 */
async function ignoreDefaultPartition(client: ClientBase, schema: string, parent: string): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = '${schema}.part_config'::regclass
       AND attname = 'ignore_default_data' AND NOT attisdropped) AS known`,
  );
  if (!rows[0]?.known) return;
  await client.query(`UPDATE ${schema}.part_config SET ignore_default_data = true WHERE parent_table = $1`, [parent]);
}

/** Whether the default partition holds ticks of days that are to have a partition. */
async function hasStrays(client: ClientBase, now: Date): Promise<boolean> {
  const { rows } = await client.query<{ strays: boolean }>(
    `SELECT EXISTS (SELECT FROM ${defaultPartition}
       WHERE "timestamp" <= $1::timestamptz + INTERVAL '${daysAhead} days') AS strays`,
    [now],
  );
  return rows[0]?.strays === true;
}

async function qualifiedTicks(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string }>("SELECT current_schema() AS schema");
  return `${rows[0]?.schema ?? "public"}.${ticksTable}`;
}

async function scheduleMaintenance(client: ClientBase, server: ServerOffer, schema: string): Promise<string> {
  if (!server.available.has("pg_cron") || server.cronDatabase !== server.database) {
    return "maintained by maintain-database";
  }
  await ensureExtension(client, "pg_cron");
  await client.query("SELECT cron.schedule('market-ticks-maintenance', '15 1 * * *', $1)", [
    `CALL ${schema}.run_maintenance_proc()`,
  ]);
  return "maintained by pg_cron each night";
}
