import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { migrate } from "../../../app/database/migrate";
import { startEmbeddedPostgres } from "../../../app/packages/embedded/postgres";
import type { EmbeddedVersion } from "../../../app/packages/embedded/postgres";
import { applicationUser, testDatabaseConfig } from "./postgres";
import type { TestServer } from "./postgres";

/**
 * One PostgreSQL for a whole run of tests: the one that DATABASE_URL names, else an embedded one of a version. Its
 * template database is migrated once; every test file copies it.
 */
export async function startTestServer(
  version: EmbeddedVersion = 15,
): Promise<TestServer & { stop: () => Promise<void> }> {
  const { stop, ...server } = await serverToUse(version);
  const template = `bist_template_${process.pid}_${version}`;
  const admin = await connect(server, "postgres");
  await admin.query(`CREATE DATABASE ${template}`);
  await migrate({
    owner: { ...testDatabaseConfig({ ...server, template }, template), ...server },
    application: applicationUser,
    log: () => undefined,
  });
  return {
    ...server,
    template,
    stop: async () => {
      await admin.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
      await admin.end();
      await stop();
    },
  };
}

type Credentials = Pick<TestServer, "host" | "port" | "username" | "password">;

async function serverToUse(version: EmbeddedVersion): Promise<Credentials & { stop: () => Promise<void> }> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined && given !== "") {
    const url = new URL(given);
    return {
      host: url.hostname,
      port: Number(url.port === "" ? 5432 : url.port),
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      stop: () => Promise.resolve(),
    };
  }
  return startEmbeddedPostgres({
    version,
    directory: mkdtempSync(join(tmpdir(), "bist-postgres-")),
    persistent: false,
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" },
  });
}

async function connect({ host, port, username, password }: Credentials, database: string): Promise<Client> {
  const client = new Client({ host, port, user: username, password, database });
  await client.connect();
  return client;
}
