import { ConfigError, readConfig } from "../config/read";
import { databaseSection } from "../config/sections";
import { createLogger } from "../observability/logger";
import { Metrics } from "../observability/metrics";
import { Database } from "./database";

/** What the arguments of a command should have been. */
export class UsageError extends Error {}

/**
 * Runs a command on the database as the services' user, on one connection. Prints what `work` returns as one line of
 * JSON, the last that it writes; on an error it prints the message and ends with 1.
 */
export async function runDatabaseCommand(name: string, work: (database: Database) => Promise<object>): Promise<void> {
  try {
    const { database: config } = readConfig({ database: databaseSection });
    const log = createLogger(name, "warn", process.stderr);
    const database = new Database({ ...config, poolMax: 1, poolMin: 0 }, new Metrics(name), log, name);
    const answer = await work(database).finally(() => database.close());
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  } catch (error) {
    const isExplained = error instanceof ConfigError || error instanceof UsageError;
    process.stderr.write(`${name}: ${isExplained ? error.message : String((error as Error).stack)}\n`);
    process.exitCode = 1;
  }
}
