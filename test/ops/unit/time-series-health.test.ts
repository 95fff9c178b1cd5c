import { TIME_SERIES } from "../../../config/names";
import type { Context } from "../../../ops/core/context";
import { timeSeriesHealth } from "../../../ops/health/time-series";
import { FENCED, kinds } from "../../../ops/time-series/kinds";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import { TestClock } from "../support/clock";
import { MemoryObjects } from "../support/memory-objects";
import { SimulatedOperator } from "../support/simulated-operator";
import { askForBackup, bringUp, holdings } from "../support/time-series";

const HOUR_MS = 3_600_000;
const began = Date.parse("2026-11-28T10:00:00Z");

let clock: TestClock;
let objects: MemoryObjects;
let operator: SimulatedOperator;

beforeEach(async () => {
  clock = new TestClock(began);
  objects = new MemoryObjects(() => clock.now());
  operator = new SimulatedOperator(objects, () => clock.now());
  await bringUp(objects, operator, holdings("2026-11-28T09:59:00.000Z"));
});

async function backUp(name: string): Promise<void> {
  await askForBackup(objects, name);
  await operator.settle();
}

const health = (declared = TIME_SERIES) =>
  timeSeriesHealth({
    clock,
    platform: { timeSeries: new TimeSeriesServer(objects, { namespace: "trading", declared }) },
  } as unknown as Context);

/** What is wrong, a line each. */
const problems = async (declared?: string) =>
  (await health(declared)).filter(({ healthy }) => !healthy).map(({ detail }) => detail);

test("nothing is looked at where the time series are in the database on RDS", async () => {
  expect(await timeSeriesHealth({ clock, platform: {} } as unknown as Context)).toEqual([]);
});

test("a server in order says who takes writes, since when its WAL is archived, and what can be restored", async () => {
  clock.pass(5 * HOUR_MS);
  expect(await health()).toEqual([
    {
      healthy: true,
      detail: "time-series: Cluster in healthy state, 2 of 2 instances ready, time-series-1 takes writes",
    },
    { healthy: true, detail: "its WAL is archived, since 2026-11-28T10:00:00Z" },
    {
      healthy: true,
      detail: "the newest base backup is 5 h old; any moment from 2026-11-28T10:00:00Z on can be restored",
    },
  ]);
});

test("a standby that is gone degrades it, and the operator's next steps say where it is", async () => {
  await objects.delete(kinds.pod, "time-series-2");
  expect(await problems()).toEqual([
    "degraded: time-series: Cluster in healthy state, 1 of 2 instances ready, time-series-1 takes writes; docs/runbooks/time-series-standby-missing.md",
  ]);
  await operator.settle();
  expect(await problems()).toEqual([]);
});

test("without a primary it has failed, until a standby takes over", async () => {
  operator.faults.nobodyPromotes = true;
  await objects.delete(kinds.pod, "time-series-1");
  await operator.pass();
  expect(await problems()).toEqual([
    "failed: time-series: Failing over, 1 of 2 instances ready; none takes writes: docs/runbooks/time-series-primary-missing.md",
  ]);
  operator.faults.nobodyPromotes = false;
  await operator.settle();
  const [writes] = await health();
  expect(writes).toMatchObject({
    healthy: true,
    detail: expect.stringContaining("time-series-2 takes writes") as string,
  });
});

test("a fence is told, and has failed it where the primary is behind it", async () => {
  await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: '["time-series-2"]' } } });
  await operator.settle();
  expect((await problems())[0]).toMatch(/^degraded: .*1 of 2 instances ready; somebody keeps PostgreSQL from running/);
  await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: '["*"]' } } });
  await operator.settle();
  expect((await problems())[0]).toMatch(/^failed: .*0 of 2 instances ready; somebody/);
  await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: "[]" } } });
  await operator.settle();
  expect(await problems()).toEqual([]);
});

test("WAL that is not archived has failed it, with the operator's words", async () => {
  operator.faults.archive = "AccessDenied";
  clock.pass(HOUR_MS);
  await operator.settle();
  expect(await problems()).toEqual([
    "failed: its WAL is not archived since 2026-11-28T11:00:00Z (AccessDenied): what came since is in no backup; docs/runbooks/time-series-wal-not-archived.md",
  ]);
});

test("a base backup of a day and a half ago has failed it, and one that failed since the newest degrades it", async () => {
  clock.pass(35 * HOUR_MS);
  operator.faults.backup = "no room";
  await backUp("second");
  expect(await problems()).toEqual([
    expect.stringMatching(/^degraded: the newest base backup is 35 h old, and one failed at 2026-11-29T21:00:00Z/),
  ]);
  clock.pass(HOUR_MS);
  expect(await problems()).toEqual([
    expect.stringMatching(/^failed: the newest base backup is 36 h old.*`backup --time-series`/),
  ]);
});

test("a switch that the environment's file does not know of degrades it", async () => {
  expect(await problems("time-series-restored-20261101000000")).toEqual([
    'degraded: clients reach time-series, and timeSeries.cluster is time-series-restored-20261101000000: set it to "time-series", and deploy "trading"',
  ]);
});

test("a live cluster whose base backups nobody schedules is degraded", async () => {
  await objects.merge(kinds.schedule, TIME_SERIES, { spec: { suspend: true } });
  expect(await problems()).toEqual(['degraded: no base backup of time-series is scheduled: deploy "trading"']);
});

test("a Cluster that is gone is told with the page that brings it back", async () => {
  await objects.delete(kinds.cluster, TIME_SERIES);
  expect(await problems()).toEqual([
    expect.stringMatching(/^failed: the Cluster time-series is gone: docs\/runbooks\/recover\.md/),
  ]);
});

test("an object that the tool does not know is named, with what it did not expect", async () => {
  const find = objects.find.bind(objects);
  objects.find = async (kind, name) => {
    const found = await find(kind, name);
    return kind === kinds.cluster && found ? { ...found, status: { conditions: "none" } } : found;
  };
  await expect(health()).rejects.toThrow(
    /The Cluster time-series is not one that this version of the tool knows: status.conditions/,
  );
});
