/** What Prometheus sees, and what an operator is told then. */
interface Scenario {
  readonly alert: string;
  readonly when: string;
  /** Values a minute apart, in promtool's notation: `0+6x20` starts at 0 and adds 6 twenty times. */
  readonly series: Readonly<Record<string, string>>;
  /** Time since the first value. */
  readonly at: string;
  readonly fires: readonly { readonly labels: Readonly<Record<string, string>>; readonly summary: string }[];
}

const quiet = { fires: [] } as const;
const available = (service: string, colour: string) =>
  `kube_deployment_status_replicas_available{namespace="trading",deployment="${service}-service-${colour}"}`;
const requests = (status: string) => `http_requests_total{service="market-data",pod="a",status="${status}"}`;
const pool = (what: string) => `database_pool_connections_${what}{database="timeSeries",service="market-data",pod="a"}`;
const job = 'namespace="trading",job_name="database-bootstrap-1"';
const lastDump = 'kube_cronjob_status_last_successful_time{namespace="trading",cronjob="database-backup"}';
const dump = 'namespace="trading",job_name="database-backup-29100030"';
const expiry = 'certmanager_certificate_expiration_timestamp_seconds{namespace="trading",name="bist-trading-cert"}';
const instance = (pod: string, name: string, more = "") =>
  `cnpg_${name}{namespace="trading",cluster="time-series",pod="${pod}"${more}}`;
const primary = { [instance("time-series-1", "pg_replication_in_recovery")]: "0x130" };
const standby = { [instance("time-series-2", "pg_replication_in_recovery")]: "1x130" };
const copy = { 'cnpg_pg_replication_in_recovery{namespace="trading",cluster="copy",pod="copy-1"}': "0x20" };
const waiting = instance("time-series-1", "collector_pg_wal_archive_status", ',value="ready"');
const sinceArchival = instance("time-series-1", "pg_stat_archiver_seconds_since_last_archival");
const lastBackup =
  'barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{namespace="trading",cluster="time-series",pod="time-series-1"}';
const volume = (what: string, claim: string) =>
  `kubelet_volume_stats_${what}_bytes{namespace="trading",persistentvolumeclaim="${claim}"}`;
const operators = (deployment: string) =>
  `kube_deployment_status_replicas_available{namespace="cnpg-system",deployment="${deployment}"}`;

export const scenarios: readonly Scenario[] = [
  {
    alert: "HighCPUUsage",
    when: "one of two processors idles 4 s of a minute, the other 8 s",
    series: {
      'node_cpu_seconds_total{instance="node-1",cpu="0",mode="idle"}': "0+4x20",
      'node_cpu_seconds_total{instance="node-1",cpu="1",mode="idle"}': "0+8x20",
    },
    at: "12m",
    fires: [{ labels: { instance: "node-1" }, summary: "The processors of node-1 are 90 % busy" }],
  },
  {
    alert: "HighCPUUsage",
    when: "half of the time is idle",
    series: { 'node_cpu_seconds_total{instance="node-1",cpu="0",mode="idle"}': "0+30x20" },
    at: "12m",
    ...quiet,
  },
  {
    alert: "HighMemoryUsage",
    when: "a tenth is available",
    series: {
      'node_memory_MemAvailable_bytes{instance="node-1"}': "1000x10",
      'node_memory_MemTotal_bytes{instance="node-1"}': "10000x10",
    },
    at: "6m",
    fires: [{ labels: { instance: "node-1" }, summary: "The memory of node-1 is 90 % in use" }],
  },
  {
    alert: "HighMemoryUsage",
    when: "a fifth is available",
    series: {
      'node_memory_MemAvailable_bytes{instance="node-1"}': "2000x10",
      'node_memory_MemTotal_bytes{instance="node-1"}': "10000x10",
    },
    at: "6m",
    ...quiet,
  },
  {
    alert: "ServiceDown",
    when: "a pod is silent for two minutes",
    series: { 'up{job="bist-trading-market-data",service="market-data",pod="a"}': "1 0x5" },
    at: "4m",
    fires: [
      {
        labels: { job: "bist-trading-market-data", service: "market-data", pod: "a" },
        summary: "a of bist-trading-market-data does not answer",
      },
    ],
  },
  {
    alert: "ServiceDown",
    when: "a pod misses one scrape, and somebody else's job is down",
    series: {
      'up{job="bist-trading-market-data",service="market-data",pod="a"}': "1 0 1x5",
      'up{job="kubelet",pod="b"}': "0x5",
    },
    at: "4m",
    ...quiet,
  },
  {
    alert: "NoHealthyTargets",
    when: "neither colour has a pod that is ready",
    series: {
      [available("market-data", "blue")]: "3 0x5",
      [available("market-data", "green")]: "0x6",
      [available("user-management", "blue")]: "3x6",
    },
    at: "3m",
    fires: [
      {
        labels: { service: "market-data" },
        summary: "No pod of market-data is ready: the load balancer has no healthy target for it",
      },
    ],
  },
  {
    alert: "NoHealthyTargets",
    when: "the live colour has pods and the idle one has none",
    series: { [available("market-data", "blue")]: "0x6", [available("market-data", "green")]: "3x6" },
    at: "3m",
    ...quiet,
  },
  {
    alert: "HighErrorRate",
    when: "a tenth of the requests fails",
    series: { [requests("500")]: "0+6x15", [requests("503")]: "0+6x15", [requests("200")]: "0+108x15" },
    at: "11m",
    fires: [
      {
        labels: { service: "market-data" },
        summary: "market-data answers 10 % of its requests with an error of its own",
      },
    ],
  },
  {
    alert: "HighErrorRate",
    when: "a tenth of the requests is refused and a hundredth fails",
    series: { [requests("500")]: "0+1x15", [requests("403")]: "0+10x15", [requests("200")]: "0+89x15" },
    at: "11m",
    ...quiet,
  },
  {
    alert: "DatabaseConnectionPoolExhausted",
    when: "19 of 20 connections are held",
    series: { [pool("active")]: "19x5", [pool("max")]: "20x5" },
    at: "4m",
    fires: [
      {
        labels: { database: "timeSeries", service: "market-data", pod: "a" },
        summary: "a of market-data has 95 % of its timeSeries connections in use",
      },
    ],
  },
  {
    alert: "DatabaseConnectionPoolExhausted",
    when: "half of the connections are held",
    series: { [pool("active")]: "10x5", [pool("max")]: "20x5" },
    at: "4m",
    ...quiet,
  },
  {
    alert: "CacheNotShared",
    when: "Redis is away for longer than a fail-over takes",
    series: { 'cache_up{service="market-data",pod="a"}': "1 0x10" },
    at: "7m",
    fires: [
      {
        labels: { service: "market-data", pod: "a" },
        summary: "a of market-data keeps to its own memory: Redis takes no writes, or brings no messages",
      },
    ],
  },
  {
    alert: "CacheNotShared",
    when: "Redis fails over",
    series: { 'cache_up{service="market-data",pod="a"}': "1 0x2 1x10" },
    at: "7m",
    ...quiet,
  },
  {
    alert: "MarketDataLag",
    when: "ticks come and are 15 s old",
    series: {
      'market_data_processing_lag_seconds{pod="a",service="market-data"}': "15x10",
      'market_ticks_processed_total{pod="a",service="market-data"}': "0+600x10",
    },
    at: "6m",
    fires: [{ labels: { pod: "a" }, summary: "Ticks are stored 15s after they were traded" }],
  },
  {
    alert: "MarketDataLag",
    when: "the last tick of the day was late and none has come since",
    series: {
      'market_data_processing_lag_seconds{pod="a",service="market-data"}': "15x10",
      'market_ticks_processed_total{pod="a",service="market-data"}': "600x10",
    },
    at: "6m",
    ...quiet,
  },
  {
    alert: "MarketFeedSilent",
    when: "the exchange trades and no replica stores anything",
    series: {
      'market_session_open{pod="a",service="market-data"}': "1x10",
      'market_ticks_processed_total{pod="a",service="market-data"}': "600x10",
      'market_ticks_processed_total{pod="b",service="market-data"}': "0x10",
    },
    at: "8m",
    fires: [{ labels: {}, summary: "The exchange trades and no tick has been stored for five minutes" }],
  },
  {
    alert: "MarketFeedSilent",
    when: "the exchange is closed",
    series: {
      'market_session_open{pod="a",service="market-data"}': "0x10",
      'market_ticks_processed_total{pod="a",service="market-data"}': "600x10",
    },
    at: "8m",
    ...quiet,
  },
  {
    alert: "OrdersUnknownTooLong",
    when: "an order is in doubt for eight minutes, and another's end has not been known for days",
    series: {
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="answer"}': "0+60x10",
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="end"}': "200000x10",
    },
    at: "8m",
    fires: [{ labels: {}, summary: "What became of an order has not been known for 8m 0s" }],
  },
  {
    alert: "OrdersUnknownTooLong",
    when: "orders are in doubt for seconds, one after the other, and another's end has not been known for days",
    series: {
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="answer"}': "12x10",
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="end"}': "200000x10",
    },
    at: "8m",
    ...quiet,
  },
  {
    alert: "OrderEndNotKnown",
    when: "nobody watched the end of an order's day",
    series: { 'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="end"}': "0+60x10" },
    at: "8m",
    fires: [{ labels: {}, summary: "How an order ended that was open at its day's end has not been known for 8m 0s" }],
  },
  {
    alert: "OrderEndNotKnown",
    when: "an answer was not seen, and every end is known",
    series: {
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="answer"}': "0+60x10",
      'orders_unknown_age_seconds{pod="a",service="broker-integration",reason="end"}': "0x10",
    },
    at: "8m",
    ...quiet,
  },
  {
    alert: "BrokerAnswersUnreadable",
    when: "one row of the list keeps a side that is not known",
    series: {
      'algolab_unreadable_total{pod="a",endpoint="TodaysTransaction",field="buysell"}': "0+1x20",
      'algolab_unreadable_total{pod="b",endpoint="TodaysTransaction",field="buysell"}': "4x20",
    },
    at: "18m",
    fires: [
      {
        labels: { endpoint: "TodaysTransaction", field: "buysell" },
        summary: "buysell of the broker's TodaysTransaction could not be read 15 times",
      },
    ],
  },
  {
    alert: "BrokerAnswersUnreadable",
    when: "one answer could not be read, the first of the process",
    series: { 'algolab_unreadable_total{pod="a",endpoint="CashFlow",field="answer"}': "_x5 1x20" },
    at: "8m",
    fires: [
      {
        labels: { endpoint: "CashFlow", field: "answer" },
        summary: "answer of the broker's CashFlow could not be read 1 times",
      },
    ],
  },
  {
    alert: "BrokerAnswersUnreadable",
    when: "everything has been readable for a while",
    series: { 'algolab_unreadable_total{pod="a",endpoint="CashFlow",field="answer"}': "7x40" },
    at: "38m",
    ...quiet,
  },
  {
    alert: "OrderEndContradicted",
    when: "one list had more fills of an order that had ended, half an hour ago",
    series: { 'order_ends_contradicted_total{pod="a",field="filled"}': "_x5 1x40" },
    at: "36m",
    fires: [{ labels: { field: "filled" }, summary: "The broker lists an order that ended here otherwise: filled" }],
  },
  {
    alert: "OrderEndContradicted",
    when: "nothing has differed for more than an hour",
    series: { 'order_ends_contradicted_total{pod="a",field="status"}': "3x90" },
    at: "80m",
    ...quiet,
  },
  {
    alert: "OutboxStuck",
    when: "no replica tells events",
    series: {
      'trading_events_waiting_seconds{pod="a",service="broker-integration"}': "0+60x5",
      'trading_events_waiting_seconds{pod="b",service="broker-integration"}': "0+60x5",
    },
    at: "3m",
    fires: [{ labels: {}, summary: "What happened to orders is told 3m 0s late, or not at all" }],
  },
  {
    alert: "OutboxStuck",
    when: "one replica cannot look and another tells events",
    series: {
      'trading_events_waiting_seconds{pod="a",service="broker-integration"}': "0+60x5",
      'trading_events_waiting_seconds{pod="b",service="broker-integration"}': "0.4x5",
    },
    at: "3m",
    ...quiet,
  },
  {
    alert: "TradingCalendarEnding",
    when: "a pod of one service knows no holidays beyond 59 days",
    series: {
      'trading_calendar_end_timestamp_seconds{pod="a",service="market-data"}': "5097600x100",
      'trading_calendar_end_timestamp_seconds{pod="b",service="market-data"}': "36633600x100",
      'trading_calendar_end_timestamp_seconds{pod="c",service="broker-integration"}': "36633600x100",
    },
    at: "70m",
    fires: [
      {
        labels: { service: "market-data" },
        summary: "The last year of holidays that market-data knows ends in 58d 22h 50m 0s",
      },
    ],
  },
  {
    alert: "TradingCalendarEnding",
    when: "every pod knows the holidays of the next 61 days",
    series: {
      'trading_calendar_end_timestamp_seconds{pod="a",service="market-data"}': "5270400x100",
      'trading_calendar_end_timestamp_seconds{pod="c",service="broker-integration"}': "5270400x100",
    },
    at: "70m",
    ...quiet,
  },
  {
    alert: "DatabaseJobFailed",
    when: "the bootstrap has failed",
    series: {
      [`kube_job_failed{${job},condition="true"}`]: "1x5",
      [`kube_job_status_start_time{${job}}`]: "0x5",
    },
    at: "2m",
    fires: [
      {
        labels: { job_name: "database-bootstrap-1" },
        summary: "database-bootstrap-1 has failed: the database is not prepared, kept or backed up",
      },
    ],
  },
  {
    alert: "DatabaseJobFailed",
    when: "a job that failed the day before is still there",
    series: {
      [`kube_job_failed{${job},condition="true"}`]: "1x1510",
      [`kube_job_status_start_time{${job}}`]: "0x1510",
    },
    at: "1500m",
    ...quiet,
  },
  {
    alert: "BackupMissing",
    when: "the last dump is 27 hours old",
    series: { [lastDump]: "0x1630" },
    at: "1620m",
    fires: [{ labels: {}, summary: "The database was last dumped 1d 3h 0m 0s ago" }],
  },
  {
    alert: "BackupMissing",
    when: "the last dump is a day old",
    series: { [lastDump]: "0x1450" },
    at: "1440m",
    ...quiet,
  },
  {
    alert: "BackupSlow",
    when: "a dump has run for five hours",
    series: { [`kube_job_status_start_time{${dump}}`]: "0x310", [`kube_job_status_active{${dump}}`]: "1x310" },
    at: "300m",
    fires: [
      {
        labels: { job_name: "database-backup-29100030" },
        summary: "database-backup-29100030 has run for 5h 0m 0s; it is ended after six hours",
      },
    ],
  },
  {
    alert: "BackupSlow",
    when: "a dump was over in time, hours ago",
    series: { [`kube_job_status_start_time{${dump}}`]: "0x310", [`kube_job_status_active{${dump}}`]: "0x310" },
    at: "300m",
    ...quiet,
  },
  {
    alert: "CertificateNearExpiry",
    when: "a certificate ends in ten days",
    series: { [expiry]: "864000x100" },
    at: "70m",
    fires: [
      {
        labels: { namespace: "trading", name: "bist-trading-cert" },
        summary: "trading/bist-trading-cert ends in 9d 22h 50m 0s and was not renewed",
      },
    ],
  },
  {
    alert: "CertificateNearExpiry",
    when: "a certificate ends in twenty days",
    series: { [expiry]: "1728000x100" },
    at: "70m",
    ...quiet,
  },
  {
    alert: "TimeSeriesPrimaryMissing",
    when: "the primary is gone, its standby is not promoted, and a copy has a primary of its own",
    series: { ...standby, ...copy },
    at: "5m",
    fires: [{ labels: {}, summary: "No instance of the time series takes writes" }],
  },
  {
    alert: "TimeSeriesPrimaryMissing",
    when: "one takes writes",
    series: { ...primary, ...standby },
    at: "5m",
    ...quiet,
  },
  {
    alert: "TimeSeriesStandbyMissing",
    when: "nobody is connected to the primary",
    series: { ...primary, [instance("time-series-1", "pg_replication_streaming_replicas")]: "1 0x10" },
    at: "8m",
    fires: [{ labels: {}, summary: "0 of 1 standbys of the time series follow the primary" }],
  },
  {
    alert: "TimeSeriesStandbyMissing",
    when: "the standby follows, and has no follower itself",
    series: {
      ...primary,
      ...standby,
      [instance("time-series-1", "pg_replication_streaming_replicas")]: "1x10",
      [instance("time-series-2", "pg_replication_streaming_replicas")]: "0x10",
    },
    at: "8m",
    ...quiet,
  },
  {
    alert: "TimeSeriesReplicationLag",
    when: "the standby is 45 s behind",
    series: { [instance("time-series-2", "pg_replication_lag")]: "45x10" },
    at: "4m",
    fires: [
      {
        labels: { pod: "time-series-2" },
        summary: "time-series-2 is 45s behind the primary of the time series",
      },
    ],
  },
  {
    alert: "TimeSeriesReplicationLag",
    when: "the standby is 20 s behind",
    series: { [instance("time-series-2", "pg_replication_lag")]: "20x10" },
    at: "4m",
    ...quiet,
  },
  {
    alert: "TimeSeriesWalNotArchived",
    when: "segments wait and nothing was archived for ten minutes",
    series: { ...primary, [waiting]: "3x10", [sinceArchival]: "600x10" },
    at: "3m",
    fires: [
      {
        labels: { pod: "time-series-1" },
        summary: "3 segments of the time series' WAL wait, and none was archived for five minutes",
      },
    ],
  },
  {
    alert: "TimeSeriesWalNotArchived",
    when: "the first segment of a new server cannot be archived",
    series: { ...primary, [waiting]: "1x10", [sinceArchival]: "-1x10" },
    at: "3m",
    fires: [
      {
        labels: { pod: "time-series-1" },
        summary: "1 segments of the time series' WAL wait, and none was archived for five minutes",
      },
    ],
  },
  {
    alert: "TimeSeriesWalNotArchived",
    when: "one is archived after the other",
    series: { ...primary, [waiting]: "3x10", [sinceArchival]: "2x10" },
    at: "3m",
    ...quiet,
  },
  {
    alert: "TimeSeriesWalNotArchived",
    when: "nothing is written, nor waits, for a night",
    series: { ...primary, [waiting]: "0x10", [sinceArchival]: "30000x10" },
    at: "3m",
    ...quiet,
  },
  {
    alert: "TimeSeriesBackupMissing",
    when: "there was never a base backup",
    series: { [lastBackup]: "0x2400" },
    at: "2300m",
    fires: [
      {
        labels: {},
        summary: "The newest base backup of the time series is older than a day and a half, or is not known",
      },
    ],
  },
  {
    alert: "TimeSeriesBackupMissing",
    when: "nobody says when there was one",
    series: { ...primary },
    at: "90m",
    fires: [
      {
        labels: {},
        summary: "The newest base backup of the time series is older than a day and a half, or is not known",
      },
    ],
  },
  {
    alert: "TimeSeriesBackupMissing",
    when: "one was completed a day ago",
    series: { [lastBackup]: "54000x2400" },
    at: "2300m",
    ...quiet,
  },
  {
    alert: "TimeSeriesVolumeNearlyFull",
    when: "nine tenths of the WAL's volume are in use",
    series: {
      [volume("available", "time-series-1-wal")]: "10x10",
      [volume("capacity", "time-series-1-wal")]: "100x10",
      [volume("available", "time-series-1")]: "50x10",
      [volume("capacity", "time-series-1")]: "100x10",
    },
    at: "7m",
    fires: [{ labels: { persistentvolumeclaim: "time-series-1-wal" }, summary: "time-series-1-wal is 90% full" }],
  },
  {
    alert: "TimeSeriesVolumeNearlyFull",
    when: "a volume of somebody else is full",
    series: { [volume("available", "other-1")]: "0x10", [volume("capacity", "other-1")]: "100x10" },
    at: "7m",
    ...quiet,
  },
  {
    alert: "TimeSeriesConnectionsNearlyExhausted",
    when: "95 of 100 connections are in use, by two users",
    series: {
      [instance("time-series-1", "backends_total", ',usename="a",state="idle"')]: "60x10",
      [instance("time-series-1", "backends_total", ',usename="b",state="active"')]: "35x10",
      [instance("time-series-1", "pg_settings_setting", ',name="max_connections"')]: "100x10",
      [instance("time-series-1", "pg_settings_setting", ',name="work_mem"')]: "4096x10",
    },
    at: "5m",
    fires: [{ labels: { pod: "time-series-1" }, summary: "time-series-1 has 95% of its connections in use" }],
  },
  {
    alert: "TimeSeriesConnectionsNearlyExhausted",
    when: "half of them are in use",
    series: {
      [instance("time-series-1", "backends_total", ',usename="a",state="idle"')]: "50x10",
      [instance("time-series-1", "pg_settings_setting", ',name="max_connections"')]: "100x10",
    },
    at: "5m",
    ...quiet,
  },
  {
    alert: "TimeSeriesInstanceFenced",
    when: "a fence is forgotten",
    series: { [instance("time-series-2", "collector_fencing_on")]: "1x30" },
    at: "20m",
    fires: [
      { labels: { pod: "time-series-2" }, summary: "time-series-2 is fenced: its PostgreSQL is kept from running" },
    ],
  },
  {
    alert: "TimeSeriesInstanceFenced",
    when: "a fence is lifted in time",
    series: { [instance("time-series-2", "collector_fencing_on")]: "1x10 0x20" },
    at: "20m",
    ...quiet,
  },
  {
    alert: "TimeSeriesOperatorDown",
    when: "the plugin has no pod",
    series: { [operators("cloudnative-pg")]: "2x10", [operators("plugin-barman-cloud")]: "0x10" },
    at: "7m",
    fires: [
      {
        labels: { deployment: "plugin-barman-cloud" },
        summary: "plugin-barman-cloud has no pod that is ready: nobody would replace a primary or back it up",
      },
    ],
  },
  {
    alert: "TimeSeriesOperatorDown",
    when: "one of the operator's two pods is away",
    series: { [operators("cloudnative-pg")]: "1x10", [operators("plugin-barman-cloud")]: "1x10" },
    at: "7m",
    ...quiet,
  },
];
