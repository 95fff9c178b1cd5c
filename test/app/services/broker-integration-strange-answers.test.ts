import { randomInt, randomUUID } from "node:crypto";
import { formatPrice } from "../../../app/packages/bist/price";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { ScriptedAnswers } from "../support/scripted-answers";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";

let database: TestDatabase;
let simulator: Simulator;
let broker: ScriptedAnswers;
let service: TestService;

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator();
  broker = await ScriptedAnswers.before(simulator.url);
  service = await startBrokerIntegration(database, broker.url, { requestTimeoutMs: 10_000 });
});
afterEach(() => {
  for (const endpoint of ["SendOrder", "LoginUserControl"]) broker.answer(endpoint, undefined);
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const succeeded = (content: unknown) => ({ success: true, message: "", content });

test("an order that is answered with the reference of another is in doubt at once, until the list decides", async () => {
  const trader = await logIn(service, (customer) => simulator.smsCode(customer));
  const price = formatPrice(simulator.exchange.market.shares.get("GARAN")?.limits.floor ?? 0n);
  const placed = async (quantity: string) => {
    const { body } = await service.call("POST", "/api/v1/orders", placing(trader, { ...anyOrder, quantity, price }));
    return (body as { orderId: string }).orderId;
  };
  const becomes = (orderId: string, status: string) =>
    eventually(
      async () => {
        const { body } = await service.call("GET", `/api/v1/orders/${orderId}`, { token: trader.token });
        return (body as { order: { status: string; statusReasonCode: string; brokerReference: string } }).order;
      },
      (order) => order.status === status,
    );
  const { brokerReference } = await becomes(await placed("10"), "ACCEPTED");
  broker.answer("SendOrder", succeeded(`Referans Numaranız: ${brokerReference};0000 - HISSEOK`));
  const second = await placed("20");
  // Recording it again and again would take a minute.
  expect((await becomes(second, "REJECTED")).statusReasonCode).toBe("NOT_RECEIVED");
  const told = service.logged.filter((line) => line["orderId"] === second).map((line) => line["msg"]);
  expect(told.filter((text) => text === "the broker gave two orders one reference")).toHaveLength(1);
});

test.each(["line\r\nX-Injected: 1", "two words", "ş"])(
  "a log-in that is answered with the hash %j fails",
  async (hash) => {
    const userId = randomUUID();
    const token = await testToken({ userId });
    const customer = randomInt(1_000_000_000, 9_999_999_999).toString();
    await service.call("POST", "/api/v1/broker/auth/login", {
      token,
      body: { username: customer, password: "a password" },
    });
    broker.answer("LoginUserControl", succeeded({ hash }));
    const code = simulator.smsCode(customer);
    const { status } = await service.call("POST", "/api/v1/broker/auth/verify-otp", { token, body: { code } });
    expect(status).toBe(502);
    const { body } = await service.call("GET", "/api/v1/broker/auth/status", { token });
    expect(body).not.toMatchObject({ state: "LOGGED_IN" });
  },
);
