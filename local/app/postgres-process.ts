/**
 * The embedded PostgreSQL as a process of its own; SIGTERM stops the server in order.
 *
 *   postgres-process.ts <folder> <port> <database>        POSTGRES_PASSWORD is its superuser's
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../app/packages/embedded/postgres";
import { commandOf, endProcess } from "../process";

const END_PATIENCE_MS = 20_000;

/** A server of an earlier start that nobody could stop any more: it holds the folder, and is stopped first. */
async function endLeftover(directory: string): Promise<void> {
  const file = join(directory, "postmaster.pid");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n", 1)[0]) : 0;
  if (pid > 0 && commandOf(pid)?.includes(directory) === true) await endProcess(pid, END_PATIENCE_MS);
}

async function main([directory = "", port = "", database = ""]: readonly string[]): Promise<void> {
  await endLeftover(directory);
  const password = process.env["POSTGRES_PASSWORD"];
  const server = await startEmbeddedPostgres({ directory, persistent: true, port: Number(port), password });
  const client = new Client({ ...server, user: server.username, database: "postgres" });
  await client.connect();
  const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  await client.end();
  process.stdout.write(`PostgreSQL listens on ${server.host}:${server.port}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
