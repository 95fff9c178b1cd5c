import { randomBytes, randomUUID } from "node:crypto";
import pino from "pino";
import { CallsBusy, CallSlots } from "../../../app/packages/algolab/call-slots";
import { SessionVault } from "../../../app/packages/algolab/session-vault";
import { Database } from "../../../app/packages/kit/database/database";
import { metrics } from "../../../app/packages/contract/metrics";
import { actuator } from "../../../app/packages/contract/services";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { removeExpired } from "../../../app/services/broker-integration/retention";
import { eventually, startBrokerIntegration, testSessionSecret } from "../support/broker";
import { KeyedBroker } from "../support/keyed-broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { testToken } from "../support/tokens";

const hourMs = 3_600_000;
const auth = "/api/v1/broker/auth";
let owned: TestDatabase;
let database: Database;

beforeAll(async () => {
  owned = await createTestDatabase();
  database = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
});
afterAll(async () => {
  await database.close();
  await owned.drop();
});

const free = (customerHash: Buffer) =>
  owned.query("UPDATE broker_call_slots SET free_at = clock_timestamp() WHERE customer_hash = $1", [customerHash]);

describe("slots of a customer", () => {
  test("are one process's at a time, and the next call's only after the interval", async () => {
    const customer = randomBytes(32);
    const [one, other] = [new CallSlots(database, hourMs, 1_000), new CallSlots(database, hourMs, 1_000)];
    expect(await one.take(customer)).toBe(0);
    expect(await other.take(customer)).toBe(hourMs);
    await one.leave(customer);
    for (const slots of [one, other]) expect(await slots.take(customer)).toBeGreaterThan(0);
    await free(customer);
    expect(await other.take(customer)).toBe(0);
    expect(await one.take(randomBytes(32))).toBe(0);
  });

  test("that were left unused are free at once", async () => {
    const customer = randomBytes(32);
    const slots = new CallSlots(database, hourMs, 1_000);
    expect(await slots.take(customer)).toBe(0);
    await slots.leave(customer, false);
    expect(await slots.take(customer)).toBe(0);
  });

  test("taken by many at once are one's", async () => {
    const customer = randomBytes(32);
    const waits = await Promise.all(
      Array.from({ length: 8 }, () => new CallSlots(database, hourMs, 1_000).take(customer)),
    );
    expect(waits.filter((wait) => wait === 0)).toHaveLength(1);
  });

  test("that ran out and became another's are not left by the one that had them", async () => {
    const customer = randomBytes(32);
    const [frozen, other] = [new CallSlots(database, 1, 1), new CallSlots(database, hourMs, hourMs)];
    expect(await frozen.take(customer)).toBe(0);
    await eventually(
      () => other.take(customer),
      (wait) => wait === 0,
    );
    const heldUntil = () => owned.query("SELECT free_at FROM broker_call_slots WHERE customer_hash = $1", [customer]);
    const before = await heldUntil();
    await frozen.leave(customer);
    expect(await heldUntil()).toEqual(before);
  });

  test("are reserved for a log-in that waits, also against a worker that asks all the time", async () => {
    const customer = randomBytes(32);
    const [worker, login] = [new CallSlots(database, hourMs, 1_000), new CallSlots(database, hourMs, 1_000)];
    expect(await worker.take(customer)).toBe(0);
    expect(await login.take(customer, true)).toBe(hourMs);
    await worker.leave(customer);
    await free(customer);
    expect(await worker.take(customer)).toBe(hourMs);
    expect(await login.take(customer, true)).toBe(0);
    await login.leave(customer);
    await free(customer);
    expect(await worker.take(customer)).toBe(0);
  });

  test("that were reserved for a log-in that does not come back pass on", async () => {
    const customer = randomBytes(32);
    const [worker, login] = [new CallSlots(database, hourMs, 1_000), new CallSlots(database, hourMs, 1_000)];
    expect(await worker.take(customer)).toBe(0);
    expect(await login.take(customer, true)).toBeGreaterThan(0);
    await free(customer);
    await owned.query("UPDATE broker_call_slots SET reserved_until = clock_timestamp() WHERE customer_hash = $1", [
      customer,
    ]);
    expect(await worker.take(customer)).toBe(0);
  });

  test("are reserved for a log-in that waits its turn, and for no other call that waits", async () => {
    const customer = randomBytes(32);
    const slots = new CallSlots(database, hourMs, 1_000);
    expect(await slots.take(customer)).toBe(0);
    const reserved = () =>
      owned.query("SELECT FROM broker_call_slots WHERE customer_hash = $1 AND reserved_until > now()", [customer]);
    await expect(slots.run(customer, { patienceMs: 0 }, () => Promise.resolve())).rejects.toThrow("wait");
    expect(await reserved()).toHaveLength(0);
    const first = { patienceMs: 0, isFirst: true };
    await expect(slots.run(customer, first, () => Promise.resolve())).rejects.toThrow("wait");
    expect(await reserved()).toHaveLength(1);
  });

  test("are not taken by a call for somebody who has not proven to be the customer, which waits for them", async () => {
    const [customer, aside] = [randomBytes(32), randomBytes(32)];
    const slots = new CallSlots(database, hourMs, 1_000);
    const call = jest.fn(() => Promise.resolve("made"));
    expect(await slots.runAside(customer, { aside, patienceMs: 0 }, call)).toBe("made");
    await expect(slots.runAside(customer, { aside, patienceMs: 0 }, call)).rejects.toBeInstanceOf(CallsBusy);
    expect(await slots.runAside(customer, { aside: randomBytes(32), patienceMs: 0 }, call)).toBe("made");
    expect(await slots.take(customer)).toBe(0);
    await slots.leave(customer);
    const other = { aside: randomBytes(32), patienceMs: 0 };
    await expect(slots.runAside(customer, other, call)).rejects.toBeInstanceOf(CallsBusy);
    expect(call).toHaveBeenCalledTimes(2);
    await free(customer);
    await slots.adopt(customer);
    expect(await slots.take(customer)).toBeGreaterThan(0);
  });

  test("are forgotten a day after the last call", async () => {
    const [old, recent] = [randomBytes(32), randomBytes(32)];
    const slots = new CallSlots(database, 1, 1);
    for (const customer of [old, recent]) expect(await slots.take(customer)).toBe(0);
    await owned.query("UPDATE broker_call_slots SET free_at = now() - interval '25 hours' WHERE customer_hash = $1", [
      old,
    ]);
    await removeExpired(database);
    const kept = "SELECT customer_hash FROM broker_call_slots WHERE customer_hash = ANY ($1)";
    expect(await owned.query(kept, [[old, recent]])).toEqual([{ customer_hash: recent }]);
  });

  test("of a process that died in its call pass on", async () => {
    const customer = randomBytes(32);
    expect(await new CallSlots(database, 20, 100).take(customer)).toBe(0);
    await eventually(
      () => new CallSlots(database, 20, 100).take(customer),
      (wait) => wait === 0,
    );
  });
});

describe("calls of a customer", () => {
  const customer = "1000000001";
  const apiKey = `API-${randomBytes(32).toString("base64")}`;

  async function user() {
    const userId = randomUUID();
    return { userId, token: await testToken({ userId }) };
  }
  const login = { username: customer, password: "a password", apiKey };

  test("are spaced over log-ins, replicas, and an account that passes from one to the other", async () => {
    const own = await createTestDatabase();
    // The broker counts from arrival to arrival, which is never less than from the end of a call to the next one's start.
    const broker = await KeyedBroker.start({ keys: { [customer]: apiKey }, intervalMs: 250 });
    const pace = { requestIntervalMs: 300, leaseMs: 3_000 };
    const start = () => startBrokerIntegration(own, broker.url, pace, { apiKey: undefined });
    const replicas = [await start(), await start()] as const;
    const { token } = await user();
    for (let round = 0; round < 2; round += 1) {
      const [one, other] = round === 0 ? replicas : [replicas[1], replicas[0]];
      expect((await one.call("POST", `${auth}/login`, { token, body: login })).status).toBe(202);
      const body = { code: broker.smsCode(customer) };
      expect((await other.call("POST", `${auth}/verify-otp`, { token, body })).status).toBe(200);
      expect((await one.call("GET", "/api/v1/broker/cash-flow", { token })).status).toBe(200);
    }
    await replicas[0].stop();
    expect((await replicas[1].call("GET", "/api/v1/broker/portfolio", { token })).status).toBe(200);
    const heir = await start();
    await replicas[1].stop();
    expect((await heir.call("GET", "/api/v1/broker/portfolio", { token })).status).toBe(200);
    expect(broker.turnedAway).toEqual([]);
    await heir.stop();
    await broker.close();
    await own.drop();
  });

  test("wait for no login of somebody who types the customer's number and cannot prove it", async () => {
    const [own, foreignKey] = [await createTestDatabase(), `API-${randomBytes(32).toString("base64")}`];
    const broker = await KeyedBroker.start({ keys: { [customer]: apiKey, "1000000002": foreignKey } });
    const pace = { requestIntervalMs: hourMs };
    const replica = await startBrokerIntegration(own, broker.url, pace, { apiKey: undefined });
    const [stranger, guesser, owner] = [await user(), await user(), await user()];
    const start = (token: string, body: object) => replica.call("POST", `${auth}/login`, { token, body });
    const refused = await start(stranger.token, { ...login, apiKey: foreignKey });
    expect(refused.body).toMatchObject({ code: "BROKER_REFUSED_LOGIN" });
    expect((await start(guesser.token, login)).status).toBe(202);
    expect((await start(owner.token, login)).status).toBe(202);
    const customerHash = new SessionVault(testSessionSecret).fingerprint(customer);
    const taken = () => own.query("SELECT FROM broker_call_slots WHERE customer_hash = $1", [customerHash]);
    expect(await taken()).toHaveLength(0);
    await own.query("UPDATE broker_call_slots SET free_at = clock_timestamp()");
    const body = { code: broker.smsCode(customer) };
    expect((await replica.call("POST", `${auth}/verify-otp`, { token: owner.token, body })).status).toBe(200);
    // Proven now: its call counts with what the account's worker does next.
    expect(await taken()).toHaveLength(1);
    expect((await start(guesser.token, login)).body).toMatchObject({ code: "BROKER_BUSY" });
    await replica.stop();
    await broker.close();
    await own.drop();
  });

  test("that would wait long before a person's eyes are answered with when to try again", async () => {
    const broker = await KeyedBroker.start({ keys: { [customer]: apiKey } });
    const replica = await startBrokerIntegration(
      owned,
      broker.url,
      { requestIntervalMs: 60_000 },
      { apiKey: undefined },
    );
    const { token } = await user();
    const customerHash = new SessionVault(testSessionSecret).fingerprint(customer);
    await owned.query(
      "INSERT INTO broker_call_slots (customer_hash, free_at) VALUES ($1, clock_timestamp() + interval '1 hour')",
      [customerHash],
    );
    const start = () => replica.call("POST", `${auth}/login`, { token, body: login });
    const answer = await start();
    expect(answer.body).toMatchObject({ status: 429, code: "BROKER_BUSY" });
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(broker.calls).toEqual([]);
    const reserved = () =>
      owned.query("SELECT FROM broker_call_slots WHERE customer_hash = $1 AND reserved_until > now()", [customerHash]);
    // Waiting is not guessing: it uses up none of the five attempts.
    for (let more = 0; more < 5; more += 1) expect((await start()).body).toMatchObject({ code: "BROKER_BUSY" });
    expect(await reserved()).toHaveLength(0);
    await free(customerHash);
    expect((await start()).status).toBe(202);
    const enter = () => replica.call("POST", `${auth}/verify-otp`, { token, body: { code: broker.smsCode(customer) } });
    for (let more = 0; more < 5; more += 1) {
      expect((await enter()).body).toMatchObject({ status: 429, code: "BROKER_BUSY" });
    }
    // Whose number it is has not been proven: nobody's orders are held up.
    expect(await reserved()).toHaveLength(0);
    await owned.query("UPDATE broker_call_slots SET free_at = clock_timestamp()");
    expect((await enter()).status).toBe(200);
    // Its owner's next log-in goes before what the account's worker has to do.
    await owned.query("UPDATE broker_call_slots SET free_at = clock_timestamp() + interval '1 hour'");
    expect((await start()).body).toMatchObject({ code: "BROKER_BUSY" });
    expect(await reserved()).toHaveLength(1);
    await replica.stop();
    await broker.close();
  });

  test("take no slot where nothing is left to call for", async () => {
    const own = await createTestDatabase();
    const broker = await KeyedBroker.start({ keys: { [customer]: apiKey } });
    const replica = await startBrokerIntegration(own, broker.url, { requestIntervalMs: 1_000 }, { apiKey: undefined });
    const { token } = await user();
    const call = (method: string, path: string, body?: object) =>
      replica.call(method, path, { token, body, headers: { "idempotency-key": randomUUID() } });
    expect((await call("POST", `${auth}/login`, login)).status).toBe(202);
    expect((await call("POST", `${auth}/verify-otp`, { code: broker.smsCode(customer) })).status).toBe(200);
    // The first list of the new session.
    await eventually(
      () => broker.calls.at(-1)?.endpoint,
      (endpoint) => endpoint === "TodaysTransaction",
    );
    const waiting = async (number: number) => {
      const line = new RegExp(`^${metrics.algolabCallsWaiting.name}\\S* ${number}$`, "m");
      await eventually(
        async () => (await replica.call("GET", actuator.metrics)).text,
        (text) => line.test(text),
      );
    };
    await waiting(0);
    // Those of the log-in, which was nobody's before it was proven, are no longer of interest.
    const customerHash = new SessionVault(testSessionSecret).fingerprint(customer);
    await own.query("DELETE FROM broker_call_slots WHERE customer_hash <> $1", [customerHash]);
    const holdSlot = (until: string) =>
      own.query("UPDATE broker_call_slots SET free_at = clock_timestamp() + $1::interval", [until]);
    await eventually(
      () => own.query("SELECT FROM broker_call_slots WHERE free_at <= clock_timestamp()"),
      ({ length }) => length === 1,
    );
    await holdSlot("1 hour");
    const made = broker.calls.length;
    const order = { symbol: "GARAN", side: "BUY", type: "MARKET", quantity: "1" };
    const { orderId } = (await call("POST", "/api/v1/orders", order)).body as { orderId: string };
    await waiting(1);
    expect((await call("DELETE", `/api/v1/orders/${orderId}`)).status).toBe(202);
    // How long after each change the slot is not free.
    await own.query("CREATE TABLE taken (id bigserial, ms float8)");
    await own.query(
      `CREATE FUNCTION note_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
         INSERT INTO taken (ms) VALUES (extract(epoch FROM NEW.free_at - clock_timestamp()) * 1000); RETURN NEW; END $$`,
    );
    await own.query(
      "CREATE TRIGGER taken AFTER UPDATE ON broker_call_slots FOR EACH ROW EXECUTE FUNCTION note_taken()",
    );
    await holdSlot("0 s");
    await waiting(0);
    await eventually(
      () => own.query<{ ms: number }>("SELECT ms FROM taken ORDER BY id"),
      (taken) => taken.length === 3 && taken.every(({ ms }, index) => (index === 1 ? ms > 1_000 : ms <= 0)),
    );
    expect(broker.calls).toHaveLength(made);
    await replica.stop();
    await broker.close();
    await own.drop();
  });
});
