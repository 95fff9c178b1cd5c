import { TIME_SERIES } from "../../../config/names";
import { FENCED, kinds } from "../../../ops/time-series/kinds";
import { MemoryObjects } from "../support/memory-objects";
import { askForBackup, bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

let world: TimeSeriesWorld;
let objects: MemoryObjects;

beforeEach(async () => {
  objects = new MemoryObjects(() => world.now());
  world = new TimeSeriesWorld(objects, { cluster: {} });
  await bringUp(objects, world.operator, holdings("2026-11-28T09:59:00.000Z"));
});

/** Those that came after the first one of the schedule. */
const FIRST = "time-series-20261128100000";
const backups = () => objects.names().filter((name) => name.startsWith("Backup ") && name !== `Backup ${FIRST}`);
/** What `backups` needs of the database on RDS. */
const rds = {
  dumps: { names: () => Promise.resolve([]) },
  instances: { snapshots: () => Promise.resolve([]), restorable: () => Promise.resolve(undefined) },
} as never;
const listed = async () => (await world.ops("backups", rds)).out.split("\n");

describe("backup --time-series", () => {
  test("has the operator take a base backup by its plugin, and waits until it is whole", async () => {
    const { code, out, err } = await world.ops("backup --time-series");
    expect([err, code]).toEqual([err, 0]);
    expect(out).toBe("time-series-manual-20261128100000 is there; `verify-backup --time-series` tries it.\n");
    expect(err).toMatch(/started on time-series-\d/);
    expect(err).toMatch(/with the log up to 000000010000000000000004/);
    expect((await objects.find(kinds.backup, "time-series-manual-20261128100000"))?.["spec"]).toEqual({
      cluster: { name: TIME_SERIES },
      target: "prefer-standby",
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
    });
  });

  test("waits for one that is under way, and takes no second", async () => {
    await askForBackup(objects, "of-the-schedule");
    const { code, out } = await world.ops("backup --time-series");
    expect([code, out]).toEqual([0, expect.stringContaining("of-the-schedule is there")]);
    expect(backups()).toEqual(["Backup of-the-schedule"]);
  });

  test("that fails says why in the operator's words, and leaves no record that nobody asked for", async () => {
    world.operator.faults.backup = "exit status 4: the bucket does not answer";
    const { code, err } = await world.ops("backup --time-series");
    expect([code, err]).toEqual([5, expect.stringContaining("failed: exit status 4: the bucket does not answer")]);
    expect(backups()).toEqual([]);
  });

  test("leaves the record of a failed one that somebody else began", async () => {
    world.operator.faults.backup = "no room";
    await askForBackup(objects, "of-the-schedule");
    expect(await world.ops("backup --time-series")).toMatchObject({ code: 5 });
    expect(backups()).toEqual(["Backup of-the-schedule"]);
  });

  test.each<[string, string | undefined]>([
    ["is whole", undefined],
    ["fails", "no room"],
  ])("killed after every change, one that %s is taken once", async (_, fault) => {
    if (fault !== undefined) world.operator.faults.backup = fault;
    const kills = await world.killedAllAlong("backup --time-series");
    expect(kills).toEqual(expect.arrayContaining(["timeSeries.beginBackup time-series-manual-20261128100000"]));
    expect(kills.length).toBeGreaterThan(6);
    expect((await world.journal())?.ended?.outcome).toBe(fault === undefined ? "done" : "undone");
    expect(backups()).toHaveLength(fault === undefined ? 1 : 0);
  });

  test.each(["time-series-1", '{"a":1}'])(
    "is refused where a hand wrote the fence %s, with what to write",
    async (fence) => {
      await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: fence } } });
      const { code, err } = await world.ops("backup --time-series");
      expect([code, err]).toEqual([
        3,
        expect.stringMatching(/cnpg.io\/fencedInstances of .* time-series is no list.*take it away/),
      ]);
    },
  );

  test("is refused where no instance is ready, and where there is no server", async () => {
    await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: '["*"]' } } });
    await world.operator.settle();
    expect(await world.ops("backup --time-series")).toMatchObject({
      code: 3,
      err: expect.stringContaining("No instance of time-series is ready") as string,
    });
    expect(await world.ops("backup --time-series", { timeSeries: undefined })).toMatchObject({
      code: 3,
      err: expect.stringContaining("The time series of staging have no server of their own") as string,
    });
    expect((await world.ops("backup --time-series --snapshot")).code).toBe(2);
    expect(await world.journal()).toBeUndefined();
  });
});

describe("backups", () => {
  test("lists base backups, the newest first, and from when on any moment can be restored", async () => {
    world.pass(1_000);
    await world.ops("backup --time-series");
    world.operator.faults.backup = "no room";
    world.pass(3_600_000);
    await askForBackup(objects, "of-the-schedule");
    await world.operator.settle();
    const lines = await listed();
    expect(lines.slice(lines.indexOf("Base backups of the time series:"))).toEqual([
      "Base backups of the time series:",
      "  of-the-schedule  failed: no room, of time-series",
      "  time-series-manual-20261128100001  complete at 2026-11-28T10:00:31Z, of time-series",
      `  ${FIRST}  complete at 2026-11-28T10:00:00Z, of time-series`,
      "Any moment of the time series:",
      "  time-series  from 2026-11-28T10:00:00Z on; newest base backup 2026-11-28T10:00:31Z; to half a minute ago: its log is archived",
      "",
    ]);
  });

  test("says since when log is not archived: no moment after that comes back", async () => {
    await world.ops("backup --time-series");
    world.operator.faults.archive = "AccessDenied";
    world.pass(3_600_000);
    await world.operator.settle();
    expect(await listed()).toContainEqual(
      expect.stringMatching(/to about 2026-11-28T11:00:30Z, since when its log is not archived/),
    );
  });

  test("has nothing of it where there is no such server", async () => {
    const { out } = await world.ops("backups", { ...(rds as object), timeSeries: undefined });
    expect(out).toBe("Dumps:\n  none\nSnapshots:\n  none\nAny moment:\n  none: the instance keeps no logs\n");
  });
});
