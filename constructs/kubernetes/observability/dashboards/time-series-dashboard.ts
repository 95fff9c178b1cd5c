import { metrics } from "../../../../app/packages/contract/metrics";
import type { TimeSeries } from "../../../../config/schema/time-series";
import { select, series } from "../promql";
import { timeSeriesMetrics } from "../time-series-metrics";
import type { Dashboard } from "./panels";

const of = timeSeriesMetrics;
const volumes = { persistentvolumeclaim: /.+-[0-9]+(-wal)?/ };

/** The server of the time series: what it stores, replicates, archives and has room for. */
export const timeSeriesDashboard: Dashboard = {
  uid: "bist-trading-time-series",
  title: "Time series",
  tags: ["bist-trading", "market-data", "database"],
  panels: [
    {
      title: "Primaries",
      description: "Of each cluster: one takes writes. A restored copy has one of its own.",
      health: true,
      queries: [{ expression: `count by (cluster) (${of.inRecovery} == 0)`, legend: "{{cluster}}" }],
    },
    {
      title: "Received and not yet stored",
      queries: [{ expression: `sum(${series(metrics.marketTicksBacklog)})`, legend: "ticks" }],
    },
    {
      title: "Standbys behind the primary",
      description: "The guide allows 30 s.",
      unit: "s",
      queries: [{ expression: `max by (pod) (${of.replicationLag})`, legend: "{{pod}}" }],
    },
    {
      title: "WAL that waits to be archived",
      queries: [
        { expression: `max by (pod) (${select(of.walSegments, { value: "ready" })})`, legend: "{{pod}} segments" },
        { expression: `max by (pod) (increase(${of.archiveFailures}[5m]))`, legend: "{{pod}} failures in 5 min" },
      ],
    },
    {
      title: "Age of the newest base backup",
      description: "From the first day on, and every day; the other line is how far back a moment can be restored.",
      unit: "s",
      queries: [
        { expression: `time() - max by (cluster) (${of.lastBackup} > 0)`, legend: "{{cluster}} newest" },
        {
          expression: `time() - max by (cluster) (${of.firstRecoverabilityPoint} > 0)`,
          legend: "{{cluster}} oldest moment",
        },
      ],
    },
    {
      title: "Connections",
      queries: [
        { expression: `sum by (pod, usename) (${of.connections})`, legend: "{{pod}} {{usename}}" },
        { expression: `max(${select(of.setting, { name: "max_connections" })})`, legend: "at most" },
      ],
    },
    {
      title: "Volumes in use",
      unit: "percentunit",
      queries: [
        {
          expression: `max by (persistentvolumeclaim) (1 - ${select(of.volumeAvailable, volumes)} / ${select(of.volumeCapacity, volumes)})`,
          legend: "{{persistentvolumeclaim}}",
        },
      ],
    },
    {
      title: "Size of the database",
      description: "Falls when chunks are compressed, and when the oldest are dropped.",
      unit: "bytes",
      queries: [{ expression: `max by (cluster, datname) (${of.databaseBytes})`, legend: "{{cluster}} {{datname}}" }],
    },
  ],
};

/** Its dashboard, where market data has a server of its own. */
export const timeSeriesDashboards = (timeSeries: TimeSeries): readonly Dashboard[] =>
  timeSeries.in === "timescaledb" ? [timeSeriesDashboard] : [];
