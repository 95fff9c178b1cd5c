import { instanceMemoryMiB } from "../database/instance-memory";
import type { Alarm } from "./alarm";

export interface WatchedDatabase {
  readonly identifier: string;
  readonly replicaIdentifiers: readonly string[];
  readonly instanceClass: string;
  /** Initial storage, GiB. */
  readonly storageGiB: number;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Below 10 % free RDS adds storage by itself; 5 % means that it does not. */
const FREE_STORAGE_SHARE = 0.05;
/** The setup guide's HighCPUUsage. */
const CPU_PERCENT = 80;
const FREE_MEMORY_SHARE = 0.05;
/** The setup guide's recovery point of the database, with streaming replication. */
const REPLICA_LAG_SECONDS = 60;
/** Of about 2.1 billion; autovacuum starts against wraparound at 200 million. */
const TRANSACTION_IDS = 1_000_000_000;

/**
 * What wakes an operator about the database.
 *
 * @param clientConnections that all clients open together at most
 */
export function databaseAlarms(database: WatchedDatabase, clientConnections: number): readonly Alarm[] {
  const metric = (name: string, statistic: Alarm["metric"]["statistic"], instance = database.identifier) => ({
    namespace: "AWS/RDS",
    name,
    statistic,
    dimensions: { DBInstanceIdentifier: instance },
  });
  const memoryMiB = instanceMemoryMiB(database.instanceClass) ?? 0;
  return [
    {
      name: "database-free-storage",
      metric: metric("FreeStorageSpace", "Minimum"),
      raisedWhen: "below",
      threshold: Math.floor(database.storageGiB * FREE_STORAGE_SHARE * GIB),
      description:
        "The database is nearly out of storage and has not grown by itself. Look for a replication slot that holds WAL, then raise maxStorageGiB.",
    },
    {
      name: "database-cpu",
      metric: metric("CPUUtilization", "Average"),
      raisedWhen: "above",
      threshold: CPU_PERCENT,
      description:
        "The database's processors are busy. Find the statements on the dashboard Database before taking a larger class.",
    },
    {
      name: "database-connections",
      metric: metric("DatabaseConnections", "Maximum"),
      raisedWhen: "above",
      threshold: clientConnections,
      description: `More is connected to the database than the ${clientConnections} connections of all its clients at their most, and it will soon refuse some. Look in pg_stat_activity for who is not counted in docs/connections.md, or leaks them.`,
    },
    {
      name: "database-free-memory",
      metric: metric("FreeableMemory", "Minimum"),
      raisedWhen: "below",
      threshold: Math.floor(memoryMiB * FREE_MEMORY_SHARE) * MIB,
      description:
        "The database is nearly out of memory and will soon swap. Look for sorts and hashes in many sessions; lower workMemMiB or take a larger class.",
    },
    {
      name: "database-transaction-ids",
      metric: metric("MaximumUsedTransactionIDs", "Maximum"),
      raisedWhen: "above",
      threshold: TRANSACTION_IDS,
      description:
        "Autovacuum has fallen behind: writes stop when transaction ids run out. Look for an old transaction, a prepared one or a replication slot, then vacuum.",
    },
    ...database.replicaIdentifiers.map((replica, index): Alarm => ({
      name: `database-replica-${index + 1}-lag`,
      metric: metric("ReplicaLag", "Maximum", replica),
      raisedWhen: "above",
      threshold: REPLICA_LAG_SECONDS,
      description: `The replica ${replica} lags behind. Look for a long query on it, then for writes beyond what it can replay.`,
    })),
  ];
}
