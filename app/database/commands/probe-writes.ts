import { readConfig } from "../../packages/kit/config/read";
import { DatabaseClient } from "../../packages/kit/database/client";
import { connectionOptions } from "../../packages/kit/database/database";
import { asOwner, databaseCommandSections } from "../config";
import { probeWrites } from "../time-series/probe";

const usage = "usage: probe-writes [seconds until it is over] [seconds that it waits for an interruption]";

const EVERY_MS = 200;

/** A server that is gone does not say so: without limits a probe would wait longer than the server is away. */
const CONNECT_MS = 2_000;
const STATEMENT_MS = 5_000;

/**
 * `probe-writes [settle] [limit]`: writes into the log alone, five times a second, until writing was interrupted and went
 * well again. Says "writing" once it does; its last line is the longest gap, as JSON.
 */
async function main([settle = "10", limit = "600"]: readonly string[]): Promise<void> {
  const [settleMs, limitMs] = [Number(settle) * 1_000, Number(limit) * 1_000];
  if (!(settleMs > 0 && limitMs > settleMs)) throw new Error(usage);
  const { database, owner } = readConfig(databaseCommandSections);
  const options = {
    ...connectionOptions(asOwner(database, owner), "probe-writes"),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
  };
  const probe = await probeWrites({
    connect: async () => {
      const client = new DatabaseClient(options);
      await client.connect();
      return client;
    },
    everyMs: EVERY_MS,
    settleMs,
    limitMs,
    say: (what) => process.stdout.write(`${what}\n`),
  });
  process.stdout.write(`${JSON.stringify(probe)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`probe-writes: ${(error as Error).message}\n`);
  process.exitCode = 1;
});
