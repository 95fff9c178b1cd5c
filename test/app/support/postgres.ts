import { randomBytes } from "node:crypto";
import { Client } from "pg";
import type { EmbeddedVersion } from "../../../app/packages/embedded/postgres";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { closeAfterTests } from "./left-over";

/** The server of this run, as the owner of its databases signs in: no superuser, as RDS has none to give. */
export interface TestServer {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Whom RDS keeps to itself. */
  readonly superuser: { readonly username: string; readonly password: string };
  /** Database with every migration, to copy. */
  readonly template: string;
}

/** What a project of jest.config.cjs asks for by its `globals`. */
export interface PostgresGlobals {
  /** @default 15, production's */
  readonly postgresVersion?: EmbeddedVersion;
}

/** Variable through which the run tells its test files where the server of a version is. */
export const testServerVariable = ({ postgresVersion = 15 }: PostgresGlobals) => `BIST_TEST_SERVER_${postgresVersion}`;

/** Who the services are in tests: a user without any right to pass row-level security. */
export const applicationUser = { username: "bist_test", password: "bist_test" };

/** Who reads for reports in tests. Roles are the server's: every database has the same. */
export const reportingUser = { username: "readonly_user", password: "reports" };

/** A database of one's own, with every migration, empty. */
export interface TestDatabase {
  /** As the services connect. */
  readonly config: DatabaseConfig;
  /** As the tables' owner connects. */
  readonly ownerConfig: DatabaseConfig;
  /** As the server's superuser connects, for what tests change of the server itself. */
  readonly superuserConfig: DatabaseConfig;
  /** One statement as the tables' owner, in the system's name: it sees the rows of all users. */
  query<R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  drop(): Promise<void>;
}

export const testServer = (): TestServer => {
  const variable = testServerVariable(globalThis as PostgresGlobals);
  const given = process.env[variable];
  if (given === undefined)
    throw new Error(`${variable} is not set: this project needs postgres-setup.ts as its globalSetup`);
  return JSON.parse(given) as TestServer;
};

/** Connection of the services' user to a database of the server, with small pools. */
export const testDatabaseConfig = (
  { host, port }: Pick<TestServer, "host" | "port">,
  name: string,
): DatabaseConfig => ({
  host,
  port,
  name,
  ...applicationUser,
  sslMode: "disable",
  poolMax: 5,
  poolMin: 0,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 600_000,
  maxLifetimeMs: 1_800_000,
  statementTimeoutMs: 15_000,
});

/** Copies the migrated template; `drop` it in afterAll. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = testServer();
  const name = `bist_test_${process.pid}_${randomBytes(6).toString("hex")}`;
  const owner = { user: server.username, password: server.password, host: server.host, port: server.port };
  await onServer(owner, `CREATE DATABASE ${name} TEMPLATE ${server.template}`);
  const client = new Client({ ...owner, database: name, options: "-c app.user_id=system" });
  // Tests end and freeze the server on purpose.
  client.on("error", () => undefined);
  await client.connect();
  const config = testDatabaseConfig(server, name);
  const drop = async () => {
    await client.end();
    await onServer(owner, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  closeAfterTests(drop);
  return {
    config,
    ownerConfig: { ...config, username: server.username, password: server.password },
    superuserConfig: { ...config, ...server.superuser },
    query: async <R extends object>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<R>(sql, [...values])).rows,
    drop,
  };
}

/** Runs what only a server's administrator may. */
export async function asSuperuser({ superuserConfig }: Pick<TestDatabase, "superuserConfig">, sql: string) {
  const client = new Client(connectionOptions(superuserConfig, "test"));
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function onServer(owner: object, sql: string): Promise<void> {
  const client = new Client({ ...owner, database: "postgres" });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
