import type { ClientBase } from "pg";
import { ticksTable } from "../../packages/contract/database";
import { sqlState } from "../../packages/kit/database/database";
import type { Backend } from "./backend";
import { ensureExtension, majorVersion, schemaOf } from "./server";
import { dropStrays, ticksBeyond } from "./strays";
import {
  byDay,
  createTicks,
  createTicksIndexes,
  daysAhead,
  defaultPartition,
  dropTicks,
  ticksRetention,
} from "./table";

/** Name of the nightly job that earlier versions gave to pg_cron. */
const cronJob = "market-ticks-maintenance";

/**
 * pg_partman 4 or 5: partitions of a day, created ahead and dropped after a year by its maintenance, which `maintain`
 * calls.
 */
export const partman: Backend = {
  name: "pg_partman",

  refusal(server) {
    const version = server.available.get("pg_partman");
    if (version === undefined) return "the server does not have the extension";
    return [4, 5].includes(majorVersion(version)) ? undefined : `version ${version} is neither 4 nor 5`;
  },

  async create(tx) {
    const version = await ensureExtension(tx, "pg_partman", "partman");
    const schema = await schemaOf(tx, "pg_partman");
    const parent = await qualifiedTicks(tx);
    await tx.query(createTicks(byDay));
    for (const index of createTicksIndexes) await tx.query(index);
    await forget(tx, schema, parent);
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
    return `pg_partman ${version}: partitions of a day, dropped after ${ticksRetention} by maintain-database`;
  },

  async maintain(client, now) {
    const schema = await schemaOf(client, "pg_partman");
    const parent = await qualifiedTicks(client);
    await ignoreDefaultPartition(client, schema, parent);
    const report = [...(await leavePgCron(client)), ...(await dropStrays(client, now))];
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

  async cover(client, day) {
    await client.query(
      `SELECT ${await schemaOf(client, "pg_partman")}.create_partition_time($1, ARRAY[$2::timestamptz])`,
      [await qualifiedTicks(client), `${day} 00:00:00+00`],
    );
  },

  async follow(tx, from, to) {
    const schema = await schemaOf(tx, "pg_partman");
    await tx.query(`UPDATE ${schema}.part_config SET parent_table = $2 WHERE parent_table = $1`, [
      `${from}.${ticksTable}`,
      `${to}.${ticksTable}`,
    ]);
  },

  async release(tx, schema) {
    await forget(tx, await schemaOf(tx, "pg_partman"), `${schema}.${ticksTable}`);
  },

  async discard(client, schema) {
    await client.query(dropTicks(schema));
  },
};

/** Takes back what pg_partman remembers of a table, with the template that it made for it. */
async function forget(tx: ClientBase, schema: string, parent: string): Promise<void> {
  const { rows } = await tx.query<{ template: string | null }>(
    `DELETE FROM ${schema}.part_config WHERE parent_table = $1 RETURNING template_table AS template`,
    [parent],
  );
  for (const { template } of rows) if (template !== null) await tx.query(`DROP TABLE IF EXISTS ${template}`);
}

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

/**
 * Takes back what earlier versions scheduled. A launcher of pg_cron in this database is a session that nobody but a
 * superuser ends, and while it is there the database cannot give its name to a restored one.
 */
async function leavePgCron(client: ClientBase): Promise<string[]> {
  const { rowCount } = await client.query("SELECT FROM pg_extension WHERE extname = 'pg_cron'");
  if (rowCount === 0) return [];
  try {
    return await dropPgCron(client);
  } catch (error) {
    if (sqlState(error) !== "42501") throw error;
    return [`pg_cron goes on beside this command, as its user may not drop it: ${(error as Error).message}`];
  }
}

async function dropPgCron(client: ClientBase): Promise<string[]> {
  const { rowCount: others } = await client.query("SELECT FROM cron.job WHERE jobname IS DISTINCT FROM $1", [cronJob]);
  if (others !== 0) {
    const { rowCount: gone } = await client.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = $1", [
      cronJob,
    ]);
    return gone === 0 ? [] : [`took ${cronJob} from pg_cron, which has other jobs`];
  }
  await client.query("DROP EXTENSION pg_cron");
  return ["dropped pg_cron, which this command replaced"];
}
