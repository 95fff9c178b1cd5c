import type { Alarm } from "./alarm";

export interface WatchedCache {
  /** CloudWatch counts per node. */
  readonly nodeIds: readonly string[];
}

/** Redis has one thread: this is its share of one core, where the setup guide's HighCPUUsage begins. */
const ENGINE_CPU_PERCENT = 80;
/** The setup guide's HighMemoryUsage. */
const MEMORY_PERCENT = 85;
/** In five minutes: a full cache, not a passing burst. */
const EVICTIONS = 1000;
/** A tenth of the setup guide's recovery point for sessions. */
const REPLICATION_LAG_SECONDS = 30;

/** What wakes an operator about the cache: four alarms a node, since any node may become the primary. */
export function cacheAlarms({ nodeIds }: WatchedCache): readonly Alarm[] {
  return nodeIds.flatMap((node, index) => nodeAlarms(node, index + 1));
}

function nodeAlarms(node: string, position: number): readonly Alarm[] {
  const metric = (name: string, statistic: Alarm["metric"]["statistic"]) => ({
    namespace: "AWS/ElastiCache",
    name,
    statistic,
    dimensions: { CacheClusterId: node },
  });
  const name = (what: string) => `cache-${position}-${what}`;
  return [
    {
      name: name("evictions"),
      metric: { ...metric("Evictions", "Sum"), periodSeconds: 300 },
      periods: 1,
      raisedWhen: "above",
      threshold: EVICTIONS,
      description: `${node} is full and forgets what is in use. Look for keys without expiry, then take a larger node type.`,
    },
    {
      name: name("cpu"),
      metric: metric("EngineCPUUtilization", "Average"),
      raisedWhen: "above",
      threshold: ENGINE_CPU_PERCENT,
      description: `The Redis thread of ${node} is busy. Look at the slow log, then at the number of clients.`,
    },
    {
      name: name("memory"),
      metric: metric("DatabaseMemoryUsagePercentage", "Maximum"),
      raisedWhen: "above",
      threshold: MEMORY_PERCENT,
      description: `${node} is nearly full and will begin to evict. Look for keys without expiry, then take a larger node type.`,
    },
    {
      name: name("replication-lag"),
      metric: metric("ReplicationLag", "Maximum"),
      raisedWhen: "above",
      threshold: REPLICATION_LAG_SECONDS,
      description: `${node} lags behind its primary: a failover now loses what it has not seen. Look for bursts of writes and for network limits of the node type.`,
    },
  ];
}
