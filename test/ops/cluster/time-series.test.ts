import { TIME_SERIES, timeSeriesHost } from "../../../config/names";
import type { Context } from "../../../ops/core/context";
import { timeSeriesHealth } from "../../../ops/health/time-series";
import { kinds } from "../../../ops/time-series/kinds";
import { controlPlaneMissing } from "../../support/kubernetes";
import { describeWhere } from "../../support/skip";
import { startApiServer } from "../support/api-server";
import type { ApiServer } from "../support/api-server";
import { askForBackup, bringUp, holdings } from "../support/time-series";
import { TimeSeriesWorld } from "../support/time-series-world";

jest.setTimeout(400_000);

/** The same as the suites in memory, for what an API server, its controllers and the tool's client make of it. */
describeWhere(controlPlaneMissing(), "the server of the time series on an API server", () => {
  let api: ApiServer;
  let world: TimeSeriesWorld;

  beforeAll(async () => {
    api = await startApiServer();
    const { cluster, namespace, objects } = api;
    world = new TimeSeriesWorld(objects, { cluster, namespace, podsRun: true });
    await bringUp(objects, world.operator, holdings("2026-11-28T09:59:00.000Z"), namespace);
  });
  afterAll(() => api.end());

  test("is as its operator says that it is", async () => {
    const { clock, platform } = world;
    expect((await timeSeriesHealth({ clock, platform } as unknown as Context))[0]).toEqual({
      healthy: true,
      detail: "time-series: Cluster in healthy state, 2 of 2 instances ready, time-series-1 takes writes",
    });
  });

  test("has objects that are made once, changed in part, and gone with their owner", async () => {
    const { objects } = api;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "one", annotations: { a: "b", c: "d" } } };
    await objects.create(secret);
    await objects.create({ ...secret, metadata: { name: "one" } });
    await objects.merge(secret, "one", { metadata: { annotations: { c: null, e: "f" } } });
    expect((await objects.find(secret, "one"))?.metadata.annotations).toEqual({ a: "b", e: "f" });
    await objects.delete(secret, "one");
    await objects.delete(secret, "one");
    expect(await objects.find(secret, "one")).toBeUndefined();
    expect(await objects.find({ apiVersion: "nobody.knows/v1", kind: "Thing" }, "one")).toBeUndefined();
    expect(await objects.list({ apiVersion: "v1", kind: "Thing" })).toEqual([]);
    await expect(objects.merge(kinds.backup, "none", { metadata: {} })).rejects.toThrow("There is no Backup none in");
    const wrong = { cluster: { name: "x" }, method: "tape" };
    await expect(objects.create({ ...kinds.backup, metadata: { name: "wrong" }, spec: wrong })).rejects.toThrow(
      /spec.method: Unsupported value/,
    );
  });

  test("gives a Job another address for the server's name, in its pods alone", async () => {
    const { cluster, kubectl, namespace } = api;
    const container = { name: "maintenance", image: "x", args: ["maintain-database.js"] };
    kubectl.apply([
      {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name: "time-series-maintenance", namespace },
        spec: {
          schedule: "0 0 1 1 *",
          jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } } },
        },
      },
    ]);
    const host = timeSeriesHost(namespace);
    await cluster.startJob("inspect", "time-series-maintenance", {
      args: ["inspect-time-series.js"],
      hosts: { [host]: "172.20.0.7" },
    });
    expect((await api.objects.find(kinds.job, "inspect"))?.["spec"]).toMatchObject({
      template: {
        spec: {
          hostAliases: [{ ip: "172.20.0.7", hostnames: [host] }],
          containers: [{ args: ["inspect-time-series.js"] }],
        },
      },
    });
  });

  test("is backed up, restored into a copy, switched to that and back", async () => {
    const ops = async (line: string) => {
      const { code, err } = await world.ops(line);
      expect([line, err, code]).toEqual([line, err, 0]);
    };
    await ops("backup --time-series");
    await ops("restore time-series --into time-series-copy");
    await ops("restore switch-time-series time-series-copy");
    expect(await world.platform.timeSeries?.live()).toBe("time-series-copy");
    expect((await world.platform.timeSeries?.instances(TIME_SERIES))?.filter(({ ready }) => ready)).toEqual([]);
    const copied = (await api.objects.find(kinds.cluster, "time-series-copy"))?.["spec"];
    expect(copied).toMatchObject({ instances: 2, postgresql: { synchronous: { number: 1 } } });
    await ops(`restore switch-time-series ${TIME_SERIES}`);
    expect(await world.platform.timeSeries?.live()).toBe(TIME_SERIES);
  });

  test("is verified by a copy of which nothing stays, on no volume", async () => {
    const left = async () =>
      Promise.all([kinds.cluster, kinds.claim, kinds.volume, kinds.pod].map((kind) => api.objects.list(kind))).then(
        (all) =>
          all
            .flat()
            .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
            .sort(),
      );
    const before = await left();
    const { code, err } = await world.ops("verify-backup --time-series");
    expect([err, code]).toEqual([err, 0]);
    expect(await left()).toEqual(before);
  });

  test("leaves no volume behind when a copy cannot be made", async () => {
    await askForBackup(api.objects, "another");
    await world.operator.settle();
    world.operator.faults.recovery = "x";
    const volumes = async () => (await api.objects.list(kinds.volume)).map(({ metadata }) => metadata.name).sort();
    const before = await volumes();
    const { code, err } = await world.ops("restore time-series --into time-series-broken");
    expect([code, err]).toEqual([5, expect.stringContaining("the recovery of time-series-broken failed")]);
    expect(await api.objects.find(kinds.cluster, "time-series-broken")).toBeUndefined();
    expect(await volumes()).toEqual(before);
  });
});
