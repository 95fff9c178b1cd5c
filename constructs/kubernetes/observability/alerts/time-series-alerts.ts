import { POSTGRES_OPERATOR_NAMESPACE } from "../../../../config/names";
import type { TimeSeries } from "../../../../config/schema/time-series";
import { select } from "../promql";
import { timeSeriesMetrics } from "../time-series-metrics";
import type { AlertGroup } from "./alert";

/** The setup guide's recovery point for market data. */
const LAG_SECONDS = 30;
/** The server closes a segment every 30 seconds (`archive_timeout`): ten of them in a row. */
const ARCHIVE_SECONDS = 5 * 60;
/** A day, and time for the backup itself. */
const BACKUP_SECONDS = 36 * 60 * 60;
const FULL_SHARE = 0.85;
const CONNECTIONS_SHARE = 0.9;

/** Alerts of the server of the time series, where there is one: about its live cluster, not about restored copies. */
export function timeSeriesAlerts(timeSeries: TimeSeries, namespace: string): readonly AlertGroup[] {
  if (timeSeries.in === "database") return [];
  const { cluster, instances } = timeSeries;
  const of = (metric: string, matchers: Readonly<Record<string, string>> = {}) =>
    select(metric, { namespace, cluster, ...matchers });
  const metrics = timeSeriesMetrics;
  const primary = `${of(metrics.inRecovery)} == 0`;
  const archivedInTime = `${of(metrics.secondsSinceArchival)} >= 0 <= ${ARCHIVE_SECONDS}`;
  const backup = `max(${of(metrics.lastBackup)})`;
  const volumes = { namespace, persistentvolumeclaim: new RegExp(`${cluster}-[0-9]+(-wal)?`) };
  const available = select(metrics.volumeAvailable, volumes);
  const used = `1 - ${available} / ${select(metrics.volumeCapacity, volumes)}`;
  const connections = `sum by (pod) (${of(metrics.connections)})`;
  const most = `max by (pod) (${of(metrics.setting, { name: "max_connections" })})`;
  return [
    {
      name: "time-series",
      alerts: [
        {
          name: "TimeSeriesPrimaryMissing",
          expression: `absent(${primary})`,
          forMinutes: 2,
          severity: "critical",
          summary: "No instance of the time series takes writes",
        },
        {
          name: "TimeSeriesStandbyMissing",
          expression: `max(${of(metrics.streamingReplicas)} and ${primary}) < ${instances - 1}`,
          forMinutes: 5,
          severity: "warning",
          summary: `{{ $value }} of ${instances - 1} standbys of the time series follow the primary`,
        },
        {
          name: "TimeSeriesReplicationLag",
          expression: `max by (pod) (${of(metrics.replicationLag)}) > ${LAG_SECONDS}`,
          forMinutes: 2,
          severity: "critical",
          summary: "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind the primary of the time series",
        },
        {
          name: "TimeSeriesWalNotArchived",
          expression:
            `max by (pod) (${of(metrics.walSegments, { value: "ready" })} > 0` +
            ` and on (pod) ${primary} unless on (pod) ${archivedInTime})`,
          forMinutes: 1,
          severity: "critical",
          summary: "{{ $value }} segments of the time series' WAL wait, and none was archived for five minutes",
        },
        {
          name: "TimeSeriesBackupMissing",
          expression: `${backup} < time() - ${BACKUP_SECONDS} or absent(${backup})`,
          forMinutes: 60,
          severity: "critical",
          summary: "The newest base backup of the time series is older than a day and a half, or is not known",
        },
        {
          name: "TimeSeriesVolumeNearlyFull",
          expression: `max by (persistentvolumeclaim) (${used}) > ${FULL_SHARE}`,
          forMinutes: 5,
          severity: "critical",
          summary: "{{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full",
        },
        {
          name: "TimeSeriesConnectionsNearlyExhausted",
          expression: `${connections} / ${most} > ${CONNECTIONS_SHARE}`,
          forMinutes: 3,
          severity: "critical",
          summary: "{{ $labels.pod }} has {{ $value | humanizePercentage }} of its connections in use",
        },
        {
          name: "TimeSeriesInstanceFenced",
          expression: `max by (pod) (${of(metrics.fenced)}) == 1`,
          forMinutes: 15,
          severity: "warning",
          summary: "{{ $labels.pod }} is fenced: its PostgreSQL is kept from running",
        },
        {
          name: "TimeSeriesOperatorDown",
          expression: `max by (deployment) (${select(metrics.replicasAvailable, { namespace: POSTGRES_OPERATOR_NAMESPACE })}) == 0`,
          forMinutes: 5,
          severity: "critical",
          summary: "{{ $labels.deployment }} has no pod that is ready: nobody would replace a primary or back it up",
        },
      ],
    },
  ];
}
