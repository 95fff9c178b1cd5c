import { Client } from "pg";
import { databaseVariables } from "../../../app/packages/contract/database";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { startPostgres15 } from "../services/time-series/postgres-15";
import type { TestDatabase } from "./postgres";
import { runCommand } from "./process";

export interface OwnedDatabase extends TestDatabase {
  /** Folder of `pg_dump` and its like, of the server's own version. */
  readonly binaries: string;
  /** What another database of the server holds of a table, a line a row, in order. */
  rowsOf(database: string, table: string): Promise<readonly string[]>;
}

/** The variables of commands that work for the owner of a database. */
export const variablesOf = (config: DatabaseConfig) =>
  databaseVariables({ ...config, owner: { username: OWNER, password: config.password } });

const OWNER = "bist_admin";

/**
 * A PostgreSQL 15 as RDS hands it out: its owner makes roles and databases and is no superuser, so that row-level
 * security stops it too. Prepared by the application's own bootstrap.
 */
export async function startOwnedDatabase(name = "bist_trading"): Promise<OwnedDatabase> {
  const server = await startPostgres15();
  const superuser = await server.connect();
  await superuser.query("CREATE ROLE bist_admin LOGIN CREATEROLE CREATEDB");
  await superuser.query("GRANT pg_monitor, pg_signal_backend TO bist_admin");
  await superuser.query(`CREATE DATABASE ${name} OWNER bist_admin`);
  await superuser.end();
  const config: DatabaseConfig = {
    host: "127.0.0.1",
    port: server.port,
    name,
    username: "bist_services",
    password: "unasked",
    sslMode: "disable",
    poolMax: 5,
    poolMin: 0,
    connectTimeoutMs: 5_000,
    idleTimeoutMs: 600_000,
    maxLifetimeMs: 1_800_000,
    statementTimeoutMs: 15_000,
  };
  const ownerConfig = { ...config, username: OWNER };
  const { code, stderr } = await runCommand("bootstrap-database", variablesOf(config));
  if (code !== 0) {
    server.stop();
    throw new Error(stderr);
  }
  const within = async <T>(database: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client(connectionOptions({ ...config, name: database, username: "postgres" }, "test"));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    config,
    ownerConfig,
    binaries: server.binaries,
    query: <R extends object>(sql: string, values: readonly unknown[] = []) =>
      within(name, async (client) => (await client.query<R>(sql, [...values])).rows),
    rowsOf: (database, table) =>
      within(database, async (client) => {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`);
        return rows.map(({ row }) => row);
      }),
    drop: () => {
      server.stop();
      return Promise.resolve();
    },
  };
}
