import { environment, environmentNames } from "../../config";
import { clientConnections, connectionHolders, RESERVED_CONNECTIONS } from "../../config/schema/connections";
import { changed, problems } from "../support/mistakes";
import { timescaledb, withTimescaledb } from "../support/time-series";

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
    expect(clientConnections(chosen) + RESERVED_CONNECTIONS.core).toBeLessThanOrEqual(
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

  describe("where market data has a server of its own", () => {
    const apart = withTimescaledb();
    const holders = (key: "core" | "timeSeries") =>
      Object.fromEntries(connectionHolders(apart, key).map((row) => [row.name, row.processes * row.each]));

    test("are counted for both: market-data has a pool at each, and leads at the second", () => {
      expect(holders("core")).toMatchObject({ "market-data": 60 * (5 + 1), "user-management": 10 * (5 + 1) });
      expect(holders("timeSeries")).toMatchObject({
        "market-data": 60 * (5 + 1),
        "leader of the market data feed": 2 * 3,
        "maintain-database": 1,
        reports: 10,
      });
      expect(Object.keys(holders("core"))).not.toContain("leader of the market data feed");
      expect(Object.keys(holders("timeSeries"))).toEqual(
        expect.not.arrayContaining(["user-management", "dump-database"]),
      );
    });

    test("are refused where they do not fit, by the server that they do not fit", () => {
      const [problem, ...more] = problems(
        changed(["timeSeries", structuredClone(timescaledb)], ["timeSeries.parameters.maxConnections", 200]),
      );
      expect(problem).toMatch(
        /^production\.timeSeries\.parameters\.maxConnections 200 is below the \d+ connections [^\n]+\n {4}market-data: 60 x 6 = 360\n/,
      );
      expect(more).toEqual([]);
    });
  });
});
