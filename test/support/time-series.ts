import { environment } from "../../config";
import type { Environment, EnvironmentName } from "../../config";
import { production } from "../../config/production";
import type { TimescaledbSettings } from "../../config/schema/time-series";

/** A TimescaleDB of the guide's size for production's nodes, as docs/time-series.md shows it. */
export const timescaledb: TimescaledbSettings = {
  in: "timescaledb",
  cluster: "time-series",
  majorVersion: "17",
  image: "timescale/timescaledb-ha:pg17.10-ts2.28.2",
  instances: 2,
  storageGiB: 500,
  walStorageGiB: 50,
  requests: { cpu: "4000m", memory: "32Gi" },
  limits: { cpu: "6000m", memory: "32Gi" },
  backupRetentionDays: 7,
  baseBackupSchedule: "0 0 1 * * *",
  parameters: { ...production.database.parameters, maxConnections: 450, maxWalSenders: 10 },
};

/** An environment whose market data is in a TimescaleDB. */
export function withTimescaledb(name: EnvironmentName = "production"): Environment {
  return { ...environment(name), timeSeries: timescaledb };
}
