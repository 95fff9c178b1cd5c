import { join } from "node:path";
import { terraform } from "../../support/terraform";
import { bringTestCluster } from "../../support/kubernetes";
import { describeWhere } from "../../support/skip";
import { unreleased } from "../../../config/schema/release-state";
import { Daemon } from "../../../local/kubernetes/daemon";
import type { Traffic } from "../../../ops/aws/traffic";
import { currentJournal } from "../../../ops/core/operation-lease";
import { LEASE_MS } from "../../../ops/core/journal";
import { FakeApplication } from "../support/application";
import { Harness } from "../support/harness";
import { openTestEnvironment, testEnvironmentMissing } from "../support/test-environment";

const QUICK = "--weights 50,100 --soak 1";

describeWhere(testEnvironmentMissing(), "a release", () => {
  const application = new FakeApplication();
  let harness: Harness;
  let image: string;

  beforeAll(async () => {
    harness = new Harness(await application.listen());
    image = await harness.image("second");
  });
  beforeEach(() => {
    application.broken = undefined;
  });
  afterAll(() => application.close());

  /** Nothing of a release is left: requests, parameter, and pods are as before it. */
  async function expectAsBefore(): Promise<void> {
    expect(await harness.platform.loadBalancer.weights()).toEqual([unreleased.weights]);
    expect(await harness.platform.release.read()).toEqual(unreleased);
    const first = await harness.image("first");
    for (const [name, pods] of Object.entries(harness.pods())) {
      expect([name, pods]).toEqual([name, expect.objectContaining({ image: first })]);
      expect([name, pods.wanted > 0]).toEqual([name, name.endsWith("-blue")]);
    }
  }

  /** Reports to CloudWatch that requests of green fail, from the given look at the figures on. */
  function failingFrom(look: number): Traffic {
    let looks = 0;
    return {
      since: async (colour, from, until) => {
        looks += 1;
        await harness.report("green", { requests: 1_000, errors: looks < look ? 0 : 100 });
        return harness.platform.traffic.since(colour, from, new Date(until.getTime() + 1));
      },
    };
  }

  test("takes the idle colour live at the live one's number of pods, and the old one's pods away", async () => {
    await harness.reset();
    const { code, answer, stderr } = await harness.ops(`release ${image}`);
    expect([code, answer.outcome]).toEqual([0, "done"]);
    for (const percent of [10, 50, 100]) expect(stderr).toContain(`give green ${percent} % of the requests`);
    expect(await harness.platform.release.read()).toEqual({
      schema: 1,
      live: "green",
      images: { blue: await harness.image("first"), green: image },
      weights: { blue: 0, green: 100 },
    });
    expect(await harness.platform.loadBalancer.weights()).toEqual([{ blue: 0, green: 100 }]);
    expect(harness.pods()).toMatchObject({
      "user-management-service-green": { wanted: 2, image },
      "market-data-service-green": { wanted: 3, image },
      "broker-integration-service-green": { wanted: 1, image },
      "user-management-service-blue": { wanted: 0 },
      "market-data-service-blue": { wanted: 0 },
      "broker-integration-service-blue": { wanted: 0 },
    });
    expect(new Set(application.requests.map(({ colour }) => colour))).toEqual(new Set(["green"]));
  });

  test("is not to be seen in a plan right after it", async () => {
    const stack = join(openTestEnvironment().folder, "cdktf.out", "stacks", "local-edge");
    const plan = await terraform(stack, ["plan", "-input=false", "-detailed-exitcode"], {
      emulator: openTestEnvironment().endpoint,
    });
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining("No changes")]);
  });

  test("moves the release parameter and the load balancer's weights together", async () => {
    await harness.reset();
    const seen: unknown[] = [];
    const traffic: Traffic = {
      since: async (...args) => {
        const [{ weights, live, standby }, rules] = await Promise.all([
          harness.platform.release.read(),
          harness.platform.loadBalancer.weights(),
        ]);
        seen.push({ rules, weights, live, standby });
        return harness.platform.traffic.since(...args);
      },
    };
    await harness.ops(`release ${image} --weights 20,100 --soak 0`, { platform: { traffic } });
    const at = (green: number) => {
      const weights = { blue: 100 - green, green };
      return { rules: [weights], weights, live: "blue", standby: true };
    };
    expect(seen).toEqual([at(20), at(100)]);
  });

  test("with an image that does not come up is undone", async () => {
    await harness.reset({ green: { unplaceable: true } });
    const { code, answer } = await harness.ops(`release ${image} ${QUICK}`);
    expect([code, answer.reason]).toEqual([5, expect.stringMatching(/"roll out" failed: .*-green does not get on/)]);
    await expectAsBefore();
  });

  test("whose database cannot be prepared is undone before any pod changes", async () => {
    await harness.reset({ job: { unplaceable: true } });
    const { code, answer } = await harness.ops(`release ${image} ${QUICK}`);
    expect([code, answer.reason]).toEqual([5, expect.stringMatching(/"bootstrap" failed: the Job .* failed/)]);
    await expectAsBefore();
  });

  test("that a trader could not use gets no request", async () => {
    await harness.reset();
    application.broken = "/api/v1/market-data/quotes";
    const setWeights = jest.spyOn(harness.platform.loadBalancer, "setWeights");
    const { code, answer } = await harness.ops(`release ${image} ${QUICK}`);
    expect([code, answer.reason]).toEqual([5, expect.stringContaining("quotes of marketData answered 500")]);
    expect(setWeights).not.toHaveBeenCalled();
    setWeights.mockRestore();
    await expectAsBefore();
  });

  test("whose errors rise in the soak gets its requests taken away at once", async () => {
    await harness.reset();
    const { code, answer, stderr } = await harness.ops(`release ${image} ${QUICK}`, {
      platform: { traffic: failingFrom(8) },
    });
    expect(stderr).toContain("give green 100 % of the requests");
    expect([code, answer.reason]).toEqual([
      5,
      expect.stringMatching(/"watch 100" failed: \d+\.\d % of \d+ requests failed/),
    ]);
    await expectAsBefore();
  });

  test("that loses the API server takes the requests back, and the pods once it answers again", async () => {
    await harness.reset();
    const { folder } = openTestEnvironment();
    const traffic: Traffic = {
      since: () => {
        const { pid } = new Daemon("kube-apiserver", join(folder, "control-plane"));
        if (pid !== undefined) process.kill(pid, "SIGKILL");
        throw new Error("the figures cannot be had");
      },
    };
    const line = `release ${image} ${QUICK}`;
    const first = await harness.ops(line, { platform: { traffic } });
    expect([first.code, first.answer.reason]).toEqual([
      6,
      expect.stringMatching(/undoing "scale up" failed.*does not answer/),
    ]);
    expect(await harness.platform.loadBalancer.weights()).toEqual([unreleased.weights]);

    await bringTestCluster(folder);
    const second = await harness.ops(line);
    expect([second.code, second.stderr]).toEqual([5, expect.stringContaining("It goes on undoing, because")]);
    await expectAsBefore();
  });

  test("of two that begin at once is one", async () => {
    await harness.reset();
    const other = await harness.image("third");
    const outcomes = await Promise.all(
      [image, other].map(async (one) => (await harness.ops(`release ${one} --weights 100 --soak 0`)).answer.outcome),
    );
    expect(outcomes.sort()).toEqual(["busy", "done"]);
  });

  test("stops when somebody has taken it over", async () => {
    await harness.reset();
    const weights: unknown[] = [];
    const traffic: Traffic = {
      since: async () => {
        // As if this process had been suspended for longer than its lease lasts.
        harness.clock.pass(LEASE_MS);
        weights.push((await harness.ops("operation undo")).answer.outcome);
        weights.push(await harness.platform.loadBalancer.weights());
        return { requests: 0, errors: 0, latencyMs: 0 };
      },
    };
    const { code, answer } = await harness.ops(`release ${image} ${QUICK}`, { platform: { traffic } });
    expect(weights).toEqual(["undone", [unreleased.weights]]);
    expect([code, answer.reason]).toEqual([6, expect.stringContaining("was taken over by somebody else")]);
    await expectAsBefore();
  });

  test("that was cut short keeps others out until it is brought to an end", async () => {
    await harness.reset();
    const gone = new Error("the process is gone");
    const records: typeof harness.records = {
      read: (key) => harness.records.read(key),
      list: (prefix) => harness.records.list(prefix),
      write: (key, text, since) => {
        if (text.includes('"current":"smoke"')) throw gone;
        return harness.records.write(key, text, since);
      },
    };
    expect((await harness.ops(`release ${image} ${QUICK}`, { records })).code).toBe(1);

    const other = `release ${await harness.image("third")} ${QUICK}`;
    expect(await harness.ops(other)).toMatchObject({ code: 4, answer: { outcome: "busy" } });
    expect(await harness.ops("operation abandon")).toMatchObject({ code: 3 });
    harness.clock.pass(LEASE_MS);
    expect(await harness.ops(other)).toMatchObject({
      code: 3,
      answer: { reason: expect.stringContaining("`operation resume` goes on with it") as string },
    });
    expect((await harness.ops("operation undo --dry-run")).answer.answer).toMatchObject({
      steps: [expect.stringContaining("undo: bring green up"), expect.stringContaining("undo: write")],
    });
    expect(await harness.ops("operation undo")).toMatchObject({ code: 5 });
    await expectAsBefore();
    expect((await currentJournal(harness.records))?.journal.ended?.outcome).toBe("undone");
  });

  test("is on record: who, what, when, and how it ended", async () => {
    await harness.reset();
    const line = `release ${image} --weights 100 --soak 0`;
    await harness.ops(line);
    const { answer } = await harness.ops("operation show");
    expect(answer.answer).toMatchObject({
      today: [
        { event: "started", command: "release", operator: expect.stringContaining("arn:aws:") as string },
        { event: "done", command: "release", input: { image, weights: [100] } },
      ],
    });
  });

  test("changes nothing in a dry run", async () => {
    await harness.reset();
    const { code, answer } = await harness.ops(`release ${image} --dry-run`);
    expect([code, answer.answer]).toEqual([0, expect.objectContaining({ plan: expect.anything() as unknown })]);
    expect(await currentJournal(harness.records)).toBeUndefined();
    await expectAsBefore();
  });

  describe("is refused before anything changes", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    test.each([
      ["an unknown environment", () => `release ${image} --env productoin`, 2],
      ["an image that is not by digest", () => "release bist-trading/app:v1", 2],
      ["an image that is not in the registry", () => `release ${image.split("@")[0] ?? ""}@${digest}`, 3],
      ["an image of another repository", () => `release docker.io/library/node@${digest}`, 3],
      ["weights that do not end with all of it", () => `release ${image} --weights 10,50`, 2],
      ["the image that is live", () => `release ${image} --weights 100 --soak 0`, 3],
    ])("for %s", async (name, line, expected) => {
      await harness.reset();
      if (name.includes("live")) await harness.ops(line());
      const before = await currentJournal(harness.records);
      const { code } = await harness.ops(line());
      expect(code).toBe(expected);
      expect(await currentJournal(harness.records)).toEqual(before);
    });
  });
});
