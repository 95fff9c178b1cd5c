import { randomUUID } from "node:crypto";
import pino from "pino";
import { Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { AccountLeases } from "../../../app/services/broker-integration/execution/account-leases";
import { holdLease, keepLease, keepsSubAccount } from "../../../app/services/broker-integration/store/accounts";
import { TestClock } from "../support/clock";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";

const ttlMs = 60_000;
let owned: TestDatabase;
let database: Database;
const clock = new TestClock(0);
const leasesOfOneProcess = () => new AccountLeases(database, ttlMs, () => clock.now());

beforeAll(async () => {
  owned = await createTestDatabase();
  database = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
});
afterAll(async () => {
  await database.close();
  await owned.drop();
});

const sessionOf = async (accountId: string): Promise<string> => {
  const [session] = await owned.query<{ id: string }>(
    "SELECT session_id AS id FROM algolab_sessions WHERE account_id = $1 AND active",
    [accountId],
  );
  return session?.id ?? "";
};

/** An account whose user is logged in at the broker. */
async function account(apiKey?: Buffer): Promise<string> {
  const [accountId, userId, sealed] = [randomUUID(), randomUUID(), Buffer.from("sealed")];
  await owned.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
    accountId,
    userId,
    Buffer.from(userId),
  ]);
  await owned.query(
    `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, api_key, active, expires_at)
     VALUES ($1, $2, $3, $4, $4, $5, true, now() + interval '1 day')`,
    [randomUUID(), accountId, userId, sealed, apiKey ?? null],
  );
  return accountId;
}

test("a lease is renewed although its worker is about to send an order just then", async () => {
  const [busy, idle] = [await account(), await account()];
  const leases = leasesOfOneProcess();
  await leases.renew();
  clock.advance(ttlMs / 2);
  let renewal: Promise<string[]> = Promise.resolve([]);
  const sessionId = await sessionOf(busy);
  const sending = database.as("system", async (tx) => {
    expect(await holdLease(tx, { accountId: busy, subAccount: "" }, sessionId, leases.owner)).toBeInstanceOf(Date);
    renewal = leases.renew().then((accounts) => accounts.map(({ accountId }) => accountId));
    const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    const state = { over: false };
    void renewal.finally(() => (state.over = true));
    while (!state.over && (await owned.query(waits)).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  await sending;
  expect((await renewal).sort()).toEqual([busy, idle].sort());
  clock.advance(ttlMs / 2);
  expect([leases.holds(busy), leases.holds(idle)]).toEqual([true, true]);
});

test("a lease that another process has taken is not renewed", async () => {
  const taken = await account();
  const leases = leasesOfOneProcess();
  await leases.renew();
  await owned.query("UPDATE broker_accounts SET lease_owner = $1 WHERE account_id = $2", [randomUUID(), taken]);
  clock.advance(ttlMs / 2);
  expect((await leases.renew()).map(({ accountId }) => accountId)).not.toContain(taken);
  clock.advance(ttlMs / 2);
  expect(leases.holds(taken)).toBe(false);
});

test("a lease is no leave to send for a sub-account that is no longer chosen, nor for a user who may not trade", async () => {
  const accountId = await account();
  const leases = leasesOfOneProcess();
  await leases.renew();
  const sessionId = await sessionOf(accountId);
  const mayFor = (subAccount: string) =>
    database.as("system", async (tx) => {
      const now = await holdLease(tx, { accountId, subAccount }, sessionId, leases.owner);
      return now !== undefined;
    });
  const stores = (subAccount: string) =>
    database.as("system", (tx) => keepsSubAccount(tx, { accountId, userId: "", subAccount }));
  expect([await mayFor(""), await mayFor("200"), await stores(""), await stores("200")]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  await owned.query("UPDATE broker_accounts SET sub_account = '200' WHERE account_id = $1", [accountId]);
  expect([await mayFor(""), await mayFor("200"), await stores(""), await stores("200")]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  await owned.query(
    "INSERT INTO suspended_users (user_id, status) SELECT user_id, 'SUSPENDED' FROM broker_accounts WHERE account_id = $1",
    [accountId],
  );
  expect(await mayFor("200")).toBe(false);
});

test("a lease is no leave to send over a session that a log-in has replaced, or that ended", async () => {
  const accountId = await account();
  const leases = leasesOfOneProcess();
  await leases.renew();
  const before = await sessionOf(accountId);
  const mayOver = (sessionId: string) =>
    database.as("system", async (tx) => {
      const now = await holdLease(tx, { accountId, subAccount: "" }, sessionId, leases.owner);
      return now !== undefined;
    });
  expect(await mayOver(before)).toBe(true);
  const after = randomUUID();
  await owned.query("UPDATE algolab_sessions SET session_id = $2 WHERE account_id = $1", [accountId, after]);
  expect([await mayOver(before), await mayOver(after)]).toEqual([false, true]);
  await owned.query("UPDATE algolab_sessions SET active = false, termination_reason = 'LOGOUT' WHERE account_id = $1", [
    accountId,
  ]);
  expect(await mayOver(after)).toBe(false);
});

test("the lease of an account whose session ended is believed no longer", async () => {
  const ended = await account();
  const leases = leasesOfOneProcess();
  await leases.renew();
  await owned.query("UPDATE algolab_sessions SET active = false, termination_reason = 'LOGOUT' WHERE account_id = $1", [
    ended,
  ]);
  expect(leases.holds(ended)).toBe(true);
  await leases.renew();
  expect(leases.holds(ended)).toBe(false);
});

describe("a process of the release before, which knows of no keys of sessions", () => {
  const owner = randomUUID();
  /** As it takes and renews leases. @returns the accounts that it got */
  const takes = async (accountId: string) =>
    database.as("system", async (tx) => {
      const { rows } = await tx.query<{ account_id: string }>(
        `UPDATE broker_accounts SET lease_owner = $2, lease_expires_at = clock_timestamp() + interval '1 hour'
         WHERE account_id = $1 RETURNING account_id`,
        [accountId, owner],
      );
      return rows.map((row) => row.account_id);
    });

  test("gets no lease of an account whose session has its own, and loses one that it has", async () => {
    const [keyed, plain] = [await account(Buffer.from("sealed")), await account()];
    expect([await takes(keyed), await takes(plain)]).toEqual([[], [plain]]);
    const leases = leasesOfOneProcess();
    expect((await leases.renew()).map(({ accountId }) => accountId)).toContain(keyed);
    await owned.query("UPDATE algolab_sessions SET api_key = $1 WHERE account_id = $2", [Buffer.from("k"), plain]);
    expect(await takes(plain)).toEqual([]);
    // Nor is one kept from it for good, where the user logs in by the platform's key again.
    await owned.query("UPDATE algolab_sessions SET api_key = NULL WHERE account_id = $1", [plain]);
    expect(await takes(plain)).toEqual([plain]);
  });

  test("does not keep another from giving a lease back, nor from renewing it while its row is locked", async () => {
    const keyed = await account(Buffer.from("sealed"));
    const leases = leasesOfOneProcess();
    await leases.renew();
    await database.as("system", async (tx) => {
      expect(await keepLease(tx, keyed, leases.owner, ttlMs)).toMatchObject({ accountId: keyed });
    });
    await leases.release();
    expect(await owned.query("SELECT lease_owner FROM broker_accounts WHERE account_id = $1", [keyed])).toEqual([
      { lease_owner: null },
    ]);
  });
});
