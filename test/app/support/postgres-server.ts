import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { migrate } from "../../../app/database/migrate";
import { prepareOwner } from "../../../app/packages/embedded/owner";
import { startEmbeddedPostgres } from "../../../app/packages/embedded/postgres";
import type { EmbeddedVersion } from "../../../app/packages/embedded/postgres";
import { hasDebianPostgres, startDebianPostgres } from "./debian-postgres";
import { applicationUser, reportingUser, testDatabaseConfig } from "./postgres";
import type { TestServer } from "./postgres";

/** Whom tests prepare databases as. */
const owner = { username: "bist_test_owner", password: "bist_test_owner" };

/**
 * One PostgreSQL for a whole run of tests: the one that DATABASE_URL names, else Debian's, whose JIT is production's as
 * well, else an embedded one of a version. Its template database is migrated once by an owner with the rights that
 * production's has; every test file copies it.
 */
export async function startTestServer(
  version: EmbeddedVersion = 15,
): Promise<TestServer & { stop: () => Promise<void> }> {
  const { stop, ...server } = await serverToUse(version);
  const { host, port } = server;
  await as(server, async (superuser) => {
    const { rows } = await superuser.query<{ rolsuper: boolean }>(
      "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
    );
    if (rows[0]?.rolsuper !== true) throw new Error("DATABASE_URL names no superuser, who is asked to make an owner");
    await prepareOwner(superuser, owner);
  });
  const template = `bist_template_${process.pid}_${version}`;
  const asOwner = { host, port, ...owner };
  await as(asOwner, (client) => client.query(`CREATE DATABASE ${template}`));
  const superuser = { username: server.username, password: server.password };
  const started = { ...asOwner, superuser, template };
  await migrate({
    owner: { ...testDatabaseConfig(started, template), ...owner },
    application: applicationUser,
    readonlyPassword: reportingUser.password,
    log: () => undefined,
  });
  return {
    ...started,
    stop: async () => {
      await as(asOwner, (client) => client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`));
      await stop();
    },
  };
}

type Credentials = Pick<TestServer, "host" | "port" | "username" | "password">;

/** The server, as its superuser signs in. */
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
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "300" };
  if (version === 15 && hasDebianPostgres) return startDebianPostgres(settings);
  return startEmbeddedPostgres({
    version,
    directory: mkdtempSync(join(tmpdir(), "bist-postgres-")),
    persistent: false,
    settings,
  });
}

async function as<T>(
  { host, port, username, password }: Credentials,
  work: (client: Client) => Promise<T>,
): Promise<void> {
  const client = new Client({ host, port, user: username, password, database: "postgres" });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
