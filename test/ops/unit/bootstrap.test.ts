import type { Context } from "../../../ops/core/context";
import { TestClock } from "../support/clock";
import { runBootstrap } from "../../../ops/release/bootstrap";
import { planRotation, rotationSteps } from "../../../ops/secrets/rotation";
import type { JobChange, JobState } from "../../../ops/kubernetes/cluster";

const image = "an-image";
const job = "database-bootstrap-20261128100000";
const ofSeries = "time-series-bootstrap-20261128100000";

/** Jobs that end at the second look at them, and copies of secrets that External Secrets makes one at a look. */
function cluster({ failing }: { readonly failing?: string } = {}) {
  const clock = new TestClock(Date.parse("2026-11-28T10:00:00Z"));
  const started: (readonly [name: string, like: string, image: string | undefined])[] = [];
  const looks = new Map<string, number>();
  const copied: string[] = [];
  const stateOf = (name: string): JobState => {
    looks.set(name, (looks.get(name) ?? 0) + 1);
    if ((looks.get(name) ?? 0) < 2) return { is: "running" };
    return name === failing ? { is: "failed", log: "it broke" } : { is: "succeeded" };
  };
  const context = (timeSeries?: object) =>
    ({
      clock,
      pause: (milliseconds: number) => clock.sleep(milliseconds),
      progress: { note: () => undefined },
      platform: {
        timeSeries,
        release: { read: () => Promise.resolve({ live: "blue" }) },
        secrets: {
          current: () => Promise.resolve("1"),
          read: () => Promise.resolve({ password: "the-next" }),
        },
        cluster: {
          startJob: (name: string, like: string, otherwise: JobChange) => {
            if (!started.some(([known]) => known === name)) started.push([name, like, otherwise.image]);
            return Promise.resolve();
          },
          job: (name: string) => Promise.resolve(stateOf(name)),
          workload: () => Promise.resolve({ image }),
          secretCopies: (reader: string) => {
            copied.push(reader);
            return Promise.resolve(copied.filter((one) => one === reader).length < 2 ? ["before"] : ["the-next"]);
          },
        },
      },
    }) as unknown as Context;
  return { context, started, copied };
}

describe("a bootstrap", () => {
  test("prepares the database alone where the time series are in it", async () => {
    const { context, started } = cluster();
    expect(await runBootstrap(context(), job, image)).toBe("the database is up to date");
    expect(started).toEqual([[job, "database-bootstrap", image]]);
  });

  test("prepares the time series' own server after it, with the same image", async () => {
    const { context, started } = cluster();
    expect(await runBootstrap(context({}), job, image)).toBe("the database and the time series' server are up to date");
    expect(started).toEqual([
      [job, "database-bootstrap", image],
      [ofSeries, "time-series-bootstrap", image],
    ]);
  });

  test.each([job, ofSeries])("fails with the last words of %s", async (failing) => {
    const { context } = cluster({ failing });
    await expect(runBootstrap(context({}), job, image)).rejects.toThrow(
      `the Job ${failing} failed; the end of its log:\nit broke`,
    );
  });
});

describe("a rotation of the database's password", () => {
  test.each([
    ["where the time series are in it", undefined, ["database-jobs"]],
    ["where they have a server of their own", {}, ["database-jobs", "time-series-jobs"]],
  ])("waits for the copies of all that read it: %s", async (_, timeSeries, jobs) => {
    const { context, copied, started } = cluster();
    const plan = await planRotation(context(timeSeries), "database");
    const steps = rotationSteps(plan, context(timeSeries));
    for (const name of ["copy", "database"]) await steps.find((step) => step.name === name)?.run();
    expect([...new Set(copied)]).toEqual(["user-management", "market-data", "broker-integration", ...jobs]);
    expect(started.map(([, like]) => like)).toEqual(
      timeSeries === undefined ? ["database-bootstrap"] : ["database-bootstrap", "time-series-bootstrap"],
    );
  });
});
