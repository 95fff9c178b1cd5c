import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { DatabaseBusy } from "../locks";
import { maintainTimeSeries } from "../time-series/bootstrap";
import { dropOldCandles } from "../time-series/candles";

/**
 * `maintain-database`, once a day: partitions of ticks ahead, ticks and minute candles past their time gone. Repeatable.
 * Ends with 75 while the database is dumped.
 */
async function main(): Promise<void> {
  const say = (message: string) => process.stdout.write(`${message}\n`);
  const { database, owner } = readConfig(databaseCommandSections);
  const client = new DatabaseClient(connectionOptions(asOwner(database, owner), "maintain-database"));
  await client.connect();
  try {
    const now = new Date();
    for (const line of await maintainTimeSeries(client, now, { retries: { say } })) say(`ticks: ${line}`);
    say(`candles: deleted ${await dropOldCandles(client, now)} of less than a day past their time`);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  const told = error instanceof ConfigError || error instanceof DatabaseBusy;
  process.stderr.write(`maintain-database: ${told ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof DatabaseBusy ? error.exitCode : 1;
});
