import type { Row } from "../../../ops/drill/report";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

jest.setTimeout(300_000);

describeWhere(testEnvironmentMissing(), "a drill", () => {
  const application = new FakeApplication();
  let harness: Harness;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
  });
  beforeEach(async () => {
    application.broken = undefined;
    await harness.reset();
  });
  afterAll(() => application.close());

  const drill = async (jobs: Record<string, () => unknown>) => {
    const databaseJobs = {
      requireTools: () => Promise.resolve(),
      run: (_: unknown, { args }: { readonly args: readonly string[] }) => Promise.resolve(jobs[args[0] ?? ""]?.()),
    };
    const manifest = { takenAt: harness.clock.now().toISOString(), bytes: 1, contents: { migrations: [], tables: {} } };
    const dumps = Object.create(harness.platform.dumps, {
      require: { value: () => Promise.resolve(manifest) },
      addresses: { value: () => Promise.resolve({}) },
    }) as typeof harness.platform.dumps;
    const { code, stderr, answer } = await harness.ops("drill", { platform: { databaseJobs, dumps } });
    const rows = (answer.answer as { readonly rows: readonly Row[] } | undefined)?.rows ?? [];
    return { code, stderr, rowOf: (part: string) => rows.find((row) => row.part === part) };
  };

  test("releases, rolls back, loses pods and restores, and leaves everything as it was", async () => {
    const image = await harness.image("second");
    await harness.ops(`release ${image} --weights 100 --soak 0`);
    const [state, pods] = [await harness.platform.release.read(), harness.pods()];
    const { code, stderr, rowOf } = await drill({});
    expect([stderr, code]).toEqual([stderr, 0]);
    expect(rowOf("release")).toMatchObject({ verdict: "timed" });
    expect(rowOf("rollback")).toMatchObject({ verdict: "met", component: "Application Services" });
    expect(rowOf("application")).toMatchObject({ verdict: "met", rpoMs: 0 });
    expect(rowOf("sessions")).toMatchObject({ verdict: "met", rpoMs: 0 });
    expect(rowOf("market data")).toMatchObject({
      verdict: "met",
      remark: expect.stringContaining("pods only") as string,
    });
    expect(rowOf("fail-over")).toMatchObject({ verdict: "skipped" });
    expect(rowOf("restore")).toMatchObject({ verdict: "met", component: "Database" });
    expect([await harness.platform.release.read(), harness.pods()]).toEqual([state, pods]);
    expect(await harness.platform.loadBalancer.weights()).toEqual([state.weights]);
  });

  test("really ends the pods that it says it ends", async () => {
    const names = async () =>
      (await harness.platform.cluster.pods("user-management-service-blue")).map(({ name }) => name);
    const before = await names();
    await drill({});
    const after = await names();
    expect([before.length, after.length, after.filter((name) => before.includes(name))]).toEqual([2, 2, []]);
  });

  test("misses the target of a part that fails, goes on with the next one, and says why", async () => {
    const { code, rowOf } = await drill({
      into: () => {
        throw new Error("the dump is damaged");
      },
    });
    expect(code).toBe(7);
    expect(rowOf("restore")).toMatchObject({ verdict: "missed", remark: "the dump is damaged" });
    expect(rowOf("release")).toMatchObject({ verdict: "skipped", remark: "nothing was ever released here" });
    expect(rowOf("application")).toMatchObject({ verdict: "met" });
  });

  test("finds out when sessions do not outlive their pods", async () => {
    application.broken = "/api/v1/auth/validate";
    application.brokenStatus = 401;
    const { code, rowOf } = await drill({});
    application.brokenStatus = 500;
    expect([code, rowOf("sessions")]).toEqual([7, expect.objectContaining({ verdict: "missed" })]);
  });
});
