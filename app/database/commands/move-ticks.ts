import { readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { DatabaseBusy } from "../locks";
import { abandonMove, moveTicks } from "../time-series/move";

const usage = "usage: move-ticks to <timescaledb | pg_partman | partitions> [minutes] | abandon";

/**
 * `move-ticks`: the ticks to another keeper, while services read and write them.
 *
 *   to <keeper> [minutes]   begins a move or goes on with it, for so long at most
 *   abandon                 gives an unfinished one up
 *
 * Its last line is how far it is, as JSON: to be run again until it says that it is done. Ends with 75 while another run is
 * at work.
 */
async function main([action, to = "", minutes]: readonly string[]): Promise<void> {
  const { database, owner } = readConfig(databaseCommandSections);
  const budget = minutes === undefined ? Infinity : Number(minutes);
  if (!(action === "abandon" || (action === "to" && to !== "" && budget >= 0))) throw new Error(usage);
  const client = new DatabaseClient(connectionOptions(asOwner(database, owner), "move-ticks"));
  await client.connect();
  const say = (message: string) => process.stdout.write(`${message}\n`);
  try {
    const answer =
      action === "to"
        ? await moveTicks(client, { to, budgetMs: budget * 60_000, say, retries: { say } })
        : { abandoned: await abandonMove(client, { say }) };
    say(JSON.stringify(answer));
  } finally {
    await client.end();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`move-ticks: ${(error as Error).message}\n`);
  process.exitCode = error instanceof DatabaseBusy ? error.exitCode : 1;
});
