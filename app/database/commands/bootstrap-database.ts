import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { createOptionalExtensions } from "../extensions";
import { migrate } from "../migrate";
import { bootstrapTimeSeries } from "../time-series/bootstrap";

/** `bootstrap-database`: the first preparation, repeatable: roles, tables, and ticks kept in the best way the server offers. */
async function main(): Promise<void> {
  const say = (message: string) => process.stdout.write(`${message}\n`);
  const { database, owner } = readConfig(databaseCommandSections);
  const ownerConfig = asOwner(database, owner);
  const { username, password } = database;
  const ran = await migrate({
    owner: ownerConfig,
    application: { username, password },
    readonlyPassword: owner.readonlyPassword,
    log: say,
  });
  say(ran.length === 0 ? "tables: up to date" : `tables: ran ${ran.join(", ")}`);

  const client = new DatabaseClient(connectionOptions(ownerConfig, "bootstrap-database"));
  await client.connect();
  try {
    for (const line of await createOptionalExtensions(client)) say(`extensions: ${line}`);
    const { backend, detail, passedOver, isNew, postponed } = await bootstrapTimeSeries(client, new Date());
    for (const reason of passedOver) say(`ticks: passed over ${reason}`);
    say(`ticks: ${isNew ? "chose" : "stays with"} ${backend}, ${detail}`);
    if (postponed !== undefined) say(`ticks: maintenance is left to maintain-database, ${postponed}`);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : String((error as Error).stack);
  process.stderr.write(`bootstrap-database: ${text}\n`);
  process.exitCode = 1;
});
