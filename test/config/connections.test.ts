import { environment, environmentNames } from "../../config";
import { clientConnections, connectionHolders, RESERVED_CONNECTIONS } from "../../config/schema/connections";
import { changed, problems } from "../support/mistakes";

const production = environment("production");

describe("connections to the database", () => {
  test("are counted for both colours at the autoscaler's maximum, in a rolling update", () => {
    const rows = Object.fromEntries(connectionHolders(production).map((row) => [row.name, row]));
    // 20 pods, 5 that start and 5 that end, twice: a pool of 5, a listener, a candidate's.
    expect(rows["market-data"]).toMatchObject({ processes: 60, each: 7 });
    // 3 pods, 1 that starts and 1 that ends, twice.
    expect(rows["user-management"]).toMatchObject({ processes: 10, each: 6 });
    expect(rows["broker-integration"]).toMatchObject({ processes: 10, each: 6 });
  });

  test.each(environmentNames)("fit into the database of %s, and the reserved ones beside them", (name) => {
    const chosen = environment(name);
    expect(clientConnections(chosen) + RESERVED_CONNECTIONS).toBeLessThanOrEqual(
      chosen.database.parameters.maxConnections,
    );
  });

  test.each([
    ["the guide's 200", [["database.parameters.maxConnections", 200]], 200],
    ["larger pools", [["trading.databasePool.max", 6]], 600],
    ["an autoscaler that brings more pods", [["trading.services.marketData.autoscaling.maxReplicas", 24]], 600],
    ["more pods of a service without one", [["trading.services.brokerIntegration.replicas", 7]], 600],
  ] as const)("are refused where they do not fit, with who takes how many: %s", (_what, changes, most) => {
    const found = problems(changed(...changes));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      new RegExp(
        `^production\\.database\\.parameters\\.maxConnections ${most} is below the \\d+ connections that may be open at once; ` +
          "raise it, or lower trading\\.databasePool\\.max\\n    user-management: \\d+ x \\d = \\d+\\n    market-data: ",
      ),
    );
  });

  test("are not counted where a number of pods is wrong by itself", () => {
    expect(problems(changed(["trading.services.marketData.autoscaling.maxReplicas", 0]))).toHaveLength(1);
  });
});
