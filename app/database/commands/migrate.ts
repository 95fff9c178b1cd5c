import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { asOwner, databaseCommandSections } from "../config";
import { migrate } from "../migrate";

/** `migrate`: roles and tables up to date, for the database that DB_* names. */
async function main(): Promise<void> {
  const { database, owner } = readConfig(databaseCommandSections);
  const { username, password } = database;
  const ran = await migrate({
    owner: asOwner(database, owner),
    application: { username, password },
    readonlyPassword: owner.readonlyPassword,
    log: (message) => process.stdout.write(`${message}\n`),
  });
  process.stdout.write(ran.length === 0 ? "the database is up to date\n" : `ran ${ran.join(", ")}\n`);
}

main().catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : String((error as Error).stack);
  process.stderr.write(`migrate: ${text}\n`);
  process.exitCode = 1;
});
