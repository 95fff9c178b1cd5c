import { extensionsSchema } from "../../contract/database";
import type { DatabaseKey } from "../../contract/database";
import { metrics as contract } from "../../contract/metrics";
import { sqlState } from "../database/database";
import type { Queryable } from "../database/database";
import type { Kit } from "../service";
import { WakeUpLoop } from "../wake-up-loop";

const everyMs = 60_000;

/** The most by total and by mean time; so many statements, or twice as many where the two differ, are shown. */
const most = 20;

/** Statements end here as labels; their beginning and their id tell them apart. */
const labelLength = 120;

/** Undefined table, schema, or statistics that the server does not keep: it was started without the library. */
const notOffered = new Set(["42P01", "3F000", "55000"]);

interface Statement {
  readonly id: string;
  readonly statement: string;
  readonly calls: number;
  readonly seconds: number;
}

/**
 * The statements of this process's database user that take the database the longest, by `pg_stat_statements`; none where
 * it is not offered. Values are not part of their text.
 */
export async function slowStatements(database: Queryable): Promise<readonly Statement[]> {
  try {
    const { rows } = await database.query<{ id: string; statement: string; calls: number; seconds: number }>(
      `SELECT id, statement, calls, seconds FROM (
         SELECT queryid::text AS id, left(regexp_replace(query, '\\s+', ' ', 'g'), ${labelLength}) AS statement,
           calls::float8 AS calls, total_exec_time / 1000 AS seconds,
           row_number() OVER (ORDER BY total_exec_time DESC) AS by_total,
           row_number() OVER (ORDER BY mean_exec_time DESC) AS by_mean
         FROM ${extensionsSchema}.pg_stat_statements
         WHERE userid = current_user::regrole AND toplevel
           AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())) ranked
       WHERE by_total <= ${most} OR by_mean <= ${most}`,
    );
    return rows;
  } catch (error) {
    if (notOffered.has(sqlState(error) ?? "")) return [];
    throw error;
  }
}

/** Keeps the slowest statements of a database in the service's metrics, read anew each minute. */
export function exportSlowStatements(
  { database, lifecycle, log, metrics }: Pick<Kit, "database" | "lifecycle" | "log" | "metrics">,
  key: DatabaseKey = "core",
): void {
  const seconds = metrics.gauge(contract.databaseStatementSeconds);
  const calls = metrics.gauge(contract.databaseStatementCalls);
  const loop = new WakeUpLoop(
    async () => {
      const found = await slowStatements(database);
      for (const gauge of [seconds, calls]) gauge.reset();
      for (const { id, statement, ...figures } of found) {
        seconds.set({ database: key, id, statement }, figures.seconds);
        calls.set({ database: key, id, statement }, figures.calls);
      }
    },
    {
      everyMs,
      onError: (error) => {
        log.warn({ error: error.message }, "the statistics of statements could not be read");
      },
    },
  );
  loop.wake();
  lifecycle.onDrain("statistics of statements", () => loop.close());
}
