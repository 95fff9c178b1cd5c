import { join } from "node:path";
import { runner } from "node-pg-migrate";
import type { DatabaseConfig } from "../packages/kit/config/sections";
import { DatabaseClient } from "../packages/kit/database/client";
import { connectionOptions } from "../packages/kit/database/database";
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
}

/**
 * Brings roles and tables up to date. Any number of starters may call it at once: one works, the others wait and then
 * find nothing to do. Each file is one transaction.
 *
 * @returns the names of the migrations that it ran
 */
export async function migrate({ owner, application, readonlyPassword, directory, log }: Migration): Promise<string[]> {
  const client = new DatabaseClient(connectionOptions(owner, "migrate"));
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [preparationLock]);
    await client.query("BEGIN");
    await prepareRoles(client, { database: owner.name, application, readonlyPassword });
    await client.query("COMMIT");
    const ran = await runner({
      dbClient: client,
      dir: directory ?? join(__dirname, "migrations"),
      migrationsTable: "schema_migrations",
      direction: "up",
      noLock: true,
      logger: { info: log, warn: log, error: log },
    });
    return ran.map(({ name }) => name);
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}
