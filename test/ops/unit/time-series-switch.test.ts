import { TIME_SERIES } from "../../../config/names";
import type { KubernetesObject } from "../../../ops/kubernetes/objects";
import { FENCED, kinds } from "../../../ops/time-series/kinds";
import { archivedWorld, newest } from "../support/archived-world";
import type { MemoryObjects } from "../support/memory-objects";
import { holdings } from "../support/time-series";
import type { TimeSeriesWorld } from "../support/time-series-world";

let world: TimeSeriesWorld;
let objects: MemoryObjects;
let log: string;

beforeEach(async () => {
  log = "";
  ({ world, objects } = await archivedWorld(() => log));
});

const spec = async (name: string) => (await objects.find(kinds.cluster, name))?.["spec"] as Record<string, unknown>;

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
