import { setTimeout as sleep } from "node:timers/promises";
import type { ClientBase } from "pg";
import { backoffMs } from "../packages/kit/backoff";
import { sqlState } from "../packages/kit/database/database";

/**
 * How long a statement that changes a table may wait for it: every INSERT and SELECT that comes after it waits behind it.
 * Market data bridges fourteen seconds without the database.
 */
const LOCK_TIMEOUT_MS = 2_000;

export interface LockRetries {
  /** For how long a statement waits for a lock, in milliseconds. @default 2000 */
  readonly timeoutMs?: number;
  /** @default 12 */
  readonly tries?: number;
  /** Wait after the first; each further one doubles it, up to a minute. @default 1000 */
  readonly firstMs?: number;
  /** Takes a line for each try that got no lock. */
  readonly say?: (message: string) => void;
}

/**
 * Runs work whose statements wait for locks some seconds each, and runs it again while they get none: seven minutes in all,
 * longer than a report may take (`REPORT_LIMITS`). The limit is the session's, as work may commit on its way.
 *
 * @param work rolled back when it fails, and repeatable
 * @throws Error that names who holds locks, after the last try
 */
export async function withLockRetries<T>(
  client: ClientBase,
  work: () => Promise<T>,
  { timeoutMs = LOCK_TIMEOUT_MS, tries = 12, firstMs = 1_000, say = () => undefined }: LockRetries = {},
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await withLockTimeout(client, timeoutMs, work);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      failures += 1;
      const reason = `no lock within ${timeoutMs / 1_000} s; ${await holders(client)}`;
      if (failures === tries) throw new Error(`gave up after ${tries} tries: ${reason}`, { cause: error });
      const waitMs = backoffMs({ firstMs, mostMs: 60_000 }, failures - 1);
      say(`${reason}; tries again in ${waitMs / 1_000} s`);
      await sleep(waitMs);
    }
  }
}

/** Advisory lock of those who take turns: dumps, and maintenance that drops what a dump is to hold. */
const TURN = "bist time series";

/** Long enough for a bootstrap or a maintenance run; a dump takes hours, and is not waited for. */
const TURN_MS = 10 * 60_000;

/** Another dump or maintenance run is at work: to be tried again later. */
export class DatabaseBusy extends Error {
  /** Exit code of a command that ends with it: EX_TEMPFAIL of sysexits. */
  readonly exitCode = 75;
}

/**
 * Runs work while no other dump or maintenance does.
 *
 * @param waitMs for whoever is at work. @default ten minutes
 * @throws DatabaseBusy after that time
 */
export async function inTurn<T>(client: ClientBase, work: () => Promise<T>, waitMs = TURN_MS): Promise<T> {
  try {
    await withLockTimeout(client, waitMs, () =>
      client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [TURN]),
    );
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw new DatabaseBusy(
      `a dump or maintenance is under way: ${await turnHolder(client)}; try again when it is over`,
    );
  }
  try {
    return await work();
  } finally {
    // A session that is lost has lost its locks.
    await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [TURN]).catch(() => undefined);
  }
}

/** pg_partman passes the server's words on under a code of its own. */
const isLockTimeout = (error: unknown) =>
  sqlState(error) === "55P03" || (error as Error).message.includes("canceling statement due to lock timeout");

async function withLockTimeout<T>(client: ClientBase, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  await client.query(`SET lock_timeout = ${timeoutMs}`);
  try {
    return await work();
  } finally {
    await client.query("RESET lock_timeout").catch(() => undefined);
  }
}

interface Session {
  readonly pid: number;
  readonly who: string;
  readonly application: string;
  /** Null where this role may not see it. */
  readonly since: string | null;
}

const SESSION = `a.pid, coalesce(a.usename, a.backend_type, 'unknown') AS who, a.application_name AS application,
  to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since`;

/** Sessions whose transaction has held a table of this database for so long. Without pg_monitor, whatever their time. */
export async function lockHolders(client: ClientBase, forMs: number): Promise<readonly string[]> {
  const { rows } = await client.query<Session & { tables: string }>(
    `SELECT ${SESSION}, string_agg(DISTINCT c.relname, ', ' ORDER BY c.relname) AS tables
     FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.locktype = 'relation' AND a.datname = current_database() AND a.pid <> pg_backend_pid()
       AND c.relkind IN ('r', 'p') AND c.relnamespace <> 'pg_catalog'::regnamespace
       AND (a.xact_start IS NULL OR a.xact_start <= clock_timestamp() - make_interval(secs => $1))
     GROUP BY a.pid, a.usename, a.backend_type, a.application_name, a.xact_start
     ORDER BY a.xact_start NULLS LAST LIMIT 5`,
    [forMs / 1_000],
  );
  return rows.map((row) => `${described(row)} holds ${row.tables.slice(0, 200)}`);
}

async function holders(client: ClientBase): Promise<string> {
  const found = await lockHolders(client, LOCK_TIMEOUT_MS);
  return found.length === 0 ? "whoever held it is gone" : found.join("; ");
}

async function turnHolder(client: ClientBase): Promise<string> {
  const { rows } = await client.query<Session>(
    `SELECT ${SESSION} FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.locktype = 'advisory' AND l.objsubid = 1 AND a.datname = current_database()
       AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended($1, 0)`,
    [TURN],
  );
  return rows.map(described).join("; ") || "it has just ended";
}

const described = ({ pid, who, application, since }: Session) =>
  `pid ${pid}, user ${who}${application === "" ? "" : `, application ${application}`}, ${
    since === null ? "since when is hidden from this role" : `since ${since}`
  }`;
