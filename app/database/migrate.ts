import { join } from "node:path";
import { runner } from "node-pg-migrate";
import type { DatabaseConfig } from "../packages/kit/config/sections";
import { DatabaseClient } from "../packages/kit/database/client";
import { connectionOptions } from "../packages/kit/database/database";
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

/** A transaction that has held a table for so long may hold it for longer than a migration waits. */
const LONG_MS = 60_000;

/**
 * Brings roles and tables up to date. Any number of starters may call it at once: one works, the others wait and then
 * find nothing to do. Each file is one transaction, which waits for a table some seconds only, as services queue behind it,
 * and is tried again.
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
    for (;;) {
      const name = await withLockRetries(
        client,
        rolledBack(() => runNext(client, migration)),
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

/** @returns the name of the migration that it ran; undefined when there is none left */
async function runNext(client: DatabaseClient, { directory, log }: Migration): Promise<string | undefined> {
  const [ran] = await runner({
    dbClient: client,
    dir: directory ?? join(__dirname, "migrations"),
    migrationsTable: "schema_migrations",
    direction: "up",
    count: 1,
    noLock: true,
    logger: { info: log, warn: log, error: log },
  });
  return ran?.name;
}
