import { readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { lookAtSeries } from "../time-series/look";

const usage = "usage: inspect-time-series [time until which rows are counted, for example 2026-11-28T10:00:00Z]";

/**
 * `inspect-time-series [until]`: what the server holds, and whether TimescaleDB's catalogue is whole. Its last line is the
 * answer, as JSON; what it finds wrong is in there, and no failure.
 */
async function main([given = new Date().toISOString()]: readonly string[]): Promise<void> {
  const until = new Date(given);
  if (Number.isNaN(until.getTime())) throw new Error(usage);
  const { database, owner } = readConfig(databaseCommandSections);
  const client = new DatabaseClient(connectionOptions(asOwner(database, owner), "inspect-time-series"));
  await client.connect();
  try {
    process.stdout.write(`${JSON.stringify(await lookAtSeries(client, until))}\n`);
  } finally {
    await client.end();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`inspect-time-series: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
