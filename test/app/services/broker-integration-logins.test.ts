import { randomInt, randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { formatPrice } from "../../../app/packages/bist/price";
import { SessionVault } from "../../../app/packages/algolab/session-vault";
import { Database } from "../../../app/packages/kit/database/database";
import type { Actor } from "../../../app/packages/kit/database/database";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import {
  anyOrder,
  eventually,
  placing,
  startBrokerIntegration,
  startTestSimulator,
  testSessionSecret,
} from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { Answer, TestService } from "../support/service";
import { testToken } from "../support/tokens";

let database: TestDatabase;
let simulator: Simulator;
let service: TestService;
const auth = "/api/v1/broker/auth";
const vault = new SessionVault(testSessionSecret);

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator({ subAccounts: ["100", "200"] });
  service = await startBrokerIntegration(database, simulator.url);
});
afterEach(() => {
  simulator.faults.clear();
});
afterAll(async () => {
  await service.stop();
  await simulator.close();
  await database.drop();
});

const anyCustomer = () => randomInt(1_000_000_000, 9_999_999_999).toString();

/** A user, and what it does at the broker. */
async function user() {
  const userId = randomUUID();
  const token = await testToken({ userId });
  const call = (method: string, path: string, body?: object) => service.call(method, path, { token, body });
  const start = (customer: string, more: object = {}) =>
    call("POST", `${auth}/login`, { username: customer, password: "a password", ...more });
  const enter = (code = "0000") => call("POST", `${auth}/verify-otp`, { code });
  return {
    userId,
    token,
    call,
    start,
    enter,
    status: async () => (await call("GET", `${auth}/status`)).body,
    /** Both steps, as the owner of the telephone. */
    prove: async (customer: string, more: object = {}): Promise<Answer> => {
      const { status, text } = await start(customer, more);
      if (status !== 202) throw new Error(text);
      return enter(simulator.smsCode(customer));
    },
  };
}

const accountOf = async (userId: string) =>
  (
    await database.query<{ account_id: string; sub_account: string; feeds_market_data: boolean }>(
      "SELECT account_id, sub_account, feeds_market_data FROM broker_accounts WHERE user_id = $1",
      [userId],
    )
  )[0];

describe("a customer's number", () => {
  test("is not claimed by a stranger who has no code: the owner logs in", async () => {
    const [stranger, owner, customer] = [await user(), await user(), anyCustomer()];
    expect((await stranger.start(customer)).status).toBe(202);
    expect((await stranger.enter()).status).toBe(401);
    expect(await accountOf(stranger.userId)).toBeUndefined();
    expect((await owner.prove(customer)).body).toMatchObject({ state: "LOGGED_IN" });
  });

  test("is tried five times in five minutes by one user at most, refused or not, and by another all the same", async () => {
    const [guesser, owner, customer] = [await user(), await user(), anyCustomer()];
    const steps = [];
    for (let guess = 0; guess < 3; guess += 1) steps.push(await guesser.start(customer), await guesser.enter());
    expect(steps.map(({ status }) => status)).toEqual([202, 401, 202, 401, 202, 429]);
    // Not even the right code is tried beyond.
    const { body, headers } = await guesser.enter(simulator.smsCode(customer));
    expect(body).toMatchObject({ status: 429, code: "RATE_LIMIT_EXCEEDED" });
    expect(Number(headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(await accountOf(guesser.userId)).toBeUndefined();
    expect((await owner.prove(customer)).status).toBe(200);
  });

  test("that was claimed without proof before bars nobody, and its claimant logs in with the right one", async () => {
    const [typist, owner, customer, right] = [await user(), await user(), anyCustomer(), anyCustomer()];
    await database.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      randomUUID(),
      typist.userId,
      vault.fingerprint(customer),
    ]);
    expect((await owner.prove(customer)).status).toBe(200);
    expect((await typist.prove(right)).status).toBe(200);
    expect((await typist.prove(right)).status).toBe(200);
  });

  test("that one user has proven does not pass to another who proves it, and nothing of either changes", async () => {
    const [first, second, customer] = [await user(), await user(), anyCustomer()];
    expect((await first.prove(customer)).status).toBe(200);
    expect((await second.prove(customer)).body).toMatchObject({ status: 409, code: "BROKER_ACCOUNT_TAKEN" });
    expect(await first.status()).toMatchObject({ state: "LOGGED_IN" });
    expect(await accountOf(second.userId)).toBeUndefined();
  });

  test("proven by two users at once becomes the account of one", async () => {
    const [users, customer] = [[await user(), await user(), await user()], anyCustomer()];
    const codes: (string | undefined)[] = [];
    for (const each of users) {
      await each.start(customer);
      codes.push(simulator.smsCode(customer));
    }
    const answers = await Promise.all(users.map((each, index) => each.enter(codes[index])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test("of a user who is deactivated is free once none of its orders is under way; what it did stays with it", async () => {
    const [first, second, customer] = [await user(), await user(), anyCustomer()];
    await first.prove(customer);
    const before = await accountOf(first.userId);
    const price = formatPrice(simulator.exchange.market.shares.get("GARAN")?.limits.floor ?? 0n);
    const placed = await service.call(
      "POST",
      "/api/v1/orders",
      placing({ ...first, customer }, { ...anyOrder, price }),
    );
    const { orderId } = placed.body as { orderId: string };
    await eventually(
      async () => (await database.query("SELECT status FROM orders WHERE order_id = $1", [orderId]))[0],
      (row) => (row as { status: string }).status === "ACCEPTED",
    );
    await database.query("INSERT INTO suspended_users (user_id, status) VALUES ($1, 'DEACTIVATED')", [first.userId]);
    expect((await second.prove(customer)).body).toMatchObject({ code: "BROKER_ACCOUNT_TAKEN" });
    await database.query(
      "UPDATE orders SET status = 'EXPIRED', version = version + 1, completed_at = now() WHERE order_id = $1",
      [orderId],
    );
    expect((await second.prove(customer)).status).toBe(200);
    expect(await accountOf(first.userId)).toEqual(before);
    expect(await database.query("SELECT user_id FROM orders WHERE order_id = $1", [orderId])).toEqual([
      { user_id: first.userId },
    ]);
    expect((await accountOf(second.userId))?.account_id).not.toBe(before?.account_id);
  });

  test("of a suspended user is not free: a suspension cannot be walked around", async () => {
    const [first, second, customer] = [await user(), await user(), anyCustomer()];
    await first.prove(customer);
    await database.query("INSERT INTO suspended_users (user_id, status) VALUES ($1, 'SUSPENDED')", [first.userId]);
    expect((await second.prove(customer)).body).toMatchObject({ code: "BROKER_ACCOUNT_TAKEN" });
  });

  test("another than the user's own is refused when it is proven, and not before", async () => {
    const [one, own, other] = [await user(), anyCustomer(), anyCustomer()];
    await one.prove(own);
    expect((await one.start(other)).status).toBe(202);
    const answer = await one.enter(simulator.smsCode(other));
    expect(answer.body).toMatchObject({ status: 409, code: "OTHER_BROKER_ACCOUNT" });
    expect(await one.status()).toMatchObject({ state: "LOGGED_IN" });
    expect((await (await user()).prove(other)).status).toBe(200);
  });
});

describe("a login that is proven", () => {
  const login = async () => ({ one: await user(), customer: anyCustomer() });
  const place = (one: { readonly userId: string; readonly token: string }, customer: string) =>
    service.call("POST", "/api/v1/orders", placing({ ...one, customer }, { ...anyOrder, price: "10.00" }));

  test.each(["drop", "garbage", "unauthorized"] as const)(
    "is kept where the sub-accounts cannot be listed (%s), and takes orders once they are",
    async (kind) => {
      const { one, customer } = await login();
      simulator.faults.add({ at: "GetSubAccounts", kind, customer });
      const awaiting = {
        state: "AWAITING_SUB_ACCOUNT",
        subAccount: "",
        wantedSubAccount: "200",
        subAccountProblem: null,
      };
      const answer = await one.prove(customer, { subAccount: "200" });
      expect([answer.status, answer.body]).toMatchObject([200, awaiting]);
      expect(await one.status()).toMatchObject(awaiting);
      expect((await place(one, customer)).body).toMatchObject({ status: 409, code: "SUB_ACCOUNT_REQUIRED" });
      // Also long after somebody asked for them last.
      await database.query(
        "UPDATE account_views SET requested_at = requested_at - interval '1 hour', failed_at = failed_at - interval '1 hour' WHERE user_id = $1",
        [one.userId],
      );
      simulator.faults.clear();
      await eventually(one.status, (status) => (status as { state: string }).state === "LOGGED_IN");
      expect(await one.status()).toMatchObject({ subAccount: "200", wantedSubAccount: null });
      expect((await place(one, customer)).body).not.toMatchObject({ code: "SUB_ACCOUNT_REQUIRED" });
    },
  );

  test.each([
    ["goes on waiting for the sub-account that the one before named", {}, [], "200"],
    ["waits for another where it names one", { subAccount: "300" }, [], "300"],
    ["names the first where it says so", { subAccount: "" }, [], null],
    ["waits for none after a logout", {}, ["logout"], null],
  ])("%s", async (_name, again, between, wanted) => {
    const { one, customer } = await login();
    simulator.faults.add({ at: "GetSubAccounts", kind: "drop", customer });
    expect((await one.prove(customer, { subAccount: "200" })).body).toMatchObject({ wantedSubAccount: "200" });
    for (const path of between) await service.call("POST", `/api/v1/broker/auth/${path}`, { token: one.token });
    expect((await one.prove(customer, again)).body).toMatchObject({ wantedSubAccount: wanted });
    simulator.faults.clear();
  });

  test("is kept where the database does not take it at first", async () => {
    const { one, customer } = await login();
    await database.query("CREATE SEQUENCE tries");
    await database.query(
      `CREATE FUNCTION refuse_first() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
       BEGIN
         IF nextval('tries') = 1 THEN RAISE EXCEPTION 'away' USING ERRCODE = 'query_canceled'; END IF;
         RETURN NEW;
       END $$`,
    );
    await database.query(
      "CREATE TRIGGER refuse_first BEFORE INSERT ON algolab_sessions FOR EACH ROW EXECUTE FUNCTION refuse_first()",
    );
    expect((await one.prove(customer)).body).toMatchObject({ state: "LOGGED_IN" });
    expect(await database.query("SELECT last_value::int AS tries FROM tries")).toEqual([{ tries: 2 }]);
    await database.query("DROP TRIGGER refuse_first ON algolab_sessions");
  });

  test("is kept where the answer to its commit was lost", async () => {
    const { one, customer } = await login();
    const real = Reflect.get<Database, "as">(Database.prototype, "as");
    const lost = jest.spyOn(Database.prototype, "as").mockImplementation(async function <T>(
      this: Database,
      actor: Actor,
      work: (tx: PoolClient) => Promise<T>,
      ...more: [object?]
    ): Promise<T> {
      const seen = { opens: false };
      const result = await real.call(
        this,
        actor,
        async (tx) => {
          const worked = await work(tx);
          const { rowCount } = await tx.query(
            "SELECT FROM algolab_sessions WHERE user_id = $1 AND active AND xmin = pg_current_xact_id()::xid",
            [one.userId],
          );
          seen.opens = rowCount === 1;
          return worked;
        },
        ...more,
      );
      if (!seen.opens) return result as T;
      lost.mockRestore();
      throw new Error("Connection terminated unexpectedly");
    });
    expect((await one.prove(customer)).body).toMatchObject({ state: "LOGGED_IN" });
    expect(Reflect.get(Database.prototype, "as")).toBe(real);
    expect((await one.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
  });
});

describe("a login", () => {
  test("that fails changes nothing of the live session", async () => {
    const one = await user();
    const customer = anyCustomer();
    await one.prove(customer, { feedsMarketData: false });
    await eventually(one.status, (status) => (status as { streaming: boolean }).streaming);
    const before = [await accountOf(one.userId), await one.status()];
    const claims = { roles: ["ADMIN"] };
    const token = await testToken({ userId: one.userId, claims });
    const body = { username: customer, password: "a password", subAccount: "200", feedsMarketData: true };
    expect((await service.call("POST", `${auth}/login`, { token, body })).status).toBe(202);
    expect([await accountOf(one.userId), await one.status()]).toEqual(before);
    expect((await one.enter()).status).toBe(401);
    expect([await accountOf(one.userId), await one.status()]).toEqual(before);
    expect((await one.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
  });

  test("whose answer cannot be read is not called the broker's silence, nor a refusal", async () => {
    const [one, customer] = [await user(), anyCustomer()];
    const unreadable = { status: 502, body: { code: "BROKER_ANSWER_UNREADABLE" } };
    simulator.faults.add({ at: "LoginUser", kind: "garbage", times: 1 });
    expect(await one.start(customer)).toMatchObject(unreadable);
    expect((await one.start(customer)).status).toBe(202);
    simulator.faults.add({ at: "LoginUserControl", kind: "garbage", times: 1 });
    expect(await one.enter(simulator.smsCode(customer))).toMatchObject(unreadable);
    expect(await one.status()).toMatchObject({ state: "AWAITING_CODE" });
    expect((await one.prove(customer)).status).toBe(200);
  });

  test("that begins anew takes the place of the one before, whose code no longer counts", async () => {
    const [one, customer] = [await user(), anyCustomer()];
    await one.start(customer);
    const old = simulator.smsCode(customer);
    await one.start(customer);
    const code = simulator.smsCode(customer);
    expect((await one.enter(old)).status).toBe(401);
    expect((await one.prove(customer)).status).toBe(200);
    const other = await user();
    expect((await other.enter(code)).body).toMatchObject({ code: "NO_LOGIN_PENDING" });
  });

  test("takes over at once from the session before, whose hash is forgotten", async () => {
    const [one, customer] = [await user(), anyCustomer()];
    await one.prove(customer);
    await one.prove(customer);
    expect((await one.call("GET", "/api/v1/broker/cash-flow")).status).toBe(200);
    const sessions = await database.query(
      `SELECT active, hash IS NULL AS forgotten, termination_reason FROM algolab_sessions
       WHERE user_id = $1 ORDER BY created_at`,
      [one.userId],
    );
    expect(sessions).toEqual([
      { active: false, forgotten: true, termination_reason: "REPLACED" },
      { active: true, forgotten: false, termination_reason: null },
    ]);
    expect((await one.call("POST", `${auth}/logout`)).status).toBe(204);
    expect(
      await database.query("SELECT 1 FROM algolab_sessions WHERE user_id = $1 AND hash IS NOT NULL", [one.userId]),
    ).toEqual([]);
  });
});
