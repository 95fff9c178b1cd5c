import type { ClientBase } from "pg";

/** What a PostgreSQL server offers for time series. */
export interface ServerOffer {
  readonly database: string;
  /** Extensions that could be created, and their default versions. */
  readonly available: ReadonlyMap<string, string>;
  /** Libraries that the server loaded when it started. */
  readonly preloaded: ReadonlySet<string>;
  /** The database that pg_cron works for, when it is loaded. */
  readonly cronDatabase: string | undefined;
}

export async function inspectServer(client: ClientBase): Promise<ServerOffer> {
  const extensions = await client.query<{ name: string; version: string }>(
    `SELECT name, coalesce(installed_version, default_version) AS version FROM pg_available_extensions
     WHERE name IN ('timescaledb', 'pg_partman', 'pg_cron')`,
  );
  const settings = await client.query<{ database: string; preloaded: string | null; cron: string | null }>(
    `SELECT current_database() AS database, current_setting('shared_preload_libraries', true) AS preloaded,
       current_setting('cron.database_name', true) AS cron`,
  );
  const [row] = settings.rows;
  return {
    database: row?.database ?? "",
    available: new Map(extensions.rows.map(({ name, version }) => [name, version])),
    preloaded: new Set((row?.preloaded ?? "").split(",").map((library) => library.trim())),
    cronDatabase: row?.cron ?? undefined,
  };
}

/** The number before the first dot of an extension's version. */
export const majorVersion = (version: string | undefined) => Number((version ?? "0").split(".")[0]);

/** Creates an extension that may exist; `schema` is made for it. Resolves to the version that is installed. */
export async function ensureExtension(client: ClientBase, name: string, schema?: string): Promise<string> {
  if (schema !== undefined) await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(
    `CREATE EXTENSION IF NOT EXISTS ${name}${schema === undefined ? "" : ` SCHEMA ${schema}`} CASCADE`,
  );
  const { rows } = await client.query<{ extversion: string }>(
    "SELECT extversion FROM pg_extension WHERE extname = $1",
    [name],
  );
  return rows[0]?.extversion ?? "0";
}

/** The schema that an extension's functions are in. */
export async function schemaOf(client: ClientBase, extension: string): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    "SELECT quote_ident(n.nspname) AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1",
    [extension],
  );
  return rows[0]?.schema ?? "public";
}
