import { DatabaseError } from "pg";
import type { ClientConfig, Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg";
import type { DatabaseKey } from "../../contract/database";
import { metrics as contract } from "../../contract/metrics";
import { networkLimits } from "../../contract/network-limits";
import type { DatabaseConfig } from "../config/sections";
import type { Logger } from "../observability/logger";
import type { Metrics } from "../observability/metrics";
import { Announcer, takeAnnouncements } from "./announcements";
import type { Limited } from "./client";
import { createPool } from "./pool";
import { prepareStatements } from "./prepared";

/** Anything that runs SQL: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<R extends QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<QueryResult<R>>;
}

/** For whom a transaction runs: row-level security shows a user's own rows, and the system all of them. */
export type Actor = { readonly userId: string } | "system";

export interface TransactionOptions {
  /** Whether the commit waits until a crash of the database can no longer undo it. @default true */
  readonly durable?: boolean;
}

/**
 * PostgreSQL through one pool. Numbers of type `numeric` and `bigint` arrive as text, as nothing else keeps them exact.
 * Tables under row-level security show nothing outside of `as`.
 */
export class Database implements Queryable {
  readonly pool: Pool;
  private readonly announcer: Announcer;

  /** @param key which of the application's databases it is, for metrics. @default core */
  constructor(
    config: DatabaseConfig,
    metrics: Metrics,
    log: Logger,
    applicationName: string,
    key: DatabaseKey = "core",
  ) {
    this.pool = createPool(
      {
        ...connectionOptions(config, applicationName),
        max: config.poolMax,
        min: config.poolMin,
        connectionTimeoutMillis: config.connectTimeoutMs,
        idleTimeoutMillis: config.idleTimeoutMs,
        maxLifetimeSeconds: Math.ceil(config.maxLifetimeMs / 1000),
        statement_timeout: config.statementTimeoutMs,
        idle_in_transaction_session_timeout: 60_000,
      },
      (error) => {
        log.warn({ error: error.message }, "a database connection was lost");
      },
    );
    this.pool.on("connect", prepareStatements);
    this.announcer = new Announcer(this.pool, (error) => {
      log.warn({ error: error.message }, "NOTIFY failed; listeners find it when they poll");
    });
    const labels = { database: key };
    metrics.gauge(contract.databaseConnectionsActive, (gauge) => {
      gauge.set(labels, this.pool.totalCount - this.pool.idleCount);
    });
    metrics.gauge(contract.databaseConnectionsIdle, (gauge) => {
      gauge.set(labels, this.pool.idleCount);
    });
    metrics.gauge(contract.databaseConnectionsMax).set(labels, config.poolMax);
    metrics.gauge(contract.databaseConnectionsWaiting, (gauge) => {
      gauge.set(labels, this.pool.waitingCount);
    });
  }

  /** One statement by itself, for tables that belong to no user. */
  query<R extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<QueryResult<R>> {
    return this.pool.query<R>(sql, [...values]);
  }

  /**
   * One transaction for an actor: commits when `work` resolves, rolls back when it throws.
   * A serialization failure or a deadlock is the caller's to try again.
   */
  async as<T>(
    actor: Actor,
    work: (tx: PoolClient) => Promise<T>,
    { durable = true }: TransactionOptions = {},
  ): Promise<T> {
    const tx = await this.pool.connect();
    let broken: Error | undefined;
    try {
      const name = tx.escapeLiteral(actor === "system" ? actor : actor.userId);
      // In one message: every transaction begins with these. Rows are found by their keys, whatever the values are.
      await tx.query(
        `BEGIN; SELECT set_config('app.user_id', ${name}, true), set_config('plan_cache_mode', 'force_generic_plan', true)${
          durable ? "" : "; SET LOCAL synchronous_commit = off"
        }`,
      );
      const result = await work(tx);
      await tx.query("COMMIT");
      this.announcer.send(takeAnnouncements(tx));
      return result;
    } catch (error) {
      takeAnnouncements(tx);
      await tx.query("ROLLBACK").catch((failure: unknown) => {
        broken = failure as Error;
      });
      throw error;
    } finally {
      tx.release(broken);
    }
  }

  /** @throws Error when the database does not answer within `networkLimits.database.pingMs` of getting a connection */
  async ping(): Promise<void> {
    const ping = { text: "SELECT 1", answerLimitMs: networkLimits.database.pingMs } satisfies QueryConfig & Limited;
    await this.pool.query(ping);
  }

  async close(): Promise<void> {
    await this.announcer.settled();
    await this.pool.end();
  }
}

/**
 * What a pool and a lone client of `pg` share. No connection compiles plans: over a year of partitions that takes seconds
 * a statement, more than it ever saves. It is said as `options` at the start of a session, which PgBouncer refuses unless
 * its `ignore_startup_parameters` names them; the parameter group says the same.
 *
 * Host names are resolved anew for each connection, so that one that moves is followed.
 */
export const connectionOptions = (config: DatabaseConfig, applicationName: string) =>
  ({
    host: config.host,
    port: config.port,
    database: config.name,
    user: config.username,
    password: config.password,
    application_name: applicationName,
    options: WITHOUT_JIT,
    ssl:
      config.sslMode === "disable"
        ? false
        : { rejectUnauthorized: config.sslMode === "verify-full", ca: config.sslAuthorities },
    keepAlive: true,
    keepAliveInitialDelayMillis: networkLimits.database.keepAliveDelayMs,
  }) satisfies ClientConfig;

/** Option of a session, as `PGOPTIONS` takes it too. */
export const WITHOUT_JIT = "-c jit=off";

/** The database's clock: the one that every process shares. */
export async function databaseTime(database: Queryable): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  const [row] = rows;
  if (row === undefined) throw new Error("the database returned no time");
  return row.now;
}

/** SQLSTATE of a failed statement, or undefined for any other error, such as EPIPE of a connection. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof DatabaseError ? error.code : undefined;

/** True when `error` is the violation of the named unique constraint. */
export const violates = (error: unknown, constraint: string): boolean =>
  sqlState(error) === "23505" && (error as { constraint?: string }).constraint === constraint;
