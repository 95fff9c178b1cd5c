import { randomUUID } from "node:crypto";
import { formatPrice } from "../../../app/packages/bist/price";
import { type MetricContract, metrics } from "../../../app/packages/contract/metrics";
import { actuator } from "../../../app/packages/contract/services";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import {
  anyOrder,
  eventually,
  logIn,
  placing,
  startBrokerIntegration,
  startTestSimulator,
  type Trader,
} from "../support/broker";
import { createTestDatabase, type TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";

let database: TestDatabase;
let simulator: Simulator;
let service: TestService;
let trader: Trader;
const sent: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator({ onCall: (endpoint, customer) => sent.push(`${endpoint} ${customer}`) });
  service = await startBrokerIntegration(database, simulator.url);
});
afterAll(async () => {
  await service.stop();
  await simulator.close();
  await database.drop();
});
beforeEach(async () => {
  trader = await logIn(service, (customer) => simulator.smsCode(customer));
});
afterEach(async () => {
  simulator.faults.clear();
  await service.call("POST", "/api/v1/broker/auth/logout", { token: trader.token });
});

const limits = () => {
  const share = simulator.exchange.market.shares.get("GARAN");
  if (share === undefined) throw new Error("the simulator has no GARAN");
  return { floor: formatPrice(share.limits.floor), ceiling: formatPrice(share.limits.ceiling) };
};
const ceiling = () => limits().ceiling;
const floor = () => limits().floor;

const place = (order: object = {}, key?: string) =>
  service.call("POST", "/api/v1/orders", placing(trader, { ...anyOrder, price: ceiling(), ...order }, key));
/** What the service exposes under a metric's name. */
const figure = async ({ name }: MetricContract): Promise<number> => {
  const { text } = await service.call("GET", actuator.metrics);
  return Number(new RegExp(`^${name}(?:\\{.*\\})? (.+)$`, "m").exec(text)?.[1]);
};
const get = (path: string) => service.call("GET", path, { token: trader.token });
const submissions = () => sent.filter((call) => call === `SendOrder ${trader.customer}`).length;

interface OrderBody {
  readonly orderId: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly filledQuantity: string;
  readonly brokerReference: string | null;
  readonly price: string;
}
const orderNow = async (orderId: string): Promise<OrderBody> => {
  const { body } = await get(`/api/v1/orders/${orderId}`);
  return (body as { order: OrderBody }).order;
};
const becomes = (orderId: string, status: string) =>
  eventually(
    () => orderNow(orderId),
    (order) => order.status === status,
  );
const placed = async (order: object = {}, key?: string): Promise<string> => {
  const { status, body, text } = await place(order, key);
  if (status !== 202) throw new Error(text);
  return (body as OrderBody).orderId;
};

describe("placing an order", () => {
  test("answers once it is durable, sends it once, and books its fills", async () => {
    const answer = await place({ quantity: "3000" });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: "CREATED", quantity: "3000", price: ceiling(), version: 1 });
    const { orderId } = answer.body as OrderBody;
    expect(answer.headers.get("location")).toBe(`/api/v1/orders/${orderId}`);
    await becomes(orderId, "ACCEPTED");
    simulator.exchange.matchAll();
    await becomes(orderId, "PARTIALLY_FILLED");
    for (let round = 0; round < 50; round++) simulator.exchange.matchAll();
    expect(await becomes(orderId, "FILLED")).toMatchObject({ filledQuantity: "3000" });
    expect(submissions()).toBe(1);

    const { executions } = (await get(`/api/v1/orders/${orderId}`)).body as { executions: { quantity: string }[] };
    expect(executions.length).toBeGreaterThan(1);
    expect(executions.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n)).toBe(3000n);
    const { transactions } = (await get("/api/v1/broker/transactions")).body as { transactions: object[] };
    expect(transactions).toHaveLength(executions.length);
    expect(transactions[0]).toMatchObject({
      type: "BUY",
      symbol: "GARAN",
      currency: "TRY",
      status: "PENDING",
      orderId,
    });
    const { body } = await get("/api/v1/broker/positions");
    expect(body).toMatchObject({ positions: [{ symbol: "GARAN", quantity: "3000" }] });
  });

  test("sends the order itself: symbol, side, lots and price as asked", async () => {
    await becomes(await placed({ symbol: "THYAO", type: "MARKET", price: undefined, quantity: "7" }), "ACCEPTED");
    expect(simulator.exchange.ordersOf(trader.customer)).toMatchObject([
      { symbol: "THYAO", side: "BUY", quantity: 7n, price: 0n },
    ]);
  });

  test("without an Idempotency-Key is not understood", async () => {
    const answer = await service.call("POST", "/api/v1/orders", {
      token: trader.token,
      body: { ...anyOrder, price: ceiling() },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: "IDEMPOTENCY_KEY_REQUIRED" } });
  });

  test("again with the same key and order gives the first answer again, and sends nothing", async () => {
    const key = randomUUID();
    const first = await place({}, key);
    await becomes((first.body as OrderBody).orderId, "ACCEPTED");
    const second = await place({}, key);
    expect(second.status).toBe(202);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect(submissions()).toBe(1);
  });

  test("again with the same key and another order is refused", async () => {
    const key = randomUUID();
    await place({}, key);
    expect(await place({ quantity: "11" }, key)).toMatchObject({
      status: 422,
      body: { code: "IDEMPOTENCY_KEY_REUSED" },
    });
  });

  test("while the first request with the key is running is a conflict", async () => {
    const key = randomUUID();
    await database.query("BEGIN");
    await database.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `idempotency:${trader.userId}:${key}`,
    ]);
    const answer = await place({}, key);
    await database.query("COMMIT");
    expect(answer).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_KEY_IN_USE" } });
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  test("at once from many sides with one key makes one order", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => place({}, key)));
    const orders = new Set(
      answers.filter(({ status }) => status === 202).map(({ body }) => (body as OrderBody).orderId),
    );
    expect(orders.size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    await becomes([...orders][0] ?? "", "ACCEPTED");
    expect(submissions()).toBe(1);
  });

  test("under a client order id that is taken is refused, whatever the key", async () => {
    await place({ clientOrderId: "mine" });
    expect(await place({ clientOrderId: "mine" })).toMatchObject({
      status: 409,
      body: { code: "DUPLICATE_CLIENT_ORDER_ID" },
    });
  });

  test.each([
    [{ price: "1000.01" }, 422, "INVALID_PRICE_TICK"],
    [{ quantity: "0" }, 422, "INVALID_QUANTITY"],
    [{ price: undefined }, 422, "INVALID_PRICE"],
    [{ type: "MARKET" }, 422, "INVALID_PRICE"],
    [{ price: "1e3" }, 400, "INVALID_REQUEST"],
    [{ timeInForce: "GTC" }, 400, "INVALID_REQUEST"],
    [{ surprise: true }, 400, "INVALID_REQUEST"],
  ])("with %j is answered %s %s", async (change, status, code) => {
    expect(await place(change)).toMatchObject({ status, body: { code } });
    expect(submissions()).toBe(0);
  });

  test("outside the day's limits never leaves, whether they were known or had to be asked for", async () => {
    await database.query("DELETE FROM price_limits");
    const order = await becomes(await placed({ price: "5000.00" }), "REJECTED");
    expect(order.statusReason).toMatch(/^PRICE_OUT_OF_LIMITS: price 5000.00 is outside today's limits of GARAN/);
    expect(await place({ price: "5000.00" })).toMatchObject({ status: 422, body: { code: "PRICE_OUT_OF_LIMITS" } });
    expect(submissions()).toBe(0);
  });

  test("that the broker refuses under success: true is rejected with the broker's words", async () => {
    const order = await becomes(await placed({ quantity: "90000000" }), "REJECTED");
    expect(order.statusReason).toMatch("TradeLimitInsufficient");
  });

  test("for a share that the broker does not know is rejected", async () => {
    const order = await becomes(await placed({ symbol: "NOSUCH" }), "REJECTED");
    expect(order.statusReason).toMatch("INVALID_SYMBOL");
    expect(submissions()).toBe(0);
  });

  test("without a session at the broker is a conflict", async () => {
    await service.call("POST", "/api/v1/broker/auth/logout", { token: trader.token });
    expect(await place()).toMatchObject({ status: 409, body: { code: "BROKER_SESSION_REQUIRED" } });
  });
});

describe("an answer that was not seen", () => {
  test.each(["drop-after-accepting", "garbage", "silence"] as const)(
    "%s: the order is found in the broker's list and was sent once",
    async (kind) => {
      simulator.faults.add({ at: "SendOrder", kind, times: 1, customer: trader.customer });
      const orderId = await placed();
      const order = await becomes(orderId, "ACCEPTED");
      const [atBroker, ...others] = simulator.exchange.ordersOf(trader.customer);
      expect(others).toEqual([]);
      expect(order.brokerReference).toBe(atBroker?.reference);
      expect(submissions()).toBe(1);
    },
  );

  test.each(["drop", "error"] as const)(
    "%s: the order is rejected once the list proves that it did not arrive",
    async (kind) => {
      simulator.faults.add({ at: "SendOrder", kind, times: 1, customer: trader.customer });
      const orderId = await placed();
      await becomes(orderId, "UNKNOWN");
      expect((await becomes(orderId, "REJECTED")).statusReason).toMatch("NOT_RECEIVED");
      expect(submissions()).toBe(0);
    },
  );

  test("is counted as long as it is in doubt, with its age", async () => {
    // What the desk of the test before saw last may be a tenth of a second old.
    await eventually(
      () => figure(metrics.ordersUnknownAge),
      (seconds) => seconds === 0,
    );
    simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1, customer: trader.customer });
    simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer: trader.customer });
    const orderId = await placed();
    await eventually(
      () => figure(metrics.ordersUnknownAge),
      (age) => age > 0.5,
    );
    expect(await figure(metrics.ordersUnknown)).toBe(1);
    simulator.faults.clear();
    await becomes(orderId, "REJECTED");
    await eventually(
      () => figure(metrics.ordersUnknownAge),
      (age) => age === 0,
    );
  });

  test("of one order does not lend its reference to an order that looks the same", async () => {
    const first = await placed();
    await becomes(first, "ACCEPTED");
    simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1, customer: trader.customer });
    const second = await placed();
    const third = await placed();
    await becomes(second, "REJECTED");
    await becomes(third, "ACCEPTED");
    const references = await Promise.all([first, third].map(async (id) => (await orderNow(id)).brokerReference));
    expect(references).toEqual(simulator.exchange.ordersOf(trader.customer).map(({ reference }) => reference));
  });

  test("stays UNKNOWN while an order from elsewhere could be it as well", async () => {
    simulator.faults.add({ at: "SendOrder", kind: "drop-after-accepting", times: 1, customer: trader.customer });
    simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer: trader.customer });
    const orderId = await placed({ quantity: "77" });
    await becomes(orderId, "UNKNOWN");
    const [real] = simulator.exchange.ordersOf(trader.customer);
    const { symbol, side, quantity, price } = real ?? { symbol: "", side: "BUY", quantity: 0n, price: 0n };
    simulator.exchange.place(trader.customer, { symbol, side, quantity, price });
    simulator.faults.clear();
    await eventually(
      () => service.logged.some((line) => line["orderId"] === orderId && Array.isArray(line["references"])),
      Boolean,
    );
    expect((await orderNow(orderId)).status).toBe("UNKNOWN");
  });
});

test("an event that nobody tells is seen to wait", async () => {
  await eventually(
    () => figure(metrics.eventsWaiting),
    (seconds) => seconds < 5,
  );
  await database.query("ALTER TABLE outbox RENAME TO outbox_away");
  try {
    await eventually(
      () => figure(metrics.eventsWaiting),
      (seconds) => seconds > 2.5,
    );
  } finally {
    await database.query("ALTER TABLE outbox_away RENAME TO outbox");
  }
  await eventually(
    () => figure(metrics.eventsWaiting),
    (seconds) => seconds < 2,
  );
});

describe("changing an order", () => {
  test("moves its price and cancels it", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    const moved = await service.call("PUT", `/api/v1/orders/${orderId}`, {
      token: trader.token,
      body: { price: floor() },
    });
    expect(moved).toMatchObject({ status: 202, body: { request: { kind: "MODIFY", status: "PENDING" } } });
    await eventually(
      () => orderNow(orderId),
      ({ price }) => price === floor(),
    );
    await eventually(
      () => service.call("DELETE", `/api/v1/orders/${orderId}`, { token: trader.token }),
      ({ status }) => status === 202,
    );
    await becomes(orderId, "CANCELLED");
    expect(simulator.exchange.ordersOf(trader.customer)[0]).toMatchObject({ state: "DELETED" });
    const again = await service.call("DELETE", `/api/v1/orders/${orderId}`, { token: trader.token });
    expect(again).toMatchObject({ status: 409, body: { code: "CANNOT_CANCEL" } });
  });

  test("whose answer was not seen is settled by the list", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    simulator.faults.add({ at: "ModifyOrder", kind: "drop-after-accepting", times: 1, customer: trader.customer });
    await service.call("PUT", `/api/v1/orders/${orderId}`, { token: trader.token, body: { price: floor() } });
    await eventually(
      () => orderNow(orderId),
      ({ price }) => price === floor(),
    );
    simulator.faults.add({ at: "DeleteOrder", kind: "drop", times: 1, customer: trader.customer });
    const remove = () => service.call("DELETE", `/api/v1/orders/${orderId}`, { token: trader.token });
    await eventually(remove, ({ status }) => status === 202);
    const settled = () =>
      database.query<{ status: string }>("SELECT status FROM order_requests WHERE order_id = $1 AND kind = 'CANCEL'", [
        orderId,
      ]);
    await eventually(settled, ([request]) => request?.status === "REFUSED");
    expect((await orderNow(orderId)).status).toBe("ACCEPTED");
  });

  test("of somebody else is not found (ASVS 8.2.2)", async () => {
    const orderId = await placed();
    const stranger = await testToken();
    for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { price: floor() }]] as const) {
      const answer = await service.call(method, `/api/v1/orders/${orderId}`, { token: stranger, body });
      expect(answer).toMatchObject({ status: 404, body: { code: "ORDER_NOT_FOUND" } });
    }
    const { body } = await service.call("GET", "/api/v1/orders", { token: stranger });
    expect(body).toEqual({ orders: [], next: null });
  });
});

describe("the session at the broker", () => {
  test("is sealed in the database, and neither password nor customer number is there or in the log", async () => {
    const rows = await database.query<Record<string, unknown>>(
      "SELECT s::text AS session, a::text AS account FROM algolab_sessions s JOIN broker_accounts a USING (account_id)",
    );
    const stored = JSON.stringify(rows) + JSON.stringify(service.logged);
    expect(rows.length).toBeGreaterThan(0);
    for (const secret of [trader.customer, "a password", Buffer.from("a password").toString("hex")]) {
      expect(stored).not.toContain(secret);
    }
  });

  test("that the broker ended is noticed, and a new login takes over", async () => {
    simulator.sessions.expire(trader.customer);
    await get("/api/v1/broker/cash-flow").catch(() => undefined);
    const status = () => get("/api/v1/broker/auth/status");
    await eventually(status, ({ body }) => (body as { state: string }).state === "LOGGED_OUT");
  });

  test("of one customer cannot belong to two users", async () => {
    const token = await testToken();
    const login = { username: trader.customer, password: "a password" };
    const answer = await service.call("POST", "/api/v1/broker/auth/login", { token, body: login });
    expect(answer).toMatchObject({ status: 409, body: { code: "BROKER_ACCOUNT_TAKEN" } });
  });

  test("with a wrong code is refused", async () => {
    const token = await testToken();
    const login = { username: "20000000046", password: "a password" };
    await service.call("POST", "/api/v1/broker/auth/login", { token, body: login });
    const answer = await service.call("POST", "/api/v1/broker/auth/verify-otp", { token, body: { code: "0000" } });
    expect(answer).toMatchObject({ status: 401, body: { code: "BROKER_REFUSED_LOGIN" } });
  });

  test("shows cash and portfolio as the broker tells them", async () => {
    expect((await get("/api/v1/broker/cash-flow")).body).toMatchObject({ figures: { t0: "100000000.00" } });
    expect((await get("/api/v1/broker/portfolio")).body).toMatchObject({ figures: { t0overall: "100000000.00" } });
  });
});

test("the service describes itself as agreed", async () => {
  const { body } = await service.call("GET", "/openapi.json");
  expect(body).toMatchSnapshot();
});
