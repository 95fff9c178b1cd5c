import { SessionVault } from "../../../../app/packages/algolab/session-vault";
import { services } from "../../../../app/packages/contract/services";
import { buildMarketData } from "../../../../app/services/market-data/service";
import { startTestService } from "../../support/service";
import {
  createMarketDatabase,
  keepSession,
  marketDataConfig,
  startBroker,
  steadyLease,
  storedTicks,
  trade,
  until,
} from "./market-data";

test("the feed uses the session that broker-integration keeps for market data, once there is one", async () => {
  const database = await createMarketDatabase();
  const { simulator, session } = await startBroker();
  const config = marketDataConfig(database);
  // The platform has no key: the session's own is used.
  const { apiKey } = config.algolab;
  const algolab = { ...config.algolab, apiKey: undefined, baseUrl: simulator.url };
  const replica = await startTestService(services.marketData, config, async (kit) => {
    await buildMarketData(kit, { ...config, algolab }, { leaseTimes: steadyLease });
  });
  await until("the feed has looked for a session", () => replica.logged.some(({ reason }) => reason === "no session"));
  expect(simulator.socketConnections).toBe(0);

  await keepSession(database, algolab.sessionSecret, (await session())?.hash ?? "");
  const looked = replica.logged.length;
  await until("a session without a key is no session", () =>
    replica.logged.slice(looked).some(({ reason }) => reason === "no session"),
  );
  expect(simulator.socketConnections).toBe(0);
  const [stored] = await database.query<{ session_id: string }>("SELECT session_id FROM algolab_sessions");
  const sessionId = stored?.session_id ?? "";
  const sealed = new SessionVault(algolab.sessionSecret).seal(sessionId, apiKey ?? "");
  await database.query("UPDATE algolab_sessions SET api_key = $2 WHERE session_id = $1", [sessionId, sealed]);
  await until("the broker is connected", () => simulator.socketConnections === 1);
  await trade(simulator, database, 10);
  expect(await storedTicks(database)).toBeGreaterThanOrEqual(10);
  for (const secret of [(await session())?.hash, apiKey]) expect(JSON.stringify(replica.logged)).not.toContain(secret);

  await database.query("UPDATE algolab_sessions SET active = false WHERE session_id = $1", [sessionId]);
  await until("the feed has left the session that ended", () => simulator.socketConnections === 0);

  await replica.stop();
  await simulator.close();
  await database.drop();
});
