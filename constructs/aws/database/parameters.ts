import type { PostgresSettings } from "../../../config/schema/database";

export interface PostgresParameter {
  readonly name: string;
  readonly value: string;
  /** `pending-reboot` for what PostgreSQL reads only at its start: RDS refuses `immediate` for it. */
  readonly applyMethod: "immediate" | "pending-reboot";
}

/** RDS takes no fewer, and its own replicas use them. */
const FEWEST_WAL_SENDERS = 5;

/**
 * The settings as parameters of an RDS parameter group: plain integers in PostgreSQL's base unit of each parameter
 * (8 kB pages, kB, MB, seconds, milliseconds), never with a suffix.
 *
 * Of the guide's file these lines are missing: `wal_level`, which is RDS's (`replica`, or `logical` by
 * `rds.logical_replication`); `log_directory` and `log_filename`, since logs go to CloudWatch; TimescaleDB's, which RDS
 * does not offer (ADR 020); `superuser_reserved_connections`, whose default is the guide's 3.
 *
 * `idle_in_transaction_session_timeout` is left to each client: the transaction that exports a dump's snapshot idles for
 * hours by design.
 */
export function postgresParameters(settings: PostgresSettings): readonly PostgresParameter[] {
  return [
    atStart("shared_buffers", pages(settings.sharedBuffersMiB)),
    atOnce("effective_cache_size", pages(settings.effectiveCacheSizeMiB)),
    atOnce("work_mem", kilobytes(settings.workMemMiB)),
    atOnce("maintenance_work_mem", kilobytes(settings.maintenanceWorkMemMiB)),
    atOnce("checkpoint_completion_target", settings.checkpointCompletionTarget),
    atStart("wal_buffers", pages(settings.walBuffersMiB)),
    atOnce("checkpoint_timeout", settings.checkpointTimeoutMinutes * 60),
    atStart("max_connections", settings.maxConnections),
    atOnce("log_destination", "stderr,csvlog"),
    atOnce("log_statement", settings.logStatement),
    atOnce("log_min_duration_statement", settings.logMinDurationStatementMs),
    atStart("max_wal_senders", Math.max(settings.maxWalSenders, FEWEST_WAL_SENDERS)),
    atOnce("wal_keep_size", settings.walKeepSizeMiB),
    atStart("shared_preload_libraries", "pg_stat_statements"),
    // Compiling pays only for statements that compute for seconds; over a year's partitions it takes 3.0 s of 3.1 s.
    atOnce("jit", 0),
    atOnce("log_lock_waits", 1),
    // A session whose client's host has vanished is found after 10 + 3 * 5 seconds, and its locks are free again.
    atOnce("tcp_keepalives_idle", 10),
    atOnce("tcp_keepalives_interval", 5),
    atOnce("tcp_keepalives_count", 3),
    // Dynamic, but on by default since PostgreSQL 15: RDS reports it as pending-reboot, and any other value here
    // would show as a change on every plan.
    atStart("rds.force_ssl", 1),
  ];
}

const atOnce = (name: string, value: string | number): PostgresParameter => ({
  name,
  value: String(value),
  applyMethod: "immediate",
});

const atStart = (name: string, value: string | number): PostgresParameter => ({
  name,
  value: String(value),
  applyMethod: "pending-reboot",
});

/** 8 kB pages. */
const pages = (mebibytes: number): number => mebibytes * 128;
const kilobytes = (mebibytes: number): number => mebibytes * 1024;
