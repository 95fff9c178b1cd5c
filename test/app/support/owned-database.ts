import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { AS_SYSTEM } from "../../../app/database/backup/contents";
import { databaseVariables } from "../../../app/packages/contract/database";
import { prepareOwnedDatabase } from "../../../app/packages/embedded/owner";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { startDebianPostgres } from "./debian-postgres";
import { closeAfterTests } from "./left-over";
import { asSuperuser, testDatabaseConfig } from "./postgres";
import type { TestDatabase } from "./postgres";
import { runCommand } from "./process";

export interface OwnedDatabase extends TestDatabase {
  /** The variables of commands that work for its owner. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folder of `pg_dump` and its like, of the server's own version. */
  readonly binaries: string;
  /** What another database of the server holds of a table, a line a row, in order. */
  rowsOf(database: string, table: string): Promise<readonly string[]>;
}

export interface OwnedOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly partman?: boolean;
}

/**
 * A PostgreSQL 15 as RDS hands it out: its owner makes roles and databases and is no superuser, so that row-level
 * security stops it too. Prepared by the application's own bootstrap.
 *
 * @param options.settings of the server, for example `{ shared_preload_libraries: "pg_cron" }`
 * @param options.partman whether the owner may have pg_partman, which RDS lets its master user create
 */
export async function startOwnedDatabase({
  settings = {},
  partman = false,
}: OwnedOptions = {}): Promise<OwnedDatabase> {
  const name = "bist_trading";
  const server = await startDebianPostgres(settings);
  closeAfterTests(() => server.stop());
  const superuserConfig = { ...testDatabaseConfig(server, name), username: server.username, password: server.password };
  const owner = { username: "bist_admin", password: randomBytes(18).toString("base64url") };
  await prepareOwnedDatabase(server, name, owner);
  if (partman) await givePartman({ superuserConfig, ownerConfig: { ...superuserConfig, ...owner } });
  const services = { username: "bist_services", password: randomBytes(18).toString("base64url") };
  const config = { ...superuserConfig, ...services };
  const variables = databaseVariables({ ...config, owner });
  const { code, stderr } = await runCommand("bootstrap-database", variables);
  if (code !== 0) {
    await server.stop();
    throw new Error(stderr);
  }
  const ownerConfig = { ...config, ...owner };
  return {
    config,
    ownerConfig,
    superuserConfig,
    variables,
    binaries: server.binaries,
    query: <R extends object>(sql: string, values: readonly unknown[] = []) =>
      as(ownerConfig, async (client) => (await client.query<R>(sql, [...values])).rows),
    rowsOf: (database, table) =>
      as({ ...ownerConfig, name: database }, async (client) => {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`);
        return rows.map(({ row }) => row);
      }),
    drop: () => server.stop(),
  };
}

/** Lets the owner have pg_partman, as its documentation has it for an owner of partitions who is no superuser. */
export async function givePartman({
  superuserConfig,
  ownerConfig: { username },
}: Pick<OwnedDatabase, "superuserConfig" | "ownerConfig">) {
  await asSuperuser(
    { superuserConfig },
    `CREATE SCHEMA IF NOT EXISTS partman AUTHORIZATION ${username};
     CREATE EXTENSION IF NOT EXISTS pg_partman SCHEMA partman;
     GRANT ALL ON ALL TABLES IN SCHEMA partman TO ${username};
     GRANT EXECUTE ON ALL ROUTINES IN SCHEMA partman TO ${username}`,
  );
}

async function as<T>(config: DatabaseConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ ...connectionOptions(config, "test"), options: AS_SYSTEM });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
