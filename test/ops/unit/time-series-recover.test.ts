import { TIME_SERIES } from "../../../config/names";
import type { DatabaseJobs } from "../../../ops/recovery/database-jobs";
import type { Platform } from "../../../ops/platform";
import { kinds } from "../../../ops/time-series/kinds";
import { MemoryObjects } from "../support/memory-objects";
import { bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const newest = "2026-11-28T09:59:00.000Z";
const copy = "time-series-restored-20261128100000";

let world: TimeSeriesWorld;
let objects: MemoryObjects;

beforeEach(async () => {
  objects = new MemoryObjects(() => world.now());
  world = new TimeSeriesWorld(objects, { cluster: { log: () => Promise.resolve("its last words") } });
  await bringUp(objects, world.operator, holdings(newest));
});

/** Both instances are gone with their volumes, as the operator says then: there is nothing to promote. */
async function lose(): Promise<void> {
  world.operator.faults.nobodyPromotes = true;
  for (const name of ["time-series-1", "time-series-2"]) await objects.delete(kinds.pod, name);
  await world.operator.settle();
}

const live = () => world.platform.timeSeries?.live();

describe("recover time-series", () => {
  test("is refused while the server takes writes, and changes nothing", async () => {
    const before = objects.names();
    const { code, err } = await world.ops("recover time-series");
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/time-series takes writes, and has all that a restore would bring back. --accept-loss/),
    ]);
    expect([objects.names(), await world.journal()]).toEqual([before, undefined]);
  });

  test("puts a copy of the newest moment in the place of a server that is lost", async () => {
    await lose();
    const { code, out, err } = await world.ops("recover time-series");
    expect([err, code]).toEqual([err, 0]);
    expect(out).toContain(`time-series leads to ${copy}.`);
    expect(out).toContain(`Set timeSeries.cluster to "${copy}"`);
    expect([await live(), world.operator.holds[copy]?.newestTick]).toEqual([copy, newest]);
    await world.operator.bringUp(copy);
    expect(await world.platform.timeSeries?.instances(copy)).toHaveLength(2);
  });

  test("gives up what is newer only where that is accepted: a server that came back meanwhile stays", async () => {
    await lose();
    const run = world.jobs.run.bind(world.jobs);
    world.jobs.run = async (context, job) => {
      if (job.command === "bootstrap-database") {
        world.operator.faults.nobodyPromotes = false;
        world.operator.holds[TIME_SERIES] = holdings("2026-11-28T10:20:00.000Z", 2_000);
        await world.operator.bringUp(TIME_SERIES);
      }
      return run(context, job);
    };
    const { code, err } = await world.ops("recover time-series");
    expect([code, err]).toEqual([5, expect.stringContaining("time-series holds newer data")]);
    expect([await live(), await objects.find(kinds.cluster, copy)]).toEqual([TIME_SERIES, undefined]);
    expect(await world.ops("recover time-series --accept-loss")).toMatchObject({ code: 0 });
    expect(await live()).toMatch(/^time-series-restored-/);
  });

  test("that cannot be restored ends with the recovery's last words, and leaves everything as it was", async () => {
    await lose();
    const before = objects.names();
    world.operator.faults.recovery = "x";
    const { code, err } = await world.ops("recover time-series");
    expect([code, err]).toEqual([5, expect.stringContaining("its last words")]);
    expect([objects.names(), await live()]).toEqual([before, TIME_SERIES]);
  });

  test.each<[string, boolean]>([
    ["works", false],
    ["fails", true],
  ])("killed after every change, one that %s comes to a good end", async (_, failing) => {
    await lose();
    const before = objects.names();
    if (failing) world.operator.faults.recovery = "x";
    const kills = await world.killedAllAlong("recover time-series");
    expect(kills.length).toBeGreaterThan(failing ? 8 : 20);
    expect((await world.journal())?.ended?.outcome).toBe(failing ? "undone" : "done");
    if (failing) expect([objects.names(), await live()]).toEqual([before, TIME_SERIES]);
    else expect(await live()).toMatch(/^time-series-restored-/);
  });
});

describe("recover full", () => {
  const contents = { migrations: [], tables: {}, newestWrite: "2026-11-23T10:00:00.000000Z" };

  /** What its plan looks at beside the time series. */
  const rest = (): Partial<Platform> =>
    ({
      databaseJobs: {
        requireTools: () => Promise.resolve(),
        run: (_: unknown, { command }: Parameters<DatabaseJobs["run"]>[1]) =>
          command === "restore-database"
            ? Promise.resolve({ databases: [], contents })
            : Promise.reject(new Error(`${command} is not for a plan`)),
      },
      dumps: {
        names: () => Promise.resolve(["a_dump"]),
        require: () => Promise.resolve({ takenAt: "2026-11-23T10:00:00Z", bytes: 1, contents }),
      },
      cluster: {
        workload: () => Promise.resolve({ image: "first", wanted: 1, ready: 1, settled: true }),
        autoscaler: () => Promise.resolve(undefined),
      },
      loadBalancer: { weights: () => Promise.resolve([{ blue: 100, green: 0 }]) },
      registry: { require: () => Promise.resolve([]) },
    }) as unknown as Partial<Platform>;

  /** What it would do, a step a line, without what is in it. */
  const steps = async (more: Partial<Platform> = {}) => {
    const { code, out, err } = await world.ops("recover full --accept-loss --dry-run", { ...rest(), ...more });
    expect([err, code]).toEqual([err, 0]);
    return out.split("\n").flatMap((line) => /^ +\d+\. (\w+ \w+)/.exec(line)?.[1] ?? []);
  };
  const database = ["restore a_dump", "give bist_trading_restored_20261128100000", "see that"];
  const application = ["prepare the", "write into", "give blue", "see that", "give blue", "let traders", "take the"];

  test("restores a server of the time series that is lost first, since that takes longest and can be taken back", async () => {
    await lose();
    expect(await steps()).toEqual([
      ...["have time", "wait until", "see whether"],
      ...database,
      ...["bring passwords", "stop PostgreSQL", "have clients", "see that", "have base", "give time"],
      ...application,
    ]);
  });

  test("leaves one that answers as it is, and knows none where there is none", async () => {
    expect(await steps()).toEqual([...database, ...application]);
    expect(await steps({ timeSeries: undefined })).toEqual([...database, ...application]);
  });
});
