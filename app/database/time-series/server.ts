import type { ClientBase } from "pg";

/** What a PostgreSQL server offers for time series. */
export interface ServerOffer {
  /** Extensions that could be created, and their default versions. */
  readonly available: ReadonlyMap<string, string>;
  /** Libraries that the server loaded when it started; undefined where this user may not know. */
  readonly preloaded: ReadonlySet<string> | undefined;
}

export async function inspectServer(client: ClientBase): Promise<ServerOffer> {
  const extensions = await client.query<{ name: string; version: string }>(
    `SELECT name, coalesce(installed_version, default_version) AS version FROM pg_available_extensions
     WHERE name IN ('timescaledb', 'pg_partman')`,
  );
  // The view leaves out what a user without pg_read_all_settings may not read; current_setting() is an error there.
  const settings = await client.query<{ setting: string }>(
    "SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries'",
  );
  const [row] = settings.rows;
  return {
    available: new Map(extensions.rows.map(({ name, version }) => [name, version])),
    preloaded: row && new Set(row.setting.split(",").map((library) => library.trim())),
  };
}

/** The number before the first dot of an extension's version. */
export const majorVersion = (version: string | undefined) => Number((version ?? "0").split(".")[0]);

/** Creates an extension that may exist; its schema is made for it. Resolves to the version that is installed. */
export async function ensureExtension(client: ClientBase, name: string, schema = "public"): Promise<string> {
  if (schema !== "public") await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${name} SCHEMA ${schema} CASCADE`);
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
