import { recordsOf } from "../../../ops/aws/s3-records";
import { OperationLease } from "../../../ops/core/operation-lease";
import type { Journal } from "../../../ops/core/journal";
import { describeWhere } from "../../support/skip";
import { TestClock } from "../support/clock";
import { localEnvironment, testEnvironmentMissing } from "../support/test-environment";

describeWhere(testEnvironmentMissing(), "records in a bucket", () => {
  const key = () => `tests/${Math.random().toString(36).slice(2)}`;
  const records = () => recordsOf(localEnvironment());

  test("are written once by whoever comes first", async () => {
    const name = key();
    const written = await Promise.all(
      Array.from({ length: 10 }, (_, index) => records().write(name, `writer ${index}`, undefined)),
    );
    expect(written.filter((version) => version !== undefined)).toHaveLength(1);
  });

  test("are changed by one of all who read the same version", async () => {
    const name = key();
    const since = await records().write(name, "first", undefined);
    const written = await Promise.all(
      Array.from({ length: 10 }, (_, index) => records().write(name, `writer ${index}`, since)),
    );
    expect(written.filter((version) => version !== undefined)).toHaveLength(1);
    expect((await records().read(name))?.text).toBe(`writer ${written.findIndex((version) => version !== undefined)}`);
    expect(await records().write(name, "late", since)).toBeUndefined();
  });

  test("count a write as done whose answer was lost", async () => {
    const name = key();
    const version = await records().write(name, "mine", undefined);
    expect(await records().write(name, "mine", undefined)).toBe(version);
  });

  test("let one of many operators begin", async () => {
    const clock = new TestClock(Date.now());
    const store = recordsOf(localEnvironment());
    const before = await store.read("current.json");
    const journal: Omit<Journal, "lease"> = {
      schema: 1,
      id: "test",
      command: "release",
      input: {},
      plan: {},
      operator: "somebody",
      startedAt: clock.now().toISOString(),
      direction: "forward",
      done: [],
    };
    const leases = await Promise.allSettled(
      Array.from({ length: 5 }, () => OperationLease.begin(records(), clock, journal)),
    );
    const held = leases.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(held).toHaveLength(1);
    await held[0]?.end("done");
    expect((await store.read("current.json"))?.version).not.toBe(before?.version);
  });
});
