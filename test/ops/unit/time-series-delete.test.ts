import { TIME_SERIES } from "../../../config/names";
import { kinds } from "../../../ops/time-series/kinds";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import { archivedWorld } from "../support/archived-world";
import type { MemoryObjects } from "../support/memory-objects";
import type { TimeSeriesWorld } from "../support/time-series-world";

let world: TimeSeriesWorld;
let objects: MemoryObjects;
let log: string;

beforeEach(async () => {
  log = "";
  ({ world, objects } = await archivedWorld(() => log));
});

describe("restore delete-time-series", () => {
  const copy = "time-series-copy";
  const line = `restore delete-time-series ${TIME_SERIES}`;
  beforeEach(async () => {
    await world.ops(`restore time-series --into ${copy}`);
    await world.ops(`restore switch-time-series ${copy}`);
  });
  const named = { timeSeries: () => new TimeSeriesServer(objects, { namespace: "trading", declared: copy }) };

  test("is refused for what is live, for what the environment's file names, and for nothing", async () => {
    expect((await world.ops(`restore delete-time-series ${copy}`)).err).toMatch(/time-series-copy is live: switch/);
    expect((await world.ops(line)).err).toMatch(
      /is the live one by the environment's file: set timeSeries.cluster to "time-series-copy"/,
    );
    expect((await world.ops("restore delete-time-series time-series-none")).err).toMatch(
      /There is nothing of a Cluster/,
    );
    for (const name of ["Time,Series", "", "time-series/copy"]) {
      const { code, err } = await world.ops(`restore delete-time-series ${name}`);
      expect([code, err]).toEqual([3, expect.stringContaining(`"${name}" is no Cluster's name`)]);
      expect((await world.ops(`restore switch-time-series ${name}`)).err).toContain(`"${name}" is no Cluster's name`);
    }
    expect(objects.names()).toContain("Cluster time-series");
  });

  test("leaves volumes alone that a claim of another kind had", async () => {
    const claimRef = { name: "data-redis-0", namespace: "trading" };
    await objects.create({ ...kinds.volume, metadata: { name: "pv-redis" }, spec: { claimRef } });
    expect((await world.ops("restore delete-time-series data-redis")).err).toMatch(/which may be another's/);
    expect((await objects.find(kinds.volume, "pv-redis"))?.["spec"]).toEqual({ claimRef });
  });

  test("says where its backups stay, which nobody removes", async () => {
    world.platform = { ...world.platform, timeSeries: named.timeSeries() };
    const { out } = await world.ops(line);
    expect(out).toMatch(
      /^time-series is gone, with its volumes\.\nIts backups and its log stay .*time-series\/time-series\/,/,
    );
    // Which has archived nothing.
    await world.operator.settle();
    await world.killed("verify-backup --time-series", "timeSeries.copy");
    await world.ops("operation abandon");
    const [scratch = ""] = (await world.platform.timeSeries?.namesOf("time-series-verify-")) ?? [];
    expect((await world.ops(`restore delete-time-series ${scratch}`)).out).toBe(
      `${scratch} is gone, with its volumes.\n`,
    );
  });

  test.each([[false], [true]])(
    "takes the Cluster, its schedule and its volumes; killed all along: %s",
    async (killed) => {
      world.platform = { ...world.platform, timeSeries: named.timeSeries() };
      if (killed) expect((await world.killedAllAlong(line)).length).toBeGreaterThan(5);
      else expect(await world.ops(line)).toMatchObject({ code: 0 });
      const left = objects.names().filter((name) => / (pv-)?time-series(-\d.*)?$/.test(name));
      expect(left).toEqual(["Backup time-series-20261128100000", "ObjectStore time-series", "Service time-series"]);
      expect(objects.names()).toContain("ScheduledBackup time-series-copy");
    },
  );
});
