import { ConfigError, readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { maintainTimeSeries } from "../time-series/bootstrap";
import { dropOldCandles } from "../time-series/candles";

/** `maintain-database`, once a day: partitions of ticks ahead, ticks and minute candles past their time gone. Repeatable. */
async function main(): Promise<void> {
  const say = (message: string) => process.stdout.write(`${message}\n`);
  const { database, owner } = readConfig(databaseCommandSections);
  const client = new DatabaseClient(connectionOptions(asOwner(database, owner), "maintain-database"));
  await client.connect();
  try {
    const now = new Date();
    for (const line of await maintainTimeSeries(client, now)) say(`ticks: ${line}`);
    say(`candles: deleted ${await dropOldCandles(client, now)} of less than a day past their time`);
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => {
  const text = error instanceof ConfigError ? error.message : String((error as Error).stack);
  process.stderr.write(`maintain-database: ${text}\n`);
  process.exitCode = 1;
});
