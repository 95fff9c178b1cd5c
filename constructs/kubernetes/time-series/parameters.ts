import type { TimescaledbSettings } from "../../../config/schema/time-series";

/** Replicas and what makes new ones take two each; PostgreSQL's own default. */
const FEWEST_WAL_SENDERS = 10;

/** Beyond this a crash takes minutes to recover from. */
const MOST_WAL_GIB = 8;

/**
 * The guide's postgresql.conf for the server of the time series, and what its operator does not set. Of the guide's file
 * these lines are missing: what says where logs go, which is the operator's, and `superuser_reserved_connections`, whose
 * default is the guide's 3. The other settings are those of the database on RDS (constructs/aws/database/parameters.ts).
 */
export function timeSeriesParameters(settings: TimescaledbSettings): Record<string, string> {
  const { parameters, walStorageGiB } = settings;
  return {
    shared_buffers: mebibytes(parameters.sharedBuffersMiB),
    effective_cache_size: mebibytes(parameters.effectiveCacheSizeMiB),
    work_mem: mebibytes(parameters.workMemMiB),
    maintenance_work_mem: mebibytes(parameters.maintenanceWorkMemMiB),
    checkpoint_completion_target: String(parameters.checkpointCompletionTarget),
    wal_buffers: mebibytes(parameters.walBuffersMiB),
    checkpoint_timeout: `${parameters.checkpointTimeoutMinutes}min`,
    max_connections: String(parameters.maxConnections),
    log_statement: parameters.logStatement,
    log_min_duration_statement: `${parameters.logMinDurationStatementMs}`,
    log_lock_waits: "on",
    wal_level: "replica",
    max_wal_senders: String(Math.max(parameters.maxWalSenders, FEWEST_WAL_SENDERS)),
    wal_keep_size: mebibytes(parameters.walKeepSizeMiB),
    max_wal_size: `${Math.min(Math.ceil(walStorageGiB / 4), MOST_WAL_GIB)}GB`,
    // A replica that is away for longer is made anew from the archive: its slot must not fill the primary's volume.
    max_slot_wal_keep_size: `${Math.floor(walStorageGiB / 2)}GB`,
    // What is lost with both instances at once: the guide's 30 seconds of market data.
    archive_timeout: "30s",
    // A year has 8,760 chunks of three relations each: what goes through all of them, as dropping them does, locks them all at once.
    max_locks_per_transaction: "256",
    jit: "off",
    tcp_keepalives_idle: "10",
    tcp_keepalives_interval: "5",
    tcp_keepalives_count: "3",
    // The operator preloads the library for a server that has one of its parameters.
    "pg_stat_statements.max": "5000",
    "timescaledb.max_background_workers": "8",
    "timescaledb.telemetry_level": "off",
  };
}

const mebibytes = (amount: number): string => `${amount}MB`;
