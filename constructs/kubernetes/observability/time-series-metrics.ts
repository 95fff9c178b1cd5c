/**
 * Metrics about the server of the time series, by whoever exports them.
 *
 * - `cnpg_collector_*`: each instance; CloudNativePG, pkg/management/postgres/webserver/metricserver/pg_collector.go
 * - other `cnpg_*`: its queries, config/manager/default-monitoring.yaml
 * - `barman_cloud_*`: the plugin's process beside each instance; plugin-barman-cloud, internal/cnpgi/instance/metrics.go
 * - `kubelet_*` and `kube_*`: Kubernetes
 */
export const timeSeriesMetrics = {
  /** 1 on a standby, 0 on the primary. */
  inRecovery: "cnpg_pg_replication_in_recovery",
  /** Seconds that a standby's newest applied transaction is old; 0 where it has applied all that it received. */
  replicationLag: "cnpg_pg_replication_lag",
  /** Standbys that are connected to an instance. */
  streamingReplicas: "cnpg_pg_replication_streaming_replicas",
  /** By `value`: `ready` wait to be archived, `done` are. */
  walSegments: "cnpg_collector_pg_wal_archive_status",
  /** Of the primary alone; -1 where nothing was archived yet. */
  secondsSinceArchival: "cnpg_pg_stat_archiver_seconds_since_last_archival",
  archiveFailures: "cnpg_pg_stat_archiver_failed_count",
  /** Unix time; 0 where there is no base backup. */
  lastBackup: "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
  /** Unix time; 0 where there is no base backup. */
  firstRecoverabilityPoint: "barman_cloud_cloudnative_pg_io_first_recoverability_point",
  /** By user, database and state. */
  connections: "cnpg_backends_total",
  /** Numeric settings by `name`. */
  setting: "cnpg_pg_settings_setting",
  fenced: "cnpg_collector_fencing_on",
  databaseBytes: "cnpg_pg_database_size_bytes",
  volumeAvailable: "kubelet_volume_stats_available_bytes",
  volumeCapacity: "kubelet_volume_stats_capacity_bytes",
  replicasAvailable: "kube_deployment_status_replicas_available",
} as const;
