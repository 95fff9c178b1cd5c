import { TIME_SERIES } from "../../../config/names";
import { kinds, labels } from "../../../ops/time-series/kinds";
import { archivedWorld, old, recent } from "../support/archived-world";
import type { MemoryObjects } from "../support/memory-objects";
import { askForBackup, holdings } from "../support/time-series";
import type { TimeSeriesWorld } from "../support/time-series-world";

let world: TimeSeriesWorld;
let objects: MemoryObjects;
let log: string;

beforeEach(async () => {
  log = "";
  ({ world, objects } = await archivedWorld(() => log));
});

const spec = async (name: string) => (await objects.find(kinds.cluster, name))?.["spec"] as Record<string, unknown>;
const ofAnother = { [labels.cluster]: "another", [labels.jobRole]: "full-recovery" };
const copies = () => objects.names().filter((name) => /time-series-(restored|copy)/.test(name));

describe("restore time-series", () => {
  const copy = "time-series-restored-20261128120000";

  test("makes a copy of the newest moment, of one instance, that archives under its own name", async () => {
    const { code, out, err } = await world.ops("restore time-series");
    expect([err, code]).toEqual([err, 0]);
    expect(out).toBe(`${copy} is up and was looked at.\nTo make it live: restore switch-time-series ${copy}\n`);
    expect(err).toContain(`newest tick ${recent}: as new as time-series`);
    expect(world.operator.holds[copy]?.newestTick).toBe(recent);
    const live = await spec(TIME_SERIES);
    expect(await spec(copy)).toMatchObject({
      instances: 1,
      bootstrap: { recovery: { database: "bist_trading", owner: "bist_admin", secret: { name: "time-series-owner" } } },
      externalClusters: [{ plugin: { parameters: { barmanObjectName: "time-series", serverName: TIME_SERIES } } }],
      plugins: [{ isWALArchiver: true, parameters: { barmanObjectName: "time-series" } }],
      storage: live["storage"],
      certificates: live["certificates"],
      serviceAccountName: "time-series",
      inheritedMetadata: { labels: { app: "time-series" } },
    });
    expect(await spec(copy)).not.toHaveProperty("postgresql.synchronous");
    // Which lets a deploy take it into its release, and keeps it when that goes.
    expect((await objects.find(kinds.cluster, copy))?.metadata).toMatchObject({
      labels: { "app.kubernetes.io/managed-by": "Helm" },
      annotations: { "meta.helm.sh/release-name": TIME_SERIES, "helm.sh/resource-policy": "keep" },
    });
  });

  test("makes one of a moment, under the name that is given, and says how far it is behind", async () => {
    const { code, err } = await world.ops("restore time-series 2026-11-28T10:30:00Z --into time-series-copy");
    expect([err, code]).toEqual([err, 0]);
    expect(err).toContain(`time-series is newer: its newest tick is of ${recent}, against ${old}`);
    expect(world.operator.holds["time-series-copy"]?.newestTick).toBe(old);
    expect(await spec("time-series-copy")).toMatchObject({
      bootstrap: { recovery: { recoveryTarget: { targetTime: "2026-11-28T10:30:00.000Z" } } },
    });
  });

  test.each<[string, string, RegExp]>([
    [
      "a moment before the first backup",
      "2026-11-28T09:00:00Z",
      /time-series can be restored to moments from 2026-11-28T10:00:00Z on/,
    ],
    ["a moment that is yet to come", "2026-11-28T12:00:01Z", /is yet to come/],
    ["another's name", "--into postgres", /"postgres" is no copy's name; begin it with time-series-/],
    ["a day that its month has not", "2026-09-31T10:00:00Z", /a moment in UTC/],
    ["a moment without a time zone", "2026-11-28T10:30:00", /a moment in UTC/],
    ["the name of a scratch copy", "--into time-series-verify-mine", /would go with the next `verify-backup`/],
    ["the live one's name", "--into time-series", /is no copy's name/],
    ["no name", "--into=", /"" is no copy's name/],
    ["a name of other characters", "--into time-series-Copy_1", /is no copy's name/],
    ["a server of the language's own", "--of constructor", /The bucket has no base backup of constructor/],
    ["a name that is too long", `--into time-series-${"x".repeat(50)}`, /is no copy's name/],
    [
      "a server that was never backed up",
      "--of time-series-before",
      /The bucket has no base backup of time-series-before.*with --of there is time-series from/,
    ],
  ])("is refused for %s, before anything changes", async (_, more, reason) => {
    const before = objects.names();
    const { code, err } = await world.ops(`restore time-series ${more}`);
    expect([[2, 3].includes(code), err]).toEqual([true, expect.stringMatching(reason)]);
    expect([objects.names(), await world.journal()]).toEqual([before, undefined]);
  });

  test("is refused for a name that is taken, in the cluster or in the bucket", async () => {
    await world.ops("restore time-series --into time-series-copy");
    expect((await world.ops("restore time-series --into time-series-copy --of time-series")).err).toMatch(
      /There is a Cluster time-series-copy already/,
    );
    await askForBackup(objects, "of-the-copy", "time-series-copy");
    await world.operator.settle();
    await objects.delete(kinds.cluster, "time-series-copy");
    expect((await world.ops("restore time-series --into time-series-copy")).err).toMatch(
      /has backups of a server time-series-copy already/,
    );
    // What was live is one of them, once it is gone.
    expect(await world.ops("restore time-series --of time-series-copy")).toMatchObject({ code: 0 });
  });

  test("is refused without the Cluster that a copy is made after, with what brings that back", async () => {
    await objects.delete(kinds.cluster, TIME_SERIES);
    expect(await world.ops("restore time-series")).toMatchObject({
      code: 3,
      err: expect.stringContaining("helm get manifest time-series") as string,
    });
  });

  test("that fails shows the recovery's last words, and leaves nothing behind, on no volume", async () => {
    const before = objects.names();
    world.operator.faults.recovery = "x";
    log = "FATAL:  recovery ended before configured recovery target was reached";
    const { code, err } = await world.ops("restore time-series 2026-11-28T11:59:59Z");
    expect([code, err]).toEqual([5, expect.stringContaining(log)]);
    expect(err).toContain("Nothing was written after that moment: choose an earlier one");
    expect(objects.names()).toEqual(before);
  });

  test("takes the failed recovery of another copy for none of its own", async () => {
    const failed = { ...kinds.job, metadata: { name: "another-1-full-recovery", labels: ofAnother } };
    await objects.create({ ...failed, spec: { template: { spec: { restartPolicy: "Never", containers: [] } } } });
    await objects.report(kinds.job, "another-1-full-recovery", { conditions: [{ type: "Failed", status: "True" }] });
    const { code, err } = await world.ops("restore time-series");
    expect([err, code]).toEqual([err, 0]);
  });

  test("that is not whole says what is wrong with it, and goes away again", async () => {
    world.operator.holds[TIME_SERIES] = { ...holdings(recent), problems: ["a chunk cannot be read"] };
    await world.operator.settle();
    const { code, err } = await world.ops("restore time-series");
    expect([code, err, copies()]).toEqual([5, expect.stringContaining("is not whole: a chunk cannot be read"), []]);
  });

  test.each<[string, boolean]>([
    ["is restored", false],
    ["cannot be restored", true],
  ])("killed after every change, one that %s comes to a good end", async (_, failing) => {
    const before = objects.names();
    if (failing) world.operator.faults.recovery = "x";
    const kills = await world.killedAllAlong("restore time-series");
    expect(kills.filter((point) => point.startsWith("timeSeries."))).toContain(
      `timeSeries.${failing ? "delete" : "copy"}${failing ? ` ${copy}` : ""}`,
    );
    expect((await world.journal())?.ended?.outcome).toBe(failing ? "undone" : "done");
    await world.operator.settle();
    if (failing) expect(objects.names()).toEqual(before);
    else expect(copies().filter((name) => name.startsWith("Cluster"))).toHaveLength(1);
  });
});
