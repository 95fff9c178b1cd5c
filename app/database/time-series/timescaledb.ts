import type { ClientBase } from "pg";
import { ticksTable } from "../../packages/contract/database";
import type { Backend } from "./backend";
import { ensureExtension, majorVersion } from "./server";
import { createTicks, createTicksIndexes, dropTicks, ticksRetention } from "./table";

const chunk = "1 hour";
const compressAfter = "1 day";

/**
 * TimescaleDB: a hypertable in chunks of an hour, compressed after a day and dropped after a year by its own jobs.
 * The Apache edition has hypertables only: no compression, and chunks are dropped by `maintain`, which also does what jobs have
 * not done.
 */
export const timescaledb: Backend = {
  name: "timescaledb",

  refusal(server) {
    const version = server.available.get("timescaledb");
    if (version === undefined) return "the server does not have the extension";
    if (majorVersion(version) < 2) return `version ${version} is older than 2`;
    if (server.preloaded === undefined)
      return "this user may not read shared_preload_libraries, which needs pg_read_all_settings";
    return server.preloaded.has("timescaledb") ? undefined : "shared_preload_libraries does not name it";
  },

  async create(tx) {
    const version = await ensureExtension(tx, "timescaledb");
    await tx.query(createTicks());
    await tx.query(
      `SELECT create_hypertable('${ticksTable}', 'timestamp', chunk_time_interval => INTERVAL '${chunk}', create_default_indexes => false)`,
    );
    for (const index of createTicksIndexes) await tx.query(index);
    if (!(await isCommunityEdition(tx))) {
      return `TimescaleDB ${version}, Apache edition: chunks of ${chunk}, no compression, dropped after ${ticksRetention} by maintenance`;
    }
    for (const statement of policies(version)) await tx.query(statement);
    return `TimescaleDB ${version}: chunks of ${chunk}, compressed after ${compressAfter}, dropped after ${ticksRetention}`;
  },

  async maintain(client) {
    if (await isCommunityEdition(client)) return runLateJobs(client);
    const { rows } = await client.query<{ dropped: string }>(
      `SELECT drop_chunks('${ticksTable}', INTERVAL '${ticksRetention}') AS dropped`,
    );
    return rows.map(({ dropped }) => `dropped ${dropped}`);
  },

  // A chunk comes with its first row, and jobs know their hypertable by its number.
  cover: () => Promise.resolve(),
  follow: () => Promise.resolve(),

  async release(tx, schema) {
    if (!(await isCommunityEdition(tx))) return;
    await tx.query(
      `SELECT delete_job(job_id) FROM timescaledb_information.jobs WHERE hypertable_schema = $1 AND hypertable_name = $2`,
      [schema, ticksTable],
    );
  },

  async discard(client, schema) {
    const { rowCount } = await client.query("SELECT WHERE to_regclass($1) IS NOT NULL", [`${schema}.${ticksTable}`]);
    if (rowCount === 0) return;
    // A year of chunks has more locks than a server, so that they go one by one.
    const { rows } = await client.query<{ chunk: string }>("SELECT show_chunks($1)::text AS chunk", [
      `${schema}.${ticksTable}`,
    ]);
    for (const { chunk } of rows) await client.query(`DROP TABLE IF EXISTS ${chunk}`);
    await client.query(dropTicks(schema));
  },
};

/** Jobs run every day, or more often. */
const lateAfter = "2 days";

/**
 * Runs the jobs whose last runs were no success. Those of TimescaleDB 2.28.3 all fail on PostgreSQL 15.20, "cannot drop portal
 * while it is being set up", where they compress and drop nothing; run by a session, they do.
 */
async function runLateJobs(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: number; name: string; reason: string | null }>(
    `SELECT job_id AS id, proc_name AS name, (
       SELECT err_message FROM timescaledb_information.job_errors e WHERE e.job_id = j.job_id ORDER BY start_time DESC LIMIT 1
     ) AS reason FROM timescaledb_information.jobs j LEFT JOIN timescaledb_information.job_stats s USING (job_id)
     WHERE j.hypertable_name = '${ticksTable}' AND j.scheduled AND s.job_status IS DISTINCT FROM 'Running'
       AND (s.last_run_status = 'Success' AND s.last_successful_finish > now() - INTERVAL '${lateAfter}') IS NOT TRUE
     ORDER BY proc_name`,
  );
  for (const { id } of rows) await client.query(`CALL run_job(${id})`);
  if (rows.length === 0) return ["TimescaleDB's own jobs compress and drop chunks"];
  return rows.map(({ name, reason }) => `ran ${name}, which TimescaleDB does not: ${reason ?? "it has not run"}`);
}

async function isCommunityEdition(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ license: string | null }>(
    "SELECT current_setting('timescaledb.license', true) AS license",
  );
  return rows[0]?.license === "timescale";
}

/** Compression was renamed in 2.18; the old names still answer, but warn. */
function policies(version: string): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const columnstore = major > 2 || minor >= 18;
  const settings = columnstore
    ? `timescaledb.enable_columnstore, timescaledb.segmentby = 'symbol', timescaledb.orderby = '"timestamp" DESC, sequence DESC'`
    : `timescaledb.compress, timescaledb.compress_segmentby = 'symbol', timescaledb.compress_orderby = '"timestamp" DESC, sequence DESC'`;
  return [
    `ALTER TABLE ${ticksTable} SET (${settings})`,
    columnstore
      ? `CALL add_columnstore_policy('${ticksTable}', after => INTERVAL '${compressAfter}')`
      : `SELECT add_compression_policy('${ticksTable}', INTERVAL '${compressAfter}')`,
    `SELECT add_retention_policy('${ticksTable}', INTERVAL '${ticksRetention}')`,
  ];
}
