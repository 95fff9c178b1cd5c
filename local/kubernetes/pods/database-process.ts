/**
 * The PostgreSQL that real pods use, where the emulated RDS says that it is; SIGTERM stops the server in order.
 *
 *   database-process.ts <file>        JSON: `DatabaseSettings`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { prepareOwnedDatabase } from "../../../app/packages/embedded/owner";
import { startEmbeddedPostgres } from "../../../app/packages/embedded/postgres";
import { endLeftover } from "../../app/postgres-leftover";
import { postgresLogSettings } from "../../app/postgres-log";
import type { DatabaseSettings } from "./database";

async function main(file: string): Promise<void> {
  const { directory, host, port, clients, name, owner, superuserPassword, logFile } = JSON.parse(
    readFileSync(file, "utf8"),
  ) as DatabaseSettings;
  await endLeftover(directory);
  const access = join(dirname(directory), "access.conf");
  const lines = ["127.0.0.1/32", `${host}/32`, clients].map((network) => `host all all ${network} scram-sha-256\n`);
  writeFileSync(access, lines.join(""));
  const server = await startEmbeddedPostgres({
    directory,
    persistent: true,
    port,
    password: superuserPassword,
    settings: { ...postgresLogSettings, listen_addresses: `127.0.0.1,${host}`, hba_file: access },
    logFile,
  });
  await prepareOwnedDatabase(server, name, owner);
  process.stdout.write(`PostgreSQL listens on ${host}:${port}\n`);
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
