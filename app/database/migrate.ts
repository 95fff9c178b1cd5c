import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runner } from "node-pg-migrate";
import type { DatabaseConfig } from "../packages/kit/config/sections";
import { DatabaseClient } from "../packages/kit/database/client";
import { connectionOptions } from "../packages/kit/database/database";
import { BUILD_TIMEOUT_MS, buildConcurrently, concurrentIndexIn } from "./concurrent-index";
import { lockHolders, withLockRetries } from "./locks";
import type { LockRetries } from "./locks";
import { prepareRoles } from "./roles";
import type { RolesToPrepare } from "./roles";

/** Advisory lock key of preparing the database: any number that nothing else locks. */
const preparationLock = 5_418_081;

export interface Migration {
  /** Who owns the tables: may create roles and tables. */
  readonly owner: DatabaseConfig;
  readonly application: RolesToPrepare["application"];
  readonly readonlyPassword?: string;
  /** Folder of the SQL files. @default beside this module */
  readonly directory?: string;
  readonly log: (message: string) => void;
  /** For tables that somebody holds. */
  readonly retries?: Omit<LockRetries, "say">;
}

const migrationsTable = "schema_migrations";

/** A transaction that has held a table for so long may hold it for longer than a migration waits. */
const LONG_MS = 60_000;

/**
 * Brings roles and tables up to date. Any number of starters may call it at once: one works, the others wait and then
 * find nothing to do. Each file is one transaction, which waits for a table some seconds only, as services queue behind it,
 * and is tried again; a file with nothing but an index that is built concurrently is run outside of one.
 *
 * @returns the names of the migrations that it ran
 * @throws Error that names who holds the tables of a migration
 */
export async function migrate(migration: Migration): Promise<string[]> {
  const { owner, application, readonlyPassword, log } = migration;
  const client = new DatabaseClient(connectionOptions(owner, "migrate"));
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [preparationLock]);
    const retries = { ...migration.retries, say: log };
    const rolledBack = (work: () => Promise<string | undefined>) => () =>
      work().catch(async (error: unknown) => {
        await client.query("ROLLBACK");
        throw error;
      });
    const roles = async () => {
      await client.query("BEGIN");
      await prepareRoles(client, { database: owner.name, application, readonlyPassword });
      await client.query("COMMIT");
      return undefined;
    };
    await withLockRetries(client, rolledBack(roles), retries);
    for (const holder of await lockHolders(client, LONG_MS)) log(`may keep a migration waiting: ${holder}`);
    const ran: string[] = [];
    const directory = migration.directory ?? join(__dirname, "migrations");
    for (;;) {
      const next = await nextIn(directory, client);
      const index = next === undefined ? undefined : concurrentIndexIn(next.sql);
      if (index !== undefined) {
        log(`builds the index ${index.name} while others write`);
        const build = () => buildConcurrently(client, index);
        await withLockRetries(client, build, { ...retries, timeoutMs: BUILD_TIMEOUT_MS });
      }
      const name = await withLockRetries(
        client,
        rolledBack(() => runNext(client, directory, log, index && next?.name)),
        retries,
      );
      if (name === undefined) return ran;
      ran.push(name);
    }
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

/**
 * @param done the migration that has run already, and is noted alone: the runner has a transaction for each file
 * @returns the name of the migration that it ran; undefined when there is none left
 */
async function runNext(
  client: DatabaseClient,
  directory: string,
  log: Migration["log"],
  done: string | undefined,
): Promise<string | undefined> {
  const [ran] = await runner({
    dbClient: client,
    dir: directory,
    migrationsTable,
    direction: "up",
    count: 1,
    noLock: true,
    ...(done === undefined ? {} : { file: done, fake: true }),
    logger: { info: log, warn: log, error: log },
  });
  return ran?.name;
}

/** The migration whose turn it is; undefined when there is none left. */
async function nextIn(directory: string, client: DatabaseClient) {
  const { rows: tables } = await client.query("SELECT FROM pg_class WHERE oid = to_regclass($1)", [migrationsTable]);
  const { rows } =
    tables.length === 0 ? { rows: [] } : await client.query<{ name: string }>(`SELECT name FROM ${migrationsTable}`);
  const ran = new Set(rows.map(({ name }) => name));
  const names = readdirSync(directory).flatMap((file) =>
    file.endsWith(".sql") ? [file.slice(0, -".sql".length)] : [],
  );
  const name = names.sort().find((one) => !ran.has(one));
  return name === undefined ? undefined : { name, sql: readFileSync(join(directory, `${name}.sql`), "utf8") };
}
