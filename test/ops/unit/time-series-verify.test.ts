import { TIME_SERIES } from "../../../config/names";
import { differences, newerIn } from "../../../ops/time-series/compare";
import { FENCED, kinds } from "../../../ops/time-series/kinds";
import { MemoryObjects } from "../support/memory-objects";
import { bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const newest = "2026-11-28T09:59:00.000Z";

let world: TimeSeriesWorld;
let objects: MemoryObjects;

beforeEach(async () => {
  objects = new MemoryObjects(() => world.now());
  world = new TimeSeriesWorld(objects, { cluster: { log: () => Promise.resolve("its last words") } });
  await bringUp(objects, world.operator, holdings(newest));
});

const line = "verify-backup --time-series";
const scratch = "time-series-verify-20261128100000";

describe("verify-backup --time-series", () => {
  test("restores the newest moment, compares it with the live server, and leaves nothing behind", async () => {
    const before = objects.names();
    const seen: unknown[] = [];
    const create = objects.create.bind(objects);
    objects.create = (object) => {
      if (object.kind === "Cluster") seen.push(object);
      return create(object);
    };
    const { code, out, err } = await world.ops(line);
    expect([err, code]).toEqual([err, 0]);
    expect(out).toBe(
      "time-series can be restored: its base backup of 2026-11-28T10:00:00Z, with the log since, holds everything as of 2026-11-28T10:00:00.000Z.\n",
    );
    expect(err).toContain(`1000 ticks of the week, 24 chunks can be read, newest tick ${newest}`);
    expect(objects.names()).toEqual(before);
    // A copy that archived would need an archive of its own, and one under the live name would be the end of that.
    expect(seen).toMatchObject([{ metadata: { name: scratch }, spec: { instances: 1 } }]);
    expect(seen[0]).not.toHaveProperty("spec.plugins");
    expect(seen[0]).not.toHaveProperty("metadata.labels");
  });

  test("takes what was written while it restored for no fault", async () => {
    const run = world.jobs.run.bind(world.jobs);
    let looks = 0;
    world.jobs.run = (context, job) => {
      looks += 1;
      if (looks === 3) world.operator.holds[TIME_SERIES] = holdings("2026-11-28T10:20:00.000Z", 2_000);
      return run(context, job);
    };
    expect(await world.ops(line)).toMatchObject({ code: 0 });
    expect(looks).toBe(3);
  });

  test("finds out when the archive lags behind what it looked at", async () => {
    const before = objects.names();
    world.operator.faults.archive = "AccessDenied";
    world.operator.holds[TIME_SERIES] = holdings("2026-11-28T10:20:00.000Z", 2_000);
    const { code, err } = await world.ops(line);
    expect([code, err]).toEqual([
      5,
      expect.stringMatching(/the original was newer when it was made: its newest tick is of 2026-11-28T10:20/),
    ]);
    expect(err).toContain("it has 1000 ticks of the week; the original had 2000 before it was made");
    expect(objects.names()).toEqual(before);
  });

  test("that cannot be restored shows why, and leaves nothing behind", async () => {
    const before = objects.names();
    world.operator.faults.recovery = "x";
    const { code, err } = await world.ops(line);
    expect([code, err]).toEqual([5, expect.stringContaining("its last words")]);
    expect(objects.names()).toEqual(before);
  });

  test.each<[string, boolean]>([
    ["works", false],
    ["fails", true],
  ])("killed after every change, one that %s leaves nothing behind", async (_, failing) => {
    const before = objects.names();
    if (failing) world.operator.faults.recovery = "x";
    const kills = await world.killedAllAlong(line);
    expect(kills.filter((point) => point.startsWith("timeSeries.delete time-series-verify-"))).not.toEqual([]);
    expect((await world.journal())?.ended?.outcome).toBe(failing ? "undone" : "done");
    expect(objects.names()).toEqual(before);
  });

  test("a second one removes what the first left that was given up, and volumes that have lost their Cluster", async () => {
    const before = objects.names();
    await world.killed(line, "timeSeries.copy");
    await world.operator.bringUp(scratch);
    expect(await world.ops("operation abandon")).toMatchObject({ code: 0 });
    await objects.delete(kinds.cluster, scratch);
    await world.operator.settle();
    expect(objects.names()).toContain(`PersistentVolume pv-${scratch}-1-wal`);
    world.pass(1_000);
    const { code, err } = await world.ops(line);
    expect([err, code]).toEqual([err, 0]);
    expect(err).toContain(`delete copies of earlier verifications: ${scratch}`);
    expect(objects.names()).toEqual(before);
  });

  test("leaves a Cluster alone that archives, whatever it is called", async () => {
    const found = await objects.find(kinds.cluster, TIME_SERIES);
    const mine = "time-series-verify-mine";
    await objects.create({ ...kinds.cluster, metadata: { name: mine }, spec: found?.["spec"] });
    await world.operator.bringUp(mine);
    expect(await world.ops(line)).toMatchObject({ code: 0 });
    expect(objects.names()).toContain(`Cluster ${mine}`);
  });

  test("is refused without a base backup, without a live server to compare with, and for a dump", async () => {
    expect((await world.ops("verify-backup a_dump --time-series")).err).toMatch(/a_dump is a dump/);
    await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: '["*"]' } } });
    await world.operator.settle();
    expect((await world.ops(line)).err).toMatch(/time-series takes no writes, so that no copy can be compared with it/);
    await objects.report(kinds.store, TIME_SERIES, { serverRecoveryWindow: { [TIME_SERIES]: null } });
    expect((await world.ops(line)).err).toMatch(/The bucket has no base backup of time-series/);
    expect(await world.journal()).toBeUndefined();
  });
});

describe("a copy between two looks at its original", () => {
  const [before, after] = [holdings(newest), holdings("2026-11-28T10:20:00.000Z", 2_000)];

  test("may hold what came in between, and no less or more", () => {
    for (const copy of [before, holdings("2026-11-28T10:10:00.000Z", 1_500), after]) {
      expect(differences(before, copy, after)).toEqual([]);
    }
    expect(differences(before, holdings("2026-11-28T09:58:00.000Z", 999), after)).toEqual([
      `the original was newer when it was made: its newest tick is of ${newest}, against 2026-11-28T09:58:00.000Z`,
      "the original was newer when it was made: its newest candle is of 2026-11-28T09:59:00.000Z, against 2026-11-28T09:58:00.000Z",
      "it has 999 ticks of the week; the original had 1000 before it was made",
      "it has 99 candles of 1m of the week; the original had 100 before it was made",
    ]);
    expect(differences(before, holdings("2026-11-28T10:30:00.000Z", 2_001), after)).toEqual([
      "it has 2001 ticks of the week; the original has 2000",
    ]);
  });

  test("is whole, of the same migrations and the same TimescaleDB, and as old", () => {
    const timescaledb = { version: "2.28.2", chunks: 24, oldestChunk: "2026-11-27T00:00:00.000Z" };
    const wrong = (more: object) => differences(before, { ...before, ...more }, after);
    expect(wrong({ problems: ["a chunk cannot be read"] })).toEqual(["a chunk cannot be read"]);
    expect(wrong({ migrations: ["001_users", "002_other"] })).toEqual(["its migrations are others"]);
    expect(wrong({ timescaledb: { ...timescaledb, version: "2.27.0" } })).toEqual([
      "it has TimescaleDB 2.27.0; expected 2.28.2",
    ]);
    expect(wrong({ timescaledb: undefined })).toHaveLength(2);
    expect(wrong({ timescaledb: { ...timescaledb, oldestChunk: "2026-11-27T23:00:00.000Z" } })).toEqual([]);
    expect(wrong({ timescaledb: { ...timescaledb, oldestChunk: "2026-11-28T01:00:00.000Z" } })).toEqual([
      "its oldest chunk begins at 2026-11-28T01:00:00.000Z; the original's at 2026-11-27T00:00:00.000Z",
    ]);
  });

  test("is newer by ticks or by candles", () => {
    expect(newerIn(after, before)).toHaveLength(2);
    expect(newerIn(before, after)).toEqual([]);
    expect(newerIn(before, { ...before, newestTick: undefined })).toEqual([
      `its newest tick is of ${newest}, against none`,
    ]);
  });
});
