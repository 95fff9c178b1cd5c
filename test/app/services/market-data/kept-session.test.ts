import { services } from "../../../../app/packages/contract/services";
import { buildMarketData } from "../../../../app/services/market-data/service";
import { startTestService } from "../../support/service";
import {
  createMarketDatabase,
  keepSession,
  marketDataConfig,
  quickLease,
  startBroker,
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
    await buildMarketData(kit, { ...config, algolab }, { leaseTimes: quickLease });
  });
  await until("the feed has looked for a session", () => replica.logged.some(({ reason }) => reason === "no session"));
  expect(simulator.socketConnections).toBe(0);

  const [accountId, sessionId, userId] = [randomUUID(), randomUUID(), randomUUID()];
  const vault = new SessionVault(algolab.sessionSecret);
  const hash = vault.seal(sessionId, (await session())?.hash ?? "");
  await database.query(
    "INSERT INTO broker_accounts (account_id, user_id, customer_hash, feeds_market_data) VALUES ($1, $2, $3, true)",
    [accountId, userId, vault.fingerprint("10000000146")],
  );
  await database.query(
    `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, active, expires_at, last_refresh_at)
     VALUES ($1, $2, $3, $4, $4, true, now() + interval '1 hour', now())`,
    [sessionId, accountId, userId, hash],
  );
  const looked = replica.logged.length;
  await until("a session without a key is no session", () =>
    replica.logged.slice(looked).some(({ reason }) => reason === "no session"),
  );
  expect(simulator.socketConnections).toBe(0);
  await database.query("UPDATE algolab_sessions SET api_key = $2 WHERE session_id = $1", [
    sessionId,
    vault.seal(sessionId, apiKey ?? ""),
  ]);
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
