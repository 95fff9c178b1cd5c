import { setTimeout } from "node:timers/promises";
import type { Client } from "pg";
import { sqlState } from "../../packages/kit/database/database";

/** A process of the server at work in a database, as a user without every right sees it. */
interface Session {
  readonly pid: number;
  /** What it is; null where this user may not look into it. */
  readonly kind: string | null;
  readonly username: string | null;
  readonly program: string | null;
}

/** What ends by itself, or when it is told to. The rest are an extension's, such as pg_cron's launcher: they come back. */
const kindsThatEnd = ["client backend", "parallel worker", "autovacuum worker", "walsender"];

const lookAgainMs = 200;

/** @throws Error when something works in the databases that only another start of the server ends */
export async function requireEndable(client: Client, databases: readonly string[]): Promise<void> {
  const staying = (await sessionsIn(client, databases)).filter(
    ({ kind }) => kind !== null && !kindsThatEnd.includes(kind),
  );
  if (staying.length === 0) return;
  throw new Error(
    `a database cannot change its name while ${named(staying)}: take its extension from shared_preload_libraries, or ` +
      "have it work in another database, and restart the server",
  );
}

/**
 * Ends the sessions of databases that take no new ones. Those that only a superuser ends are waited for,
 * `patienceMs` at most.
 *
 * @throws Error when one stays
 */
export async function endSessions(client: Client, databases: readonly string[], patienceMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lookAgainMs) {
    // Whatever wants a database for itself sends autovacuum away.
    const left = (await sessionsIn(client, databases)).filter(({ kind }) => kind !== "autovacuum worker");
    if (left.length === 0) return;
    if (waitedMs >= patienceMs) {
      throw new Error(`a database cannot change its name while ${named(left)}: end it as a user who may`);
    }
    for (const { pid } of left) {
      await client.query("SELECT pg_terminate_backend($1)", [pid]).catch((error: unknown) => {
        if (sqlState(error) !== "42501") throw error;
      });
    }
    await setTimeout(lookAgainMs);
  }
}

async function sessionsIn(client: Client, databases: readonly string[]): Promise<readonly Session[]> {
  const { rows } = await client.query<Session>(
    `SELECT pid, backend_type AS kind, usename AS username, application_name AS program FROM pg_stat_activity
     WHERE datname = ANY ($1) ORDER BY pid`,
    [databases],
  );
  return rows;
}

const named = (sessions: readonly Session[]) =>
  sessions
    .map(({ pid, kind, username, program }) =>
      [kind ?? "a session", program && `"${program}"`, username && `of ${username}`, `is in it as process ${pid}`]
        .filter(Boolean)
        .join(" "),
    )
    .join(", ");
