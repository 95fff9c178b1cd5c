import { environment } from "../../../../config";
import { quotaFor } from "../../../../constructs/kubernetes/namespace/quota";

describe("quotaFor", () => {
  const { userManagement, marketData } = environment("production").trading.services;

  test("is room for both colours at their most, and for the jobs", () => {
    // 3 pods of 500m and 1Gi, 20 of 1000m and 2Gi, twice; jobs take 2000m, 4Gi and 5 pods.
    expect(quotaFor([userManagement, marketData])).toEqual({
      cpu: `${2 * (3 * 500 + 20 * 1000) + 2000}m`,
      memory: `${2 * (3 * 1024 + 20 * 2048) + 4096}Mi`,
      pods: 2 * (3 + 20) + 5,
    });
  });
});
