import { SessionVault } from "../../../app/packages/algolab/session-vault";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { eventually, placing, anyOrder, startBrokerIntegration, testSessionSecret } from "../support/broker";
import { KeyedBroker } from "../support/keyed-broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";

const anyKey = () => `API-${randomBytes(32).toString("base64")}`;
const [ayse, burak, platform] = ["1000000001", "1000000002", "1000000003"];
const keys: Record<string, string> = { [ayse]: anyKey(), [burak]: anyKey(), [platform]: anyKey() };
const auth = "/api/v1/broker/auth";

let database: TestDatabase;
let broker: KeyedBroker;
let service: TestService;

beforeAll(async () => {
  database = await createTestDatabase();
  broker = await KeyedBroker.start({ keys, subAccounts: ["100", "200"] });
  service = await startBrokerIntegration(database, broker.url, {}, { apiKey: undefined });
});
afterAll(async () => {
  await service.stop();
  await broker.close();
  await database.drop();
});

async function user(on = service) {
  const userId = randomUUID();
  const token = await testToken({ userId });
  const call = (method: string, path: string, body?: object) => on.call(method, path, { token, body });
  const start = (customer: string, more: object = {}) =>
    call("POST", `${auth}/login`, { username: customer, password: "a password", ...more });
  const prove = async (customer: string, more: object = {}) => {
    const { status, text } = await start(customer, more);
    if (status !== 202) throw new Error(text);
    return call("POST", `${auth}/verify-otp`, { code: broker.smsCode(customer) });
  };
  return { userId, token, call, start, prove };
}

describe("an API key", () => {
  test("is needed where the platform has none", async () => {
    const one = await user();
    expect((await one.start(ayse)).body).toMatchObject({ status: 422, code: "API_KEY_REQUIRED" });
  });

  test("given with the login signs all of the customer's calls and its socket, and is known the next time", async () => {
    const [one, other] = [await user(), await user()];
    expect((await one.prove(ayse, { apiKey: keys[ayse] })).status).toBe(200);
    expect((await other.prove(burak, { apiKey: keys[burak] })).status).toBe(200);
    for (const each of [one, other]) expect((await each.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
    await eventually(
      () => broker.sockets,
      (sockets) => sockets.includes(ayse) && sockets.includes(burak),
    );
    expect((await one.prove(ayse)).status).toBe(200);
    expect(broker.turnedAway).toEqual([]);
  });

  test("of another customer opens nothing, and the one that was known stays", async () => {
    const one = await user();
    const before = broker.turnedAway.length;
    expect((await one.start(ayse, { apiKey: keys[burak] })).body).toMatchObject({ code: "BROKER_REFUSED_LOGIN" });
    expect(broker.turnedAway.length).toBe(before);
    expect((await one.start(ayse, { apiKey: anyKey() })).body).toMatchObject({ code: "BROKER_REFUSED_LOGIN" });
    expect((await one.start(ayse)).body).toMatchObject({ code: "API_KEY_REQUIRED" });
  });

  describe("that was given while a login waits for its code", () => {
    const vault = new SessionVault(testSessionSecret);
    const kept = async (userId: string) => {
      const sql = "SELECT api_key FROM broker_api_keys WHERE user_id = $1";
      const [row] = await database.query<{ api_key: Buffer }>(sql, [userId]);
      return row && vault.open(userId, row.api_key);
    };
    const give = async (userId: string, apiKey: string) => {
      const answer = await service.call("PUT", `/api/v1/broker/api-keys/${userId}`, {
        token: await testToken(),
        body: { apiKey },
      });
      expect(answer.status).toBe(204);
    };
    /** A user whose login waits, begun with a key of its own or with the one that was kept. */
    const waiting = async (ownKey: boolean) => {
      const one = await user();
      const [customer, older] = [randomInt(2_000_000_000, 9_999_999_999).toString(), anyKey()];
      keys[customer] = older;
      if (!ownKey) await give(one.userId, older);
      expect((await one.start(customer, ownKey ? { apiKey: older } : {})).status).toBe(202);
      const enter = () => one.call("POST", `${auth}/verify-otp`, { code: broker.smsCode(customer) });
      return { ...one, customer, enter };
    };

    test.each([true, false])("stays when the login is proven, whether that brought one or not: %s", async (ownKey) => {
      const [one, newer] = [await waiting(ownKey), anyKey()];
      await give(one.userId, newer);
      expect((await one.enter()).body).toMatchObject({ state: "LOGGED_IN" });
      expect(await kept(one.userId)).toBe(newer);
      // The session goes by the key that opened it.
      expect((await one.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
    });

    test("or taken back then, does not come back by a login that had brought none", async () => {
      const one = await waiting(false);
      const path = `/api/v1/broker/api-keys/${one.userId}`;
      expect((await service.call("DELETE", path, { token: await testToken() })).status).toBe(204);
      expect((await one.enter()).body).toMatchObject({ state: "LOGGED_IN" });
      expect(await kept(one.userId)).toBeUndefined();
    });

    test("gives way to one that comes with a later login", async () => {
      const [one, newer] = [await waiting(false), anyKey()];
      keys[one.customer] = newer;
      expect((await one.prove(one.customer, { apiKey: newer })).status).toBe(200);
      expect(await kept(one.userId)).toBe(newer);
    });
  });

  test("that was sealed with another secret is none", async () => {
    const one = await user();
    const sealed = new SessionVault("another secret, which is as long as it must be").seal(
      one.userId,
      keys[ayse] ?? "",
    );
    await database.query("INSERT INTO broker_api_keys (user_id, api_key) VALUES ($1, $2)", [one.userId, sealed]);
    expect((await one.start(ayse)).body).toMatchObject({ status: 422, code: "API_KEY_REQUIRED" });
  });

  test.each([
    ["too short", "API-c2hvcnQ="],
    ["no base64", `API-${"!".repeat(43)}=`],
    ["with a line break, which a header would carry on", `${keys[ayse]}\r\nX: y`],
    ["with something behind it", `${keys[ayse]}AAAA`],
  ])("%s is refused without being repeated", async (_, apiKey) => {
    const answer = await (await user()).start(ayse, { apiKey });
    expect(answer.body).toMatchObject({ status: 422, code: "INVALID_API_KEY" });
    expect(answer.text).not.toContain(apiKey.slice(4, 12));
  });

  test("is given by an administrator for a user's next login, taken back, and by nobody else", async () => {
    const admin = await testToken();
    const one = await user();
    const path = `/api/v1/broker/api-keys/${one.userId}`;
    const stranger = await testToken({ authorities: ["trading:read"] });
    const body = { apiKey: keys[platform] };
    expect((await service.call("PUT", path, { token: stranger, body })).status).toBe(403);
    expect((await service.call("PUT", path, { token: admin, body: { apiKey: "API-x" } })).body).toMatchObject({
      code: "INVALID_API_KEY",
    });
    expect((await service.call("PUT", path, { token: admin, body })).status).toBe(204);
    expect((await one.prove(platform)).status).toBe(200);
    expect((await service.call("DELETE", path, { token: admin })).status).toBe(204);
    expect((await service.call("DELETE", path, { token: admin })).body).toMatchObject({ code: "API_KEY_NOT_FOUND" });
    // The session goes on with the key that it was opened with.
    expect((await one.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
    expect((await one.start(platform)).body).toMatchObject({ code: "API_KEY_REQUIRED" });
  });

  test("of the platform is used where a customer has none, and a customer's own goes before it", async () => {
    const own = await createTestDatabase();
    const other = await KeyedBroker.start({ keys });
    const replica = await startBrokerIntegration(own, other.url, {}, { apiKey: keys[platform] });
    const [owner, customer] = [await user(replica), await user(replica)];
    await owner.start(platform);
    const code = { code: other.smsCode(platform) };
    expect((await owner.call("POST", `${auth}/verify-otp`, code)).status).toBe(200);
    expect((await customer.start(ayse)).body).toMatchObject({ code: "BROKER_REFUSED_LOGIN" });
    expect((await customer.start(ayse, { apiKey: keys[ayse] })).status).toBe(202);
    expect((await owner.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
    await replica.stop();
    await other.close();
    await own.drop();
  });

  test("is in no log, no answer and in no row, nor is its code", async () => {
    const rows = await database.query<{ row: string }>(
      `SELECT t::text AS row FROM broker_api_keys t UNION ALL SELECT t::text FROM algolab_sessions t
       UNION ALL SELECT t::text FROM broker_logins t UNION ALL SELECT t::text FROM outbox t`,
    );
    expect(rows.length).toBeGreaterThan(3);
    const kept = JSON.stringify(rows) + JSON.stringify(service.logged);
    for (const key of Object.values(keys)) {
      const code = key.slice(4);
      for (const text of [code, Buffer.from(code).toString("hex"), Buffer.from(code, "base64").toString("hex")])
        expect(kept).not.toContain(text);
    }
  });
});

describe("a sub-account", () => {
  const customer = "1000000004";
  const apiKey = anyKey();
  let one: Awaited<ReturnType<typeof user>>;
  const askedFor = (endpoint: string) =>
    broker.calls
      .filter((call) => call.customer === customer && call.endpoint === endpoint)
      .map((call) => call.subAccount);
  const choose = (number: string) => one.call("PUT", "/api/v1/broker/sub-account", { number });
  const place = () =>
    service.call("POST", "/api/v1/orders", placing({ ...one, customer }, { ...anyOrder, price: "10.00" }));
  const becomes = (orderId: string, status: string) =>
    eventually(
      async () => ((await one.call("GET", `/api/v1/orders/${orderId}`)).body as { order: { status: string } }).order,
      (order) => order.status === status,
    );

  beforeAll(async () => {
    keys[customer] = apiKey;
    one = await user();
    await one.prove(customer, { apiKey });
  });

  test("is one of those that the broker lists", async () => {
    expect((await one.call("GET", "/api/v1/broker/sub-accounts")).body).toMatchObject({
      subAccounts: [
        { number: "100", tradeLimit: "7248.61" },
        { number: "200", tradeLimit: "7248.61" },
      ],
    });
    expect((await choose("300")).body).toMatchObject({ status: 422, code: "UNKNOWN_SUB_ACCOUNT" });
    expect((await choose("20 0")).status).toBe(400);
  });

  test("chosen is what views, orders and lists go by from then on", async () => {
    expect((await choose("200")).status).toBe(204);
    expect((await one.call("GET", `${auth}/status`)).body).toMatchObject({ subAccount: "200" });
    expect((await one.call("GET", "/api/v1/broker/cash-flow")).body).toMatchObject({ figures: { t2: "200" } });
    const { orderId } = (await place()).body as { orderId: string };
    await becomes(orderId, "ACCEPTED");
    expect(askedFor("SendOrder")).toEqual(["200"]);
    await eventually(
      () => askedFor("TodaysTransaction"),
      (asked) => asked.at(-1) === "200",
    );
  });

  test("stays while orders of it are under way: they are looked for there", async () => {
    expect((await choose("100")).body).toMatchObject({ status: 409, code: "SUB_ACCOUNT_HAS_ORDERS" });
    const login = await one.prove(customer, { subAccount: "100" });
    const kept = { state: "AWAITING_SUB_ACCOUNT", subAccount: "200", wantedSubAccount: "100" };
    expect(login.body).toMatchObject({ ...kept, subAccountProblem: "SUB_ACCOUNT_HAS_ORDERS" });
    expect((await place()).body).toMatchObject({ status: 409, code: "SUB_ACCOUNT_REQUIRED" });
    // The new session goes on with the orders that are under way.
    const listed = askedFor("TodaysTransaction").length;
    await eventually(
      () => askedFor("TodaysTransaction").slice(listed),
      (asked) => asked.includes("200"),
    );
    expect((await choose("200")).status).toBe(204);
    expect((await one.call("GET", `${auth}/status`)).body).toMatchObject({
      state: "LOGGED_IN",
      wantedSubAccount: null,
    });
    await database.query(
      "UPDATE orders SET status = 'EXPIRED', version = version + 1, completed_at = now() WHERE user_id = $1",
      [one.userId],
    );
    expect((await choose("100")).status).toBe(204);
  });

  test("is chosen with the login, and stays where the next names none", async () => {
    const other = await user();
    keys["1000000005"] = anyKey();
    const login = { apiKey: keys["1000000005"], subAccount: "200" };
    expect((await other.prove("1000000005", login)).body).toMatchObject({ subAccount: "200" });
    expect((await other.prove("1000000005")).body).toMatchObject({ state: "LOGGED_IN", subAccount: "200" });
    expect((await other.call("GET", "/api/v1/broker/cash-flow")).body).toMatchObject({ figures: { t2: "200" } });
  });

  test("that the broker does not list costs the login no second code: another is chosen", async () => {
    const other = await user();
    keys["1000000006"] = anyKey();
    const unknown = await other.prove("1000000006", { apiKey: keys["1000000006"], subAccount: "300" });
    const state = { state: "AWAITING_SUB_ACCOUNT", subAccount: "", wantedSubAccount: "300" };
    expect(unknown.body).toMatchObject({ ...state, subAccountProblem: "UNKNOWN_SUB_ACCOUNT" });
    expect((await other.call("PUT", "/api/v1/broker/sub-account", { number: "100" })).status).toBe(204);
    expect((await other.call("GET", `${auth}/status`)).body).toMatchObject({
      ...{ state: "LOGGED_IN", subAccount: "100", wantedSubAccount: null, subAccountProblem: null },
    });
  });
});
