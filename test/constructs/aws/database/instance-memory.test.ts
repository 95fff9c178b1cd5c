import { instanceMemoryMiB } from "../../../../constructs/aws/database/instance-memory";

describe("instanceMemoryMiB", () => {
  test.each([
    ["db.r5.large", 16],
    ["db.r5.2xlarge", 64],
    ["db.r6g.xlarge", 32],
    ["db.r8g.16xlarge", 512],
    ["db.m7g.4xlarge", 64],
    ["db.x2g.large", 32],
    ["db.t3.micro", 1],
    ["db.t4g.2xlarge", 32],
  ])("knows that %s has %d GiB", (instanceClass, gib) => {
    expect(instanceMemoryMiB(instanceClass)).toBe(gib * 1024);
  });

  test.each(["db.q1.large", "db.r5.huge", "db.t3.16xlarge", "r5.large", "db.r5.2xlarge.tpc1.mem2x"])(
    "does not guess about %s",
    (instanceClass) => {
      expect(instanceMemoryMiB(instanceClass)).toBeUndefined();
    },
  );
});
