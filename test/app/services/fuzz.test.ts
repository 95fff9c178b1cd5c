import { describeWhere } from "../../support/skip";
import { findSchemathesis, fuzz } from "../fuzz/schemathesis";
import { logIn, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { testToken } from "../support/tokens";
import { registerUser, signIn, startUserManagement } from "../support/users";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { createMarketDatabase, startBroker, startReplica, trade, until } from "./market-data/market-data";

/** The three together take about a minute, whatever the machine. */
const seconds = 8;
jest.setTimeout(300_000);

const found = findSchemathesis();
const python = "python" in found ? found.python : "";

/** Requests that no person would make: every answer is one that the OpenAPI document tells of. */
describeWhere(
  "missing" in found ? found.missing : undefined,
  "ASVS 2.2.1: made-up requests, by schemathesis, to",
  () => {
    let database: TestDatabase;
    const expectConformance = async (options: Omit<Parameters<typeof fuzz>[1], "seconds">) => {
      const { code, output } = await fuzz(python, { ...options, seconds });
      expect(code === 0 ? "conforms" : output).toBe("conforms");
    };

    test("user-management", async () => {
      database = await createTestDatabase();
      const service = await startUserManagement(database);
      const { accessToken: token } = await signIn(service, await registerUser(service));
      await expectConformance({ url: service.url, token, except: "logout|deactivate|password|sessions" });
    });

    test("market-data", async () => {
      database = await createMarketDatabase();
      const { simulator, session } = await startBroker();
      const service = await startReplica(database, session);
      await until("the feed is connected", () => simulator.socketConnections === 1);
      await trade(simulator, database, 50);
      await expectConformance({ url: service.url, token: await testToken() });
    });

    test("broker-integration", async () => {
      database = await createTestDatabase();
      const simulator = await startTestSimulator();
      const service = await startBrokerIntegration(database, simulator.url);
      const { token } = await logIn(service, (customer) => simulator.smsCode(customer));
      await expectConformance({ url: service.url, token, except: "broker/auth" });
    });
  },
);
