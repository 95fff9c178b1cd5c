import { TIME_SERIES } from "../../../config/names";
import { DrillLog } from "../../../ops/drill/log";
import { partSteps } from "../../../ops/drill/part";
import type { Part } from "../../../ops/drill/part";
import { rowOf } from "../../../ops/drill/report";
import {
  planSeriesFailOver,
  planSeriesRestore,
  seriesFailOverPart,
  seriesRestorePart,
} from "../../../ops/drill/time-series";
import type { Cluster } from "../../../ops/kubernetes/cluster";
import { kinds } from "../../../ops/time-series/kinds";
import { MemoryObjects } from "../support/memory-objects";
import { memoryRecords } from "../support/memory-records";
import { bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const newest = "2026-11-28T09:59:00.000Z";
const id = "20261128100000";

let world: TimeSeriesWorld;
let objects: MemoryObjects;
let log: DrillLog;
let killed: string[];
let started: string[];
let said: string;

beforeEach(async () => {
  [killed, started, said] = [[], [], "writing"];
  objects = new MemoryObjects(() => world.now());
  const cluster: Partial<Cluster> = {
    startJob: (name, like) => {
      if (!started.includes(`${name} ${like}`)) started.push(`${name} ${like}`);
      return Promise.resolve();
    },
    job: () => Promise.resolve({ is: "running" }),
    log: () => Promise.resolve(said),
    kill: (pod) => {
      killed.push(pod);
      return objects.delete(kinds.pod, pod);
    },
  };
  world = new TimeSeriesWorld(objects, { cluster });
  await bringUp(objects, world.operator, holdings(newest));
  log = new DrillLog(memoryRecords(), "of-the-test");
});

const run = async (part: Part) => {
  for (const step of partSteps(part, log, world.context())) await step.run();
};
const row = async (part: "time series fail-over" | "time series restore") => rowOf(part, await log.of(part));

describe("the fail-over of the time series, in a drill", () => {
  const failOver = async () => {
    const plan = await planSeriesFailOver(world.context(), id);
    if (typeof plan === "string") throw new Error(plan);
    return seriesFailOverPart(plan, world.context(), log);
  };

  test("is skipped where there is nothing to take over, with the reason", async () => {
    expect(await planSeriesFailOver(world.context({ timeSeries: undefined }), id)).toBe(
      "the time series are in the database on RDS",
    );
    await objects.delete(kinds.pod, "time-series-2");
    expect(await planSeriesFailOver(world.context(), id)).toMatch(/^1 of 2 instances of time-series are ready/);
    const change = { spec: { instances: 1, postgresql: { synchronous: null } } };
    await objects.merge(kinds.cluster, TIME_SERIES, change);
    expect(await planSeriesFailOver(world.context(), id)).toBe("time-series has no standby");
  });

  test("ends the primary while writes go on, and is measured by how long there were none", async () => {
    await run(await failOver());
    expect([killed, started]).toEqual([["time-series-1"], [`time-series-probe-${id} time-series-maintenance`]]);
    expect(await row("time series fail-over")).toMatchObject({
      verdict: "met",
      component: "Database",
      rtoMs: 4_200,
      rpoMs: 0,
      remark: "no writes for 4200 ms",
    });
    const instances = await world.platform.timeSeries?.instances(TIME_SERIES);
    expect(instances?.map(({ name, primary, ready }) => [name, primary, ready]).sort()).toEqual([
      ["time-series-1", false, true],
      ["time-series-2", true, true],
    ]);
  });

  test("ends nobody before somebody writes", async () => {
    said = "";
    const sleep = world.clock.sleep.bind(world.clock);
    let waits = 0;
    Object.assign(world.clock, {
      sleep: (milliseconds: number) => {
        waits += 1;
        if (waits === 3) {
          expect(killed).toEqual([]);
          said = "writing";
        }
        return sleep(milliseconds);
      },
    });
    await run(await failOver());
    expect([waits >= 3, killed]).toEqual([true, ["time-series-1"]]);
  });

  test("that loses rows has failed", async () => {
    const { kill = () => Promise.resolve() } = world.platform.cluster as Partial<Cluster>;
    Object.assign(world.platform.cluster, {
      kill: (pod: string) => {
        world.operator.holds[TIME_SERIES] = holdings("2026-11-28T09:58:00.000Z", 990);
        return kill(pod);
      },
    });
    await run(await failOver());
    expect(await row("time series fail-over")).toMatchObject({
      verdict: "missed",
      remark: expect.stringMatching(/the standby had not everything: its newest tick is of .*09:59/) as string,
    });
  });

  test("that is cut short and goes on ends nobody a second time", async () => {
    world.jobs.failing["probe-writes"] = "cut short";
    const [lose] = (await failOver()).steps;
    await expect(lose?.run()).rejects.toThrow("cut short");
    await world.operator.settle();
    delete world.jobs.failing["probe-writes"];
    await lose?.run();
    expect(killed).toEqual(["time-series-1"]);
    expect(await log.of("time series fail-over")).toMatchObject({ lost: "time-series-1", lostMs: 0 });
  });
});

describe("the restore of the time series, in a drill", () => {
  const restore = async () => {
    const plan = await planSeriesRestore(world.context(), id);
    if (typeof plan === "string") throw new Error(plan);
    return seriesRestorePart(plan, world.context(), log);
  };

  test("is skipped where there is nothing to restore, with the reason", async () => {
    expect(await planSeriesRestore(world.context({ timeSeries: undefined }), id)).toBe(
      "the time series are in the database on RDS",
    );
    await objects.report(kinds.store, TIME_SERIES, { serverRecoveryWindow: { [TIME_SERIES]: null } });
    expect(await planSeriesRestore(world.context(), id)).toMatch(/^The bucket has no base backup of time-series/);
  });

  test("is timed from when the copy is asked for until it takes writes, and leaves nothing behind", async () => {
    const before = objects.names();
    await run(await restore());
    const { verdict, rtoMs = 0, rpoMs } = await row("time series restore");
    expect([verdict, rpoMs]).toEqual(["met", 60_000]);
    // Two looks of a quarter of a minute, without the minute before.
    expect([rtoMs > 0, rtoMs < 60_000]).toEqual([true, true]);
    expect(objects.names()).toEqual(before);
  });

  test("that fails is taken back, and says why", async () => {
    const before = objects.names();
    world.operator.faults.recovery = "x";
    said = "its last words";
    await run(await restore());
    expect(await row("time series restore")).toMatchObject({
      verdict: "missed",
      remark: expect.stringContaining("its last words") as string,
    });
    expect(objects.names()).toEqual(before);
  });
});

test("a drill has both in their order, and neither where there is no such server", async () => {
  const rest = {
    release: { read: () => Promise.resolve({ live: "blue", images: { blue: "", green: "" } }) },
    instances: { find: () => Promise.resolve(undefined) },
  } as never;
  const order = async (more: object = {}) => {
    const { code, out, err } = await world.ops("drill --dry-run", { ...(rest as object), ...more });
    expect([err, code]).toEqual([err, 0]);
    return out;
  };
  expect(await order()).toMatch(
    /every pod of market data[\s\S]*end the primary's pod of time-series[\s\S]*dump the database[\s\S]*drop bist_trading_drill[\s\S]*have time-series-verify-\d+ made/,
  );
  expect(await order({ timeSeries: undefined })).not.toContain("time-series");
});
