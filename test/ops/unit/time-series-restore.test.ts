import { TIME_SERIES } from "../../../config/names";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { FENCED, kinds, labels } from "../../../ops/time-series/kinds";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import { MemoryObjects } from "../support/memory-objects";
import { askForBackup, bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

const HOUR_MS = 3_600_000;
const [old, recent, newest] = ["2026-11-28T09:59:00.000Z", "2026-11-28T10:59:00.000Z", "2026-11-28T11:59:00.000Z"];

let world: TimeSeriesWorld;
let objects: MemoryObjects;
let log: string;

/** A backup of ten o'clock, log up to eleven, and an hour that is in no archive. */
beforeEach(async () => {
  log = "";
  objects = new MemoryObjects(() => world.now());
  world = new TimeSeriesWorld(objects, { cluster: { log: () => Promise.resolve(log) } });
  await bringUp(objects, world.operator, holdings(old));
  world.pass(HOUR_MS);
  world.operator.holds[TIME_SERIES] = holdings(recent, 2_000);
  world.operator.archiveNow(TIME_SERIES);
  world.pass(HOUR_MS);
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

describe("restore switch-time-series", () => {
  const copy = "time-series-copy";
  beforeEach(async () => {
    expect(await world.ops(`restore time-series --into ${copy}`)).toMatchObject({ code: 0 });
    world.jobs.ran.length = 0;
  });

  /** Whom clients reach, who is kept from running, what is scheduled, and how large the copy is. */
  const state = async () => {
    await world.operator.settle();
    const clusters = await world.platform.timeSeries?.clusters();
    const ready = async (name: string) =>
      (await world.platform.timeSeries?.instances(name))?.filter((one) => one.ready).length;
    return {
      live: await world.platform.timeSeries?.live(),
      scheduled: await world.platform.timeSeries?.scheduled(),
      fenced: clusters?.filter(({ fenced }) => fenced.length > 0).map(({ name }) => name),
      ready: { [TIME_SERIES]: await ready(TIME_SERIES), [copy]: await ready(copy) },
      synchronous: ((await spec(copy))["postgresql"] as { readonly synchronous?: object }).synchronous,
    };
  };
  const before = {
    live: TIME_SERIES,
    scheduled: [TIME_SERIES],
    fenced: [],
    ready: { [TIME_SERIES]: 2, [copy]: 1 },
    synchronous: undefined,
  };
  const switched = {
    live: copy,
    scheduled: [copy],
    fenced: [TIME_SERIES],
    ready: { [TIME_SERIES]: 0, [copy]: 2 },
    synchronous: { method: "any", number: 1, dataDurability: "preferred" },
  };
  const writeMeanwhile = () => {
    world.operator.holds[TIME_SERIES] = holdings(newest, 3_000);
  };

  /** The one that goes by the Service. @returns what mends it */
  const breakTheLastLook = () => {
    const run = world.jobs.run.bind(world.jobs);
    world.jobs.run = (context, job) =>
      job.hosts === undefined ? Promise.reject(new Error("it broke")) : run(context, job);
    return () => {
      world.jobs.run = run;
    };
  };

  test("stops what is live, leads clients to the copy, and makes that as large and as safe", async () => {
    expect(await state()).toEqual(before);
    // As they are when clients are led away.
    const stillUp: unknown[] = [];
    const merge = objects.merge.bind(objects);
    objects.merge = async (kind, name, change) => {
      if (kind === kinds.service)
        stillUp.push((await world.platform.timeSeries?.instances(TIME_SERIES))?.filter((one) => one.ready));
      return merge(kind, name, change);
    };
    const { code, out, err } = await world.ops(`restore switch-time-series ${copy}`);
    expect(stillUp).toEqual([[]]);
    expect([err, code]).toEqual([err, 0]);
    expect(out.trim().split("\n")).toEqual([
      "time-series leads to time-series-copy.",
      "What was live is kept as time-series, fenced; back again: restore switch-time-series time-series",
      'Set timeSeries.cluster to "time-series-copy" in the environment\'s file, and deploy "trading".',
      "Until a base backup of time-series-copy is whole, nothing of it can be restored: backup --time-series waits for it.",
    ]);
    expect(await state()).toEqual(switched);
    expect(world.jobs.ran.filter(({ command }) => command === "bootstrap-database")).toEqual([
      { command: "bootstrap-database", cluster: copy, image: "the-live-image" },
    ]);
    // Which is taken at once: a copy begins with an archive of nothing.
    expect((await world.platform.timeSeries?.baseBackups())?.[0]).toMatchObject({ cluster: copy, is: "complete" });
    expect((await objects.find(kinds.schedule, copy))?.metadata.annotations).toMatchObject({
      "helm.sh/resource-policy": "keep",
    });
    expect(world.jobs.ran.at(-1)).toMatchObject({ command: "inspect-time-series", cluster: copy });
  });

  test("is refused while the live cluster holds newer rows, until the loss is accepted", async () => {
    writeMeanwhile();
    const { code, err } = await world.ops(`restore switch-time-series ${copy}`);
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(
        /time-series holds newer data than time-series-copy \(its newest tick is of .*11:59.*--accept-loss/,
      ),
    ]);
    expect(await state()).toEqual(before);
    expect(await world.ops(`restore switch-time-series ${copy} --accept-loss`)).toMatchObject({ code: 0 });
    expect(await state()).toEqual(switched);
  });

  test("stops before anything is led away when something was written meanwhile", async () => {
    const run = world.jobs.run.bind(world.jobs);
    world.jobs.run = (context, job) => {
      if (job.command === "bootstrap-database") writeMeanwhile();
      return run(context, job);
    };
    const { code, err } = await world.ops(`restore switch-time-series ${copy}`);
    expect([code, err]).toEqual([5, expect.stringContaining("holds newer data")]);
    expect(await state()).toEqual(before);
  });

  test("goes back by the same command with the name before, and what was live in between is kept", async () => {
    writeMeanwhile();
    await world.ops(`restore switch-time-series ${copy} --accept-loss`);
    const { code, out, err } = await world.ops(`restore switch-time-series ${TIME_SERIES}`);
    expect([err, code]).toEqual([err, 0]);
    expect(out).toContain("What was live is kept as time-series-copy, fenced");
    // It is what the environment's file names.
    expect(out).not.toContain("Set timeSeries.cluster");
    expect(await state()).toEqual({
      ...switched,
      live: TIME_SERIES,
      scheduled: [TIME_SERIES],
      fenced: [copy],
      ready: { [TIME_SERIES]: 2, [copy]: 0 },
    });
  });

  test("that is refused on the way back leaves the one before asleep", async () => {
    await world.ops(`restore switch-time-series ${copy}`);
    world.operator.holds[copy] = holdings(newest);
    const { code, err } = await world.ops(`restore switch-time-series ${TIME_SERIES}`);
    expect([code, err]).toEqual([5, expect.stringContaining("time-series-copy holds newer data than time-series")]);
    expect(await state()).toEqual(switched);
  });

  test.each(["bootstrap-database", "the last look"])(
    "is taken back when %s fails: everything is as it was",
    async (what) => {
      if (what === "the last look") breakTheLastLook();
      else world.jobs.failing[what] = "it broke";
      const fences: unknown[] = [];
      const merge = objects.merge.bind(objects);
      objects.merge = (kind, name, change) => {
        if (kind === kinds.cluster && name === copy)
          fences.push((change as KubernetesObject).metadata.annotations?.[FENCED]);
        return merge(kind, name, change);
      };
      expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({
        code: 5,
        err: expect.stringContaining("it broke") as string,
      });
      expect(await state()).toEqual(before);
      // Who has reached the copy meanwhile would go on writing there.
      expect(fences).toEqual(what === "the last look" ? ['["*"]', null] : []);
    },
  );

  test("needs no consent where the live cluster cannot be asked, and waits for no answer of it on the way back", async () => {
    writeMeanwhile();
    world.operator.faults.nobodyPromotes = true;
    await objects.delete(kinds.pod, "time-series-1");
    await objects.delete(kinds.pod, "time-series-2");
    await world.operator.settle();
    const undo = breakTheLastLook();
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({ code: 5 });
    expect(await state()).toMatchObject({ live: TIME_SERIES, fenced: [] });
    undo();
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({ code: 0 });
    expect(await state()).toMatchObject({ live: copy, fenced: [TIME_SERIES] });
  });

  test.each<[string, string, RegExp]>([
    ["what is live", TIME_SERIES, /time-series is live already/],
    ["nothing", "time-series-none", /There is no Cluster time-series-none; there are time-series-copy/],
  ])("is refused to %s", async (_, name, reason) => {
    const { code, err } = await world.ops(`restore switch-time-series ${name}`);
    expect([code, err]).toEqual([3, expect.stringMatching(reason)]);
    expect(await state()).toEqual(before);
  });

  test("is refused to a copy whose log cannot be archived, as that of a name that was used before", async () => {
    world.operator.faults.archive = "WAL archive check failed: Expected empty archive";
    await world.operator.settle();
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({
      code: 3,
      err: expect.stringMatching(
        /cannot archive its log.*Expected empty archive.*restore into one of another/,
      ) as string,
    });
    expect(await state()).toEqual(before);
  });

  test("is refused to a copy that archives nothing, or that is not up", async () => {
    const found = await objects.find(kinds.cluster, copy);
    if (found === undefined) throw new Error("it was made");
    const { plugins: _, ...rest } = found["spec"] as Record<string, unknown>;
    await objects.create({ ...kinds.cluster, metadata: { name: "time-series-mute" }, spec: rest });
    await world.operator.bringUp("time-series-mute");
    expect((await world.ops("restore switch-time-series time-series-mute")).err).toMatch(/archives no log/);
    world.operator.faults.nobodyPromotes = true;
    await objects.delete(kinds.pod, `${copy}-1`);
    await world.operator.settle();
    expect((await world.ops(`restore switch-time-series ${copy}`)).err).toMatch(/time-series-copy takes no writes/);
  });

  test.each<[string, boolean]>([
    ["that works", false],
    ["that fails", true],
  ])("killed after every change, one %s comes to a good end", async (_, failing) => {
    if (failing) breakTheLastLook();
    const kills = await world.killedAllAlong(`restore switch-time-series ${copy}`);
    const changes = new Set(kills.map((point) => point.split(" ")[0]));
    for (const change of ["fence", "lead", ...(failing ? [] : ["moveSchedule", "enlarge"])]) {
      expect(changes).toContain(`timeSeries.${change}`);
    }
    expect((await world.journal())?.ended?.outcome).toBe(failing ? "undone" : "done");
    expect(await state()).toEqual(failing ? before : switched);
  });

  test.each<[string, boolean]>([
    ["that works", false],
    ["that fails", true],
  ])("killed after every change, one back %s comes to a good end", async (_, failing) => {
    await world.ops(`restore switch-time-series ${copy}`);
    if (failing) breakTheLastLook();
    const kills = await world.killedAllAlong(`restore switch-time-series ${TIME_SERIES}`);
    expect(kills).toContain(`timeSeries.fence ${TIME_SERIES}`);
    expect((await world.journal())?.ended?.outcome).toBe(failing ? "undone" : "done");
    const back = {
      live: TIME_SERIES,
      scheduled: [TIME_SERIES],
      fenced: [copy],
      ready: { [TIME_SERIES]: 2, [copy]: 0 },
    };
    expect(await state()).toEqual(failing ? switched : { ...switched, ...back });
  });

  test("goes on, and never back, once the copy has answered", async () => {
    const merge = objects.merge.bind(objects);
    objects.merge = (kind, name, change) =>
      name === copy ? Promise.reject(new Error("it broke")) : merge(kind, name, change);
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({ code: 6 });
    objects.merge = merge;
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({ code: 0 });
    expect(await state()).toEqual(switched);
  });

  test("puts a fence back that somebody else had set on the live cluster", async () => {
    await objects.merge(kinds.cluster, TIME_SERIES, { metadata: { annotations: { [FENCED]: '["time-series-2"]' } } });
    breakTheLastLook();
    expect(await world.ops(`restore switch-time-series ${copy}`)).toMatchObject({ code: 5 });
    expect((await objects.find(kinds.cluster, TIME_SERIES))?.metadata.annotations?.[FENCED]).toBe('["time-series-2"]');
  });
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
