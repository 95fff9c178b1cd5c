import { connectionsBesidePool, feedLeaderConnections } from "../../../../app/packages/contract/database";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { createMarketDatabase, startBroker, startReplica, trade } from "./market-data";

/** What the environments' max_connections is counted from. */
describe("connections of a replica", () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let leader: TestService;
  let follower: TestService;

  beforeAll(async () => {
    database = await createMarketDatabase();
    const broker = await startBroker();
    simulator = broker.simulator;
    leader = await startReplica(database, broker.session);
    await trade(simulator, database, 100);
    follower = await startReplica(database, broker.session);
  });
  afterAll(async () => {
    await leader.stop();
    await follower.stop();
    await database.drop();
  });

  const open = async () => {
    const rows = await database.query<{ name: string; count: number }>(
      `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND usename = $1 GROUP BY 1 ORDER BY 1`,
      [database.config.username],
    );
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };

  test("are its pool, one that listens and a candidate's, and the leader's own; nothing else connects", async () => {
    const { poolMax } = database.config;
    let free: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    let holding = 0;
    const all = [leader, follower].flatMap(({ kit }) =>
      // As many again wait for one.
      Array.from({ length: 2 * poolMax }, () =>
        kit.database.as("system", async () => {
          holding += 1;
          await held;
        }),
      ),
    );
    while (holding < 2 * poolMax) await new Promise((resolve) => setTimeout(resolve, 10));
    const { "market-data feed": feed = 0, ...others } = await open();
    free();
    await Promise.all(all);

    expect(others).toEqual({ "market-data": 2 * poolMax, "market-data listener": 2 });
    const candidates = 2 * (connectionsBesidePool.marketData - 1);
    expect(feed).toBeGreaterThanOrEqual(candidates);
    expect(feed).toBeLessThanOrEqual(candidates + feedLeaderConnections);
  });
});
