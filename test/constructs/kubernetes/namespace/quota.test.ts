import { environment } from "../../../../config";
import { timescaledb } from "../../../support/time-series";
import { quotaFor } from "../../../../constructs/kubernetes/namespace/quota";

describe("quotaFor", () => {
  const { userManagement, marketData } = environment("production").trading.services;

  test("is room for both colours at their most in a rolling update, and for the jobs", () => {
    // Of 3 pods of 500m and 1Gi one more starts while one ends, of 20 of 1000m and 2Gi five; jobs take 2000m, 4Gi and 5 pods.
    const [few, many] = [3 + 2 * 1, 20 + 2 * 5];
    expect(quotaFor([userManagement, marketData], { in: "database" })).toEqual({
      cpu: `${2 * (few * 500 + many * 1000) + 2000}m`,
      memory: `${2 * (few * 1024 + many * 2048) + 4096}Mi`,
      pods: 2 * (few + many) + 5,
    });
  });

  test("has room for a TimescaleDB and a restored copy of it, each with a pod that makes an instance", () => {
    const without = quotaFor([userManagement], { in: "database" });
    const { cpu, memory, pods } = quotaFor([userManagement], timescaledb);
    // 2 x 2 instances and 2 pods that make one, 4000m and 32Gi each, 250m and 512Mi for the archiver; two jobs.
    expect(pods).toBe(without.pods + 6 + 2);
    expect(Number.parseInt(cpu)).toBe(Number.parseInt(without.cpu) + 6 * 4250 + 200);
    expect(Number.parseInt(memory)).toBe(Number.parseInt(without.memory) + 6 * (32 * 1024 + 512) + 256);
  });
});
