import { PutMetricAlarmCommand, CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { clientOptions } from "../../../ops/aws/clients";
import type { Finding } from "../../../ops/health/checks";
import { describeWhere } from "../../support/skip";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { testEnvironmentMissing } from "../support/test-environment";

describeWhere(testEnvironmentMissing(), "a look", () => {
  const application = new FakeApplication();
  let harness: Harness;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
    await harness.reset();
  });
  beforeEach(() => {
    application.broken = undefined;
    application.lagSeconds = undefined;
  });
  afterAll(() => application.close());

  test("at the status finds what is live", async () => {
    const { code, answer } = await harness.ops("status");
    expect(answer.answer).toEqual(
      expect.arrayContaining([
        { what: "live", is: "blue" },
        { what: "weights", is: "blue 100 %, green 0 %", amiss: false },
        { what: "market-data-service-blue", is: "3 of 3 ready", amiss: false },
        { what: "operation", is: "none so far" },
        { what: "last dump", is: expect.not.stringContaining("cannot") as string },
      ]),
    );
    expect(code).toBe(0);
  });

  test("at the status points out weights that nobody released", async () => {
    await harness.platform.loadBalancer.setWeights({ blue: 70, green: 30 });
    const { code, answer } = await harness.ops("status");
    await harness.platform.loadBalancer.setWeights({ blue: 100, green: 0 });
    const is = "blue 70 %, green 30 %; the release says blue 100 %, green 0 %";
    expect([code, answer.answer]).toEqual([7, expect.arrayContaining([{ what: "weights", is, amiss: true }])]);
  });

  test("at the health names each thing that is not well, and why", async () => {
    const alarm = `${harness.environment.prefix}-of-the-test`;
    const client = new CloudWatchClient(clientOptions(harness.environment));
    const metric = { Namespace: "Test", MetricName: "test", Statistic: "Sum", Period: 60 } as const;
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: alarm,
        ...metric,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
      }),
    );
    await client.send(new SetAlarmStateCommand({ AlarmName: alarm, StateValue: "ALARM", StateReason: "a test" }));
    const condition: typeof harness.platform.condition = Object.create(harness.platform.condition, {
      database: { value: () => Promise.resolve("available") },
    }) as typeof harness.platform.condition;
    const { code, answer } = await harness.ops("health", { platform: { condition } });
    const findings = answer.answer as readonly Finding[];
    const of = (check: string) => findings.filter((one) => one.check === check);
    expect(code).toBe(7);
    expect(of("services").map(({ healthy }) => healthy)).toEqual([true, true, true]);
    expect(of("target groups")[0]).toMatchObject({ healthy: true, detail: "userManagement: 6 of 6 targets healthy" });
    expect(of("database")).toMatchObject([{ healthy: true, detail: "available" }]);
    expect(of("certificates")).toMatchObject([{ healthy: true }]);
    expect(of("feed")).toMatchObject([{ healthy: false }]);
    application.lagSeconds = 0.25;
    const fed = (await harness.ops("health")).answer.answer as readonly Finding[];
    expect(fed).toContainEqual({
      check: "feed",
      healthy: true,
      detail: "the newest tick was stored 0.25 s after it happened, says the application of this machine",
    });
    expect(of("alarms")).toEqual([{ check: "alarms", healthy: false, detail: `${alarm} rings` }]);
  });

  test("from a trader's side registers its account once and keeps its password", async () => {
    expect(await harness.ops("smoke")).toMatchObject({ code: 0 });
    const registered = application.requests.filter(({ path }) => path.endsWith("/register")).length;
    expect(await harness.ops("smoke --colour green")).toMatchObject({ code: 0 });
    expect(application.requests.filter(({ path }) => path.endsWith("/register"))).toHaveLength(registered);
    expect(application.requests.at(-1)?.colour).toBe("green");
  });

  test("from a trader's side names the request that went wrong", async () => {
    application.broken = "/api/v1/auth/validate";
    const { code, answer } = await harness.ops("smoke");
    const reason: unknown = expect.stringContaining("/api/v1/auth/validate of userManagement answered 500");
    expect([code, answer.answer]).toEqual([7, { steps: ["signed in"], reason }]);
  });
});
