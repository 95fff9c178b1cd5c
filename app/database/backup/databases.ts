import type { DatabaseConfig } from "../../packages/kit/config/sections";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { endSessions, requireEndable } from "./sessions";

/** Database that every server has, to speak to while the others are made, renamed and dropped. */
const ADMINISTRATION = "postgres";

/** Makes a database without anything in it; one that is there goes first. */
export async function createEmpty(owner: DatabaseConfig, name: string): Promise<void> {
  await administrate(owner, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`);
  });
}

/** @throws Error when it is the live one */
export async function drop(owner: DatabaseConfig, name: string): Promise<void> {
  if (name === owner.name) throw new Error(`${name} is the live database; it is not dropped`);
  await administrate(owner, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

/** Names of the databases of a server that are the platform's: the live one, and those named after it. */
export async function copiesOf(owner: DatabaseConfig): Promise<string[]> {
  return administrate(owner, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\\_%' ORDER BY datname",
      [owner.name],
    );
    return rows.map(({ datname }) => datname);
  });
}

export interface SwitchOptions {
  /** How long sessions that only a superuser may end have to end by themselves, in milliseconds. @default 15000 */
  readonly patienceMs?: number;
}

/**
 * Gives a copy the live database's name, and the live one another, both at once. Sessions at either end; the services
 * connect again, by the same name, to the other data. Done already, it does nothing.
 *
 * @param keptAs name of what was live, by which the switch is taken back; undefined where nothing is
 */
export async function switchDatabases(
  owner: DatabaseConfig,
  copy: string,
  keptAs?: string,
  { patienceMs = 15_000 }: SwitchOptions = {},
): Promise<void> {
  if (keptAs === undefined) return takePlace(owner, copy);
  await administrate(owner, async (client) => {
    const name = (text: string) => client.escapeIdentifier(text);
    const there = async (database: string) =>
      ((await client.query("SELECT FROM pg_database WHERE datname = $1", [database])).rowCount ?? 0) > 0;
    if (!(await there(copy)) && (await there(keptAs))) return opened(client, owner.name, keptAs);
    if (!(await there(copy))) throw new Error(`there is no database ${copy} to switch to`);
    if (await there(keptAs)) throw new Error(`there is a database ${keptAs} already; keep the live one as another`);
    const both = [owner.name, copy];
    await requireEndable(client, both);
    for (const database of both) await client.query(`ALTER DATABASE ${name(database)} ALLOW_CONNECTIONS false`);
    try {
      await endSessions(client, both, patienceMs);
      await client.query("BEGIN");
      await client.query(`ALTER DATABASE ${name(owner.name)} RENAME TO ${name(keptAs)}`);
      await client.query(`ALTER DATABASE ${name(copy)} RENAME TO ${name(owner.name)}`);
      await client.query("COMMIT");
    } catch (error) {
      await client.query("ROLLBACK");
      await opened(client, ...both);
      throw error;
    }
    await opened(client, owner.name, keptAs);
  });
}

/** Gives a copy the live database's name, which none has. Done already, it does nothing. */
async function takePlace(owner: DatabaseConfig, copy: string): Promise<void> {
  const there = await copiesOf(owner);
  if (there.includes(owner.name)) {
    if (!there.includes(copy)) return;
    throw new Error(`there is a database ${owner.name}: say under which name it is kept`);
  }
  if (!there.includes(copy)) throw new Error(`there is no database ${copy} to switch to`);
  await administrate(owner, (client) =>
    client.query(`ALTER DATABASE ${client.escapeIdentifier(copy)} RENAME TO ${client.escapeIdentifier(owner.name)}`),
  );
}

async function opened(client: DatabaseClient, ...databases: readonly string[]): Promise<void> {
  for (const one of databases) {
    await client.query(`ALTER DATABASE ${client.escapeIdentifier(one)} ALLOW_CONNECTIONS true`);
  }
}

async function administrate<T>(owner: DatabaseConfig, work: (client: DatabaseClient) => Promise<T>): Promise<T> {
  const client = new DatabaseClient(connectionOptions({ ...owner, name: ADMINISTRATION }, "restore-database"));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
