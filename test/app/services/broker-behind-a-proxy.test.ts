import { randomInt, randomUUID } from "node:crypto";
import { ForwardProxy } from "../../../app/packages/algolab/forward-proxy";
import { services } from "../../../app/packages/contract/services";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import { buildBrokerIntegration } from "../../../app/services/broker-integration/service";
import { buildMarketData } from "../../../app/services/market-data/service";
import {
  anyOrder,
  eventually,
  placing,
  startTestSimulator,
  testSessionSecret,
  testTradingConfig,
} from "../support/broker";
import { startTestProxy } from "../support/proxy";
import { startTestService, testServiceConfig } from "../support/service";
import { testToken } from "../support/tokens";
import { createMarketDatabase, marketDataConfig, steadyLease } from "./market-data/market-data";

test("both services reach a broker behind a proxy by it alone, with calls and sockets", async () => {
  const simulator = await startTestSimulator();
  const credentials = "trader:secret";
  const proxy = await startTestProxy({ leadsTo: Number(new URL(simulator.url).port), credentials });
  const broker = {
    // A name that only the proxy can make anything of.
    baseUrl: "http://broker.invalid",
    apiKey: testApiKey,
    sessionSecret: testSessionSecret,
    proxy: new ForwardProxy({ url: proxy.url, credentials }),
  };
  const database = await createMarketDatabase();
  const trading = { ...testServiceConfig(database), broker, trading: testTradingConfig };
  const brokerIntegration = await startTestService(services.brokerIntegration, trading, (kit) =>
    buildBrokerIntegration(kit, trading),
  );
  const feed = { ...marketDataConfig(database), algolab: broker };
  const marketData = await startTestService(services.marketData, feed, async (kit) => {
    await buildMarketData(kit, feed, { leaseTimes: steadyLease });
  });

  const userId = randomUUID();
  const customer = randomInt(1_000_000_000, 9_999_999_999).toString();
  const token = await testToken({ userId, claims: { roles: ["ADMIN"] } });
  const auth = "/api/v1/broker/auth";
  const login = { username: customer, password: "a password", feedsMarketData: true };
  expect(await brokerIntegration.call("POST", `${auth}/login`, { token, body: login })).toMatchObject({ status: 202 });
  const body = { code: simulator.smsCode(customer) };
  expect(await brokerIntegration.call("POST", `${auth}/verify-otp`, { token, body })).toMatchObject({ status: 200 });

  // One socket of the account's worker for its orders, one of market data.
  await eventually(
    () => simulator.socketConnections,
    (connections) => connections === 2,
  );

  const placed = await brokerIntegration.call(
    "POST",
    "/api/v1/orders",
    placing({ userId, customer, token }, { ...anyOrder, type: "MARKET" }),
  );
  const { orderId } = placed.body as { orderId: string };
  await eventually(
    async () => (await brokerIntegration.call("GET", `/api/v1/orders/${orderId}`, { token })).body,
    (found) => (found as { order: { status: string } }).order.status === "ACCEPTED",
  );
  await eventually(
    async () => {
      simulator.advance();
      return marketData.call("GET", "/api/v1/market-data/quotes/GARAN", { token });
    },
    ({ status }) => status === 200,
  );

  expect(new Set(proxy.asked)).toEqual(new Set(["broker.invalid:80"]));
  const logged = JSON.stringify([brokerIntegration.logged, marketData.logged]);
  for (const secret of ["trader:secret", Buffer.from(credentials).toString("base64")]) {
    expect(logged).not.toContain(secret);
  }
  await marketData.stop();
  await brokerIntegration.stop();
  await database.drop();
}, 120_000);
