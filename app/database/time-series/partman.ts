import type { ClientBase } from "pg";
import type { Backend } from "./backend";
import { ensureExtension, majorVersion, schemaOf } from "./server";
import type { ServerOffer } from "./server";
import { byDay, createTicks, createTicksIndexes, daysAhead, ticksRetention, ticksTable } from "./table";

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
    const scheduled = await scheduleMaintenance(tx, server, schema);
    return `pg_partman ${version}: partitions of a day, dropped after ${ticksRetention}, ${scheduled}`;
  },

  async maintain(client) {
    const schema = await schemaOf(client, "pg_partman");
    const report: string[] = [];
    const { rows } = await client.query<{ strays: boolean }>(
      `SELECT EXISTS (SELECT FROM ${ticksTable}_default) AS strays`,
    );
    if (rows[0]?.strays) {
      await client.query(`CALL ${schema}.partition_data_proc($1)`, [await qualifiedTicks(client)]);
      report.push("moved ticks out of the default partition");
    }
    await client.query(`CALL ${schema}.run_maintenance_proc()`);
    return [...report, "pg_partman's maintenance ran"];
  },
};

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
