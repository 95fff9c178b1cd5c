import { randomUUID } from "node:crypto";
import { databaseVariables } from "../../../app/packages/contract/database";
import { formatPrice } from "../../../app/packages/bist/price";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import type { Trader } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { runCommand } from "../support/process";
import type { TestService } from "../support/service";
import { registerUser, signIn, startUserManagement } from "../support/users";
import type { TestUser } from "../support/users";

let database: TestDatabase;
let simulator: Simulator;
let service: TestService;
let users: TestService;
const sent: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator({ onCall: (endpoint, customer) => sent.push(`${endpoint} ${customer}`) });
  service = await startBrokerIntegration(database, simulator.url);
  users = await startUserManagement(database);
});
afterEach(() => {
  simulator.faults.clear();
});
afterAll(async () => {
  await service.stop();
  await users.stop();
  await simulator.close();
  await database.drop();
});

interface OrderBody {
  readonly orderId: string;
  readonly status: string;
  readonly statusReasonCode: string | null;
}
const order = async (trader: Trader, orderId: string) =>
  ((await service.call("GET", `/api/v1/orders/${orderId}`, { token: trader.token })).body as { order: OrderBody })
    .order;
const place = async (trader: Trader) => {
  const price = formatPrice(simulator.exchange.market.shares.get("GARAN")?.limits.floor ?? 0n);
  return service.call("POST", "/api/v1/orders", placing(trader, { ...anyOrder, price }));
};
const state = async ({ token }: Trader) =>
  ((await service.call("GET", "/api/v1/broker/auth/status", { token })).body as { state: string }).state;
const becomes = (trader: Trader, orderId: string, status: string) =>
  eventually(
    () => order(trader, orderId),
    (found) => found.status === status,
  );
const insertOrder = (trader: Trader) =>
  database.query<{ order_id: string }>(
    `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price)
     SELECT $1::uuid, $1::uuid::text, user_id, account_id, 'GARAN', 'BUY', 'LIMIT', 10, 100 FROM broker_accounts WHERE user_id = $2
     RETURNING order_id`,
    [randomUUID(), trader.userId],
  );

/** A user of user-management who is logged in at the broker; its tokens for trading are of another issuer, and live on. */
async function tradingUser(): Promise<{ trader: Trader; user: TestUser }> {
  const user = await registerUser(users);
  return { user, trader: await logIn(service, (customer) => simulator.smsCode(customer), user.userId) };
}

async function administrator(): Promise<string> {
  const manager = await registerUser(users);
  await database.query("UPDATE users SET roles = '{ADMIN}' WHERE user_id = $1", [manager.userId]);
  return (await signIn(users, manager)).accessToken;
}

const setStatus = async (token: string, userId: string, status: string) =>
  users.call("PUT", `/api/v1/users/${userId}/status`, { token, body: { status, reason: "a test" } });

describe("a user who is suspended", () => {
  test("is logged out at the broker, cannot trade or log in there, and its open orders stay at the broker", async () => {
    const { trader, user } = await tradingUser();
    const { orderId } = (await place(trader)).body as OrderBody;
    await becomes(trader, orderId, "ACCEPTED");
    const login = { username: trader.customer, password: "a password" };
    await service.call("POST", "/api/v1/broker/auth/login", { token: trader.token, body: login });
    const answer = await setStatus(await administrator(), user.userId, "SUSPENDED");
    expect(answer.body).toEqual({
      userId: user.userId,
      status: "SUSPENDED",
      orders: { notSent: 0, atBroker: 1 },
    });
    await eventually(
      () => state(trader),
      (now) => now === "LOGGED_OUT",
    );
    const refused = { status: 403, code: "ACCOUNT_NOT_ACTIVE" };
    expect((await place(trader)).body).toMatchObject(refused);
    const { token } = trader;
    const body = { code: simulator.smsCode(trader.customer) };
    expect((await service.call("POST", "/api/v1/broker/auth/verify-otp", { token, body })).body).toMatchObject(refused);
    expect((await service.call("POST", "/api/v1/broker/auth/login", { token, body: login })).body).toMatchObject(
      refused,
    );
    expect((await order(trader, orderId)).status).toBe("ACCEPTED");
    expect(
      await database.query(
        "SELECT 1 FROM algolab_sessions WHERE user_id = $1 AND (hash IS NOT NULL OR active OR length(token) > 0)",
        [trader.userId],
      ),
    ).toEqual([]);
  });

  test("has nothing sent that was not: orders and requests end with a reason of their own", async () => {
    const { trader, user } = await tradingUser();
    const { orderId } = (await place(trader)).body as OrderBody;
    await becomes(trader, orderId, "ACCEPTED");
    await service.call("POST", "/api/v1/broker/auth/logout", { token: trader.token });
    const [waiting] = await insertOrder(trader);
    await database.query(
      `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind)
       SELECT $1, order_id, user_id, account_id, 'CANCEL' FROM orders WHERE order_id = $2`,
      [randomUUID(), orderId],
    );
    const answer = await setStatus(await administrator(), user.userId, "SUSPENDED");
    expect(answer.body).toMatchObject({ orders: { notSent: 1, atBroker: 1 } });
    await becomes(trader, waiting?.order_id ?? "", "REJECTED");
    expect(await order(trader, waiting?.order_id ?? "")).toMatchObject({ statusReasonCode: "USER_SUSPENDED" });
    const request = () =>
      database.query<{ status: string }>("SELECT status, reason FROM order_requests WHERE order_id = $1", [orderId]);
    expect(await eventually(request, ([{ status } = { status: "" }]) => status !== "PENDING")).toEqual([
      { status: "REFUSED", reason: "USER_SUSPENDED: the user may not trade" },
    ]);
    expect(sent.filter((call) => call === `SendOrder ${trader.customer}`)).toHaveLength(1);
    expect(sent).not.toContain(`DeleteOrder ${trader.customer}`);
  });

  test("has nothing sent although the account's worker sees the order first", async () => {
    const { trader } = await tradingUser();
    const [row] = await database.query<{ order_id: string }>(
      `WITH suspended AS (
         INSERT INTO suspended_users (user_id, status) VALUES ($2, 'SUSPENDED')
       ), placed AS (
         INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity)
         SELECT $1::uuid, $1::uuid::text, user_id, account_id, 'GARAN', 'BUY', 'MARKET', 10 FROM broker_accounts WHERE user_id = $2
         RETURNING order_id, account_id)
       SELECT order_id, pg_notify('trading_work', account_id::text) FROM placed`,
      [randomUUID(), trader.userId],
    );
    const { statusReasonCode } = await becomes(trader, row?.order_id ?? "", "REJECTED");
    expect(statusReasonCode).toBe("USER_SUSPENDED");
    expect(sent).not.toContain(`SendOrder ${trader.customer}`);
  });

  test("is found by a broker-integration that was down when it happened", async () => {
    const { trader, user } = await tradingUser();
    await service.stop();
    const [waiting] = await insertOrder(trader);
    await setStatus(await administrator(), user.userId, "SUSPENDED");
    service = await startBrokerIntegration(database, simulator.url);
    await becomes(trader, waiting?.order_id ?? "", "REJECTED");
    expect(await state(trader)).toBe("LOGGED_OUT");
    expect(sent).not.toContain(`SendOrder ${trader.customer}`);
  });

  test("logs in at the broker again once it is active", async () => {
    const { trader, user } = await tradingUser();
    const admin = await administrator();
    await setStatus(admin, user.userId, "SUSPENDED");
    await eventually(
      () => state(trader),
      (now) => now === "LOGGED_OUT",
    );
    expect((await setStatus(admin, user.userId, "ACTIVE")).status).toBe(200);
    const login = { username: trader.customer, password: "a password" };
    const { token } = trader;
    expect((await service.call("POST", "/api/v1/broker/auth/login", { token, body: login })).status).toBe(202);
  });

  test("is suspended on every replica, whichever has the account", async () => {
    const other = await startBrokerIntegration(database, simulator.url);
    const { trader, user } = await tradingUser();
    await setStatus(await administrator(), user.userId, "SUSPENDED");
    for (const replica of [service, other]) {
      await eventually(
        async () => (await replica.call("GET", "/api/v1/broker/auth/status", { token: trader.token })).body,
        (body) => (body as { state: string }).state === "LOGGED_OUT",
      );
      const placed = await replica.call("POST", "/api/v1/orders", placing(trader, { ...anyOrder, price: "100.00" }));
      expect(placed.body).toMatchObject({ code: "ACCOUNT_NOT_ACTIVE" });
    }
    await other.stop();
  });
});

test("a user who deactivates the account is logged out at the broker, and its API key is forgotten", async () => {
  const { trader, user } = await tradingUser();
  const { accessToken: token } = await signIn(users, user);
  await database.query("INSERT INTO broker_api_keys (user_id, api_key) VALUES ($1, 'sealed')", [user.userId]);
  const body = { password: user.password };
  expect((await users.call("POST", "/api/v1/users/deactivate", { token, body })).status).toBe(204);
  await eventually(
    () => state(trader),
    (now) => now === "LOGGED_OUT",
  );
  expect(await database.query("SELECT 1 FROM broker_api_keys WHERE user_id = $1", [user.userId])).toEqual([]);
});

describe("suspend-user", () => {
  const run = (...given: string[]) => runCommand("suspend-user", databaseVariables(database.config), ...given);

  test("suspends by e-mail, says what is under way, and reactivates", async () => {
    const { trader, user } = await tradingUser();
    const { accessToken } = await signIn(users, user);
    const { code, stdout } = await run(user.email.toUpperCase(), "--reason", "a lost telephone");
    expect([code, stdout]).toEqual([
      0,
      `${user.email} is SUSPENDED; orders not sent, which are rejected: 0; orders at the broker, which stay until filled or the day ends: 0\n`,
    ]);
    await eventually(
      () => state(trader),
      (now) => now === "LOGGED_OUT",
    );
    expect((await users.call("GET", "/api/v1/users/profile", { token: accessToken })).status).toBe(401);
    expect((await run(user.email, "--reason", "found", "--reactivate")).stdout).toBe(`${user.email} is ACTIVE\n`);
    expect((await signIn(users, user)).accessToken).not.toBe("");
    const kept = "SELECT kind, reason FROM security_events WHERE user_id = $1 AND reason IS NOT NULL ORDER BY event_id";
    expect(await database.query(kept, [user.userId])).toEqual([
      { kind: "SUSPENDED", reason: "a lost telephone" },
      { kind: "REACTIVATED", reason: "found" },
    ]);
  });

  test("deactivates for good", async () => {
    const { trader, user } = await tradingUser();
    expect((await run(user.email, "--reason", "asked for", "--for-good")).code).toBe(0);
    await eventually(
      () => state(trader),
      (now) => now === "LOGGED_OUT",
    );
    expect(await run(user.email, "--reason", "again", "--reactivate")).toMatchObject({
      code: 1,
      stderr: `suspend-user: ${user.email} is deactivated, which is for good\n`,
    });
  });

  test("stops the trading of another issuer's user by id, and lets it go on", async () => {
    const trader = await logIn(service, (customer) => simulator.smsCode(customer));
    expect((await run(trader.userId, "--reason", "a lost telephone")).code).toBe(0);
    await eventually(
      () => state(trader),
      (now) => now === "LOGGED_OUT",
    );
    expect((await place(trader)).body).toMatchObject({ code: "ACCOUNT_NOT_ACTIVE" });
    expect((await run(trader.userId, "--reason", "found", "--reactivate")).code).toBe(0);
    expect((await place(trader)).body).toMatchObject({ code: "BROKER_SESSION_REQUIRED" });
    expect((await run(trader.userId, "--reason", "again", "--reactivate")).code).toBe(0);
    expect((await run(trader.userId, "--reason", "asked for", "--for-good")).code).toBe(0);
    for (const more of [[], ["--reactivate"]]) {
      expect(await run(trader.userId, "--reason", "x", ...more)).toMatchObject({
        code: 1,
        stderr: `suspend-user: ${trader.userId} is deactivated, which is for good\n`,
      });
    }
    const kept = "SELECT kind, reason FROM suspension_events WHERE user_id = $1 ORDER BY event_id";
    expect(await database.query(kept, [trader.userId])).toEqual([
      { kind: "SUSPENDED", reason: "a lost telephone" },
      { kind: "REACTIVATED", reason: "found" },
      { kind: "DEACTIVATED", reason: "asked for" },
    ]);
    for (const statement of ["UPDATE suspension_events SET reason = 'none'", "DELETE FROM suspension_events"])
      await expect(database.query(statement)).rejects.toThrow("suspension_events keeps what was written");
  });

  test.each([
    [["nobody@example.com", "--reason", "x"], "no user is registered as nobody@example.com"],
    [["a@example.com"], "usage: suspend-user"],
    [["--reason", "x"], "usage: suspend-user"],
    [["a@example.com", "b@example.com", "--reason", "x"], "usage: suspend-user"],
    [["a@example.com", "--reason", "x", "--for-good", "--reactivate"], "usage: suspend-user"],
    [["a@example.com", "--reason", "x", "--for-ever"], "usage: suspend-user"],
  ])("%j is refused with what would be right", async (given, message) => {
    expect(await run(...given)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) as unknown });
  });
});
