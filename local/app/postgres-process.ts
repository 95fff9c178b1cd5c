/**
 * The embedded PostgreSQL as a process of its own; SIGTERM stops the server in order.
 *
 *   postgres-process.ts <folder> <port> <database> <owner> <log file> [<setting>=<value> …]
 *
 * POSTGRES_PASSWORD is the owner's and the superuser's.
 */
import { prepareOwnedDatabase } from "../../app/packages/embedded/owner";
import { startEmbeddedPostgres } from "../../app/packages/embedded/postgres";
import { endLeftover } from "./postgres-leftover";
import { postgresLogSettings } from "./postgres-log";

async function main([
  directory = "",
  port = "",
  database = "",
  username = "",
  logFile = "",
  ...more
]: readonly string[]) {
  await endLeftover(directory);
  const password = process.env["POSTGRES_PASSWORD"] ?? "";
  const server = await startEmbeddedPostgres({
    directory,
    persistent: true,
    port: Number(port),
    password,
    settings: { ...postgresLogSettings, ...settingsIn(more) },
    logFile,
  });
  await prepareOwnedDatabase(server, database, { username, password });
  process.stdout.write(`PostgreSQL listens on ${server.host}:${server.port}\n`);
}

const settingsIn = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text) => [text.split("=")[0] ?? "", text.split("=").slice(1).join("=")]));

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
