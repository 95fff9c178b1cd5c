/**
 * The embedded PostgreSQL as a process of its own; SIGTERM stops the server in order.
 *
 *   postgres-process.ts <folder> <port> <database>        POSTGRES_PASSWORD is its superuser's
 */
import { Client } from "pg";
import { startEmbeddedPostgres } from "../../app/packages/embedded/postgres";
import { endLeftover } from "./postgres-leftover";

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
