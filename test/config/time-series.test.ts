import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { environment, environmentNames } from "../../config";
import { production } from "../../config/production";
import { projectRoot } from "../../lib/paths";
import { timescaledb } from "../support/time-series";
import { changed, problems } from "../support/mistakes";

/** Production with a TimescaleDB, and something changed. */
const chosen = (...changes: readonly (readonly [path: string, value: unknown])[]) =>
  changed(["timeSeries", structuredClone(timescaledb)], ...changes);

describe("where market data is kept", () => {
  test.each(environmentNames)("is RDS in %s", (name) => {
    expect(environment(name).timeSeries).toEqual({ in: "database" });
  });

  test("may be a TimescaleDB on the nodes that the guide bought for it", () => {
    expect(problems(chosen())).toEqual([]);
  });

  test.each([
    ["timeSeries.in", "influx", `production.timeSeries.in "influx" is not one of database, timescaledb`],
    [
      "timeSeries.cluster",
      "Time_Series",
      `production.timeSeries.cluster "Time_Series" is not the name of a cluster; use at most 50 lower-case letters, digits and hyphens`,
    ],
    ["timeSeries.instances", 1, "production.timeSeries.instances 1 is too small; use at least 2"],
    [
      "timeSeries.instances",
      3,
      "production.timeSeries.instances 3 is more than the 2 availability zones; one that shares a zone is lost with it",
      "production.timeSeries.instances 3 is more than the nodes of cluster.nodeGroups.database, whose minSize is 2; raise it",
    ],
    [
      "cluster.nodeGroups.database.minSize",
      1,
      "production.timeSeries.instances 2 is more than the nodes of cluster.nodeGroups.database, whose minSize is 1; raise it",
    ],
    [
      "timeSeries.requests.memory",
      "60Gi",
      'production.timeSeries.requests.memory "60Gi" does not fit a node of cluster.nodeGroups.database: r5.2xlarge leaves 58470Mi to an instance beside its archiver',
      `production.timeSeries.requests.memory "60Gi" is above its limit 32Gi; a pod cannot ask for more than it may use`,
    ],
    [
      "cluster.nodeGroups.database.instanceTypes",
      ["r5.2xlarge", "r5.large"],
      `production.timeSeries.requests.cpu "4000m" does not fit a node of cluster.nodeGroups.database: r5.large leaves 1550m to an instance beside its archiver`,
      `production.timeSeries.requests.memory "32Gi" does not fit a node of cluster.nodeGroups.database: r5.large leaves 14233Mi to an instance beside its archiver`,
    ],
    [
      "timeSeries.limits.memory",
      "12Gi",
      `production.timeSeries.requests.memory "32Gi" is above its limit 12Gi; a pod cannot ask for more than it may use`,
      "production.timeSeries.parameters.sharedBuffersMiB 8192 is above half of limits.memory 12Gi; use a quarter, sessions and the page cache need the rest",
    ],
    [
      "timeSeries.parameters.checkpointTimeoutMinutes",
      1441,
      "production.timeSeries.parameters.checkpointTimeoutMinutes 1441 is too big; use at most 1440",
    ],
    [
      "timeSeries.parameters.walBuffersMiB",
      2048,
      "production.timeSeries.parameters.walBuffersMiB 2048 is too big; use at most 2047",
    ],
    [
      "timeSeries.requests.memory",
      "4Gi",
      "production.timeSeries.parameters.sharedBuffersMiB 8192 is above requests.memory 4Gi; the operator takes no server that does not ask for its buffers",
    ],
    [
      "timeSeries.parameters.walKeepSizeMiB",
      40 * 1024,
      "production.timeSeries.parameters.walKeepSizeMiB 40960 is above half of walStorageGiB 50; a server whose log has no room stops",
    ],
    [
      "timeSeries.image",
      "timescale/timescaledb-ha:pg16.10-ts2.28.2",
      `production.timeSeries.image "timescale/timescaledb-ha:pg16.10-ts2.28.2" is not of majorVersion 17; PostgreSQL does not start on another one's files`,
    ],
    [
      "timeSeries.image",
      "timescale/timescaledb-ha:latest",
      `production.timeSeries.image "timescale/timescaledb-ha:latest" names the tag latest, which moves; use a tag that does not, or a digest`,
    ],
    [
      "timeSeries.baseBackupSchedule",
      "0 1 * * *",
      `production.timeSeries.baseBackupSchedule "0 1 * * *" is not a cron expression of six fields, seconds first`,
    ],
    [
      "timeSeries.baseBackupSchedule",
      "0 60 1 * jan-dev 7",
      `production.timeSeries.baseBackupSchedule "0 60 1 * jan-dev 7" has "60" for the minute; use numbers from 0 to 59, ranges of them, or *`,
      `production.timeSeries.baseBackupSchedule "0 60 1 * jan-dev 7" has "jan-dev" for the month; use numbers from 1 to 12, ranges of them, or *`,
      `production.timeSeries.baseBackupSchedule "0 60 1 * jan-dev 7" has "7" for the day of the week; use numbers from 0 to 6, ranges of them, or *`,
    ],
  ] as const)("reports %s as %j", (path, value, ...expected) => {
    expect(problems(chosen([path, value]))).toEqual(expected);
  });

  test.each(["0 0 1 * * *", "0 20 */6 ? * MON-FRI", "30 5 1,13 1-15/2 jan,jul 0", "0 0 * 31 2 mon", "0 0 1 29 2 *"])(
    "takes %s as a schedule of base backups",
    (schedule) => {
      expect(problems(chosen(["timeSeries.baseBackupSchedule", schedule]))).toEqual([]);
    },
  );

  test.each([
    "0 0 5-1 * * *",
    "0 0 1/0 * * *",
    "0 0 1-2-3 * * *",
    "0 0 1 0 * *",
    "0 0 1, * * *",
    "0 0  1 * *",
    "@daily",
  ])("refuses %s as a schedule of base backups", (schedule) => {
    expect(problems(chosen(["timeSeries.baseBackupSchedule", schedule]))).toHaveLength(1);
  });

  test.each([
    ...["* * * * * *", "0 * * * * *", "*/30 0 1 * * *", "0 0,30 1 * * *", "0 */20 1 * * *"].map((often) => [
      often,
      "comes more often than every hour; use one number for second and minute, for example 0 0 1 * * *",
    ]),
    ["0 0 1 31 feb,4 *", "never comes: no such month has a day 31"],
  ])("refuses %s as a schedule of base backups, and says what to write", (schedule, problem) => {
    const path = "timeSeries.baseBackupSchedule";
    expect(problems(chosen([path, schedule]))).toEqual([`production.${path} "${schedule}" ${problem}`]);
  });

  test("is what its page shows", () => {
    const page = readFileSync(join(projectRoot, "docs/time-series.md"), "utf8");
    const [, shown = ""] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
    const { timeSeries } = runInNewContext(`({${shown}})`, { production }) as { timeSeries: unknown };
    expect(JSON.stringify(timeSeries)).toBe(JSON.stringify(timescaledb));
  });

  test("does not guess about nodes that it does not know", () => {
    expect(problems(chosen(["cluster.nodeGroups.database.instanceTypes", ["z1d.large"]]))).toEqual([]);
  });
});
