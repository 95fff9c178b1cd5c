import { TIME_SERIES } from "../../../config/names";
import type { Context } from "../../../ops/core/context";
import { timeSeriesHealth } from "../../../ops/health/time-series";
import { kinds } from "../../../ops/time-series/kinds";
import { TimeSeriesServer } from "../../../ops/time-series/server";
import { controlPlaneMissing } from "../../support/kubernetes";
import { describeWhere } from "../../support/skip";
import { startApiServer } from "../support/api-server";
import type { ApiServer } from "../support/api-server";
import { SimulatedOperator } from "../support/simulated-operator";
import { bringUp, holdings } from "../support/time-series";

jest.setTimeout(240_000);

describeWhere(controlPlaneMissing(), "the server of the time series on an API server", () => {
  let api: ApiServer;
  let operator: SimulatedOperator;
  const now = () => new Date();

  beforeAll(async () => {
    api = await startApiServer();
    operator = new SimulatedOperator(api.objects, now, true);
    await bringUp(api.objects, operator, holdings(now().toISOString()), api.namespace);
  });
  afterAll(() => api.end());

  const server = () => new TimeSeriesServer(api.objects, TIME_SERIES);
  const health = () => timeSeriesHealth({ clock: { now }, platform: { timeSeries: server() } } as unknown as Context);

  test("is as its operator says that it is", async () => {
    expect((await health())[0]).toEqual({
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
    await expect(
      objects.create({
        ...kinds.backup,
        metadata: { name: "wrong" },
        spec: { cluster: { name: "x" }, method: "tape" },
      }),
    ).rejects.toThrow(/spec.method: Unsupported value/);
  });
});
