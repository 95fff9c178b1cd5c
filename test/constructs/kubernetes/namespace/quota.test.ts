import { environment } from "../../../../config";
import { quotaFor } from "../../../../constructs/kubernetes/namespace/quota";

describe("quotaFor", () => {
  const { userManagement, marketData } = environment("production").trading.services;

  test("is room for both colours at their most in a rolling update, and for the jobs", () => {
    // Of 3 pods of 500m and 1Gi one more starts while one ends, of 20 of 1000m and 2Gi five; jobs take 2000m, 4Gi and 5 pods.
    const [few, many] = [3 + 2 * 1, 20 + 2 * 5];
    expect(quotaFor([userManagement, marketData])).toEqual({
      cpu: `${2 * (few * 500 + many * 1000) + 2000}m`,
      memory: `${2 * (few * 1024 + many * 2048) + 4096}Mi`,
      pods: 2 * (few + many) + 5,
    });
  });
});
