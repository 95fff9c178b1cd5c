import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import type { TimeSeriesServer } from "./server";

/** @throws OperationError with `refused` where the time series are in the database on RDS */
export function requireServer({ environment, platform }: Context): TimeSeriesServer {
  if (platform.timeSeries !== undefined) return platform.timeSeries;
  throw refused(
    `The time series of ${environment.name} have no server of their own: they are in the database on RDS, whose ` +
      "backups hold them; see docs/time-series.md",
  );
}
