import { randomUUID } from "node:crypto";
import { databaseVariables } from "../../../app/packages/contract/database";
import { userStandingSchema } from "../../../app/packages/contract/user-standing";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { accountWorker } from "../support/account-worker";
import { eventually } from "../support/broker";
import { runCommand, startProcess } from "../support/process";

const email = "ayse@example.com";
let database: TestDatabase;
const [ayse, external] = [randomUUID(), randomUUID()];
const stranger = "00000000-0000-4000-8000-000000000001";

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(
    "INSERT INTO users (user_id, email, first_name, last_name, status) VALUES ($1, $2, 'Ayse', 'Y', 'SUSPENDED')",
    [ayse, email],
  );
  for (const user of [ayse, external]) {
    const account = randomUUID();
    await database.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      account,
      user,
      Buffer.from(user),
    ]);
    await database.query(
      `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, expires_at, termination_reason, created_at)
       VALUES ($1, $2, $3, '', now(), 'LOGOUT', now() - interval '1 day')`,
      [randomUUID(), account, user],
    );
    for (const status of ["CREATED", "UNKNOWN", "ACCEPTED", "REJECTED"]) {
      await database.query(
        `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price, status)
         VALUES ($1, $5, $2, $3, 'GARAN', 'BUY', 'LIMIT', 5, 101.50, $4)`,
        [randomUUID(), user, account, status, randomUUID()],
      );
    }
  }
});
afterAll(() => database.drop());

const variables = (more: Readonly<Record<string, string>> = {}) => ({ ...databaseVariables(database.config), ...more });
const parsed = (stdout: string) => userStandingSchema.parse(JSON.parse(stdout));

async function find(more: Readonly<Record<string, string>>, ...parameters: readonly string[]) {
  const { code, stdout, stderr } = await runCommand("find-user", variables(more), ...parameters);
  expect([stderr, code]).toEqual(["", 0]);
  return parsed(stdout);
}

const orders = { notSent: 1, atBroker: 2 };
const loggedOut = { open: false, ended: "LOGOUT" };

test.each<[string, Readonly<Record<string, string>>, readonly string[], object]>([
  ["by the id", {}, [ayse], { userId: ayse, status: "SUSPENDED", brokerSession: loggedOut, orders }],
  ["by the e-mail address", {}, ["Ayse@Example.com"], { userId: ayse }],
  ["by what is no argument", { FIND_USER: email }, [], { userId: ayse }],
  ["of an external issuer", {}, [external], { userId: external, status: null, brokerSession: loggedOut, orders }],
])("find-user finds a user %s, and tells no personal data", async (_, more, parameters, expected) => {
  const found = await find(more, ...parameters);
  expect(found).toMatchObject({ outcome: "found", ...expected });
  expect(JSON.stringify(found)).not.toMatch(/ayse|example/i);
});

test.each([[stranger], ["nobody@example.com"], ["%"], ["' OR true --"]])(
  "find-user finds nobody as %s",
  async (user) => {
    expect(await find({}, user)).toEqual({ outcome: "none" });
  },
);

test("find-user waits for the end of the session at the broker, and no longer than told", async () => {
  await database.query(
    `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, active, expires_at)
     SELECT $1, account_id, user_id, '', '', true, now() + interval '1 day' FROM broker_accounts WHERE user_id = $2`,
    [randomUUID(), ayse],
  );
  const open = { outcome: "found", brokerSession: { open: true, ended: null } };
  expect(await find({}, ayse)).toMatchObject(open);
  expect(await find({}, ayse, "--until-logged-out=1")).toMatchObject(open);
  const { ended, output } = startProcess("find-user", variables(), ayse, "--until-logged-out=600");
  await eventually(
    () => database.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'find-user'"),
    (rows) => rows.length > 0,
  );
  expect(output.stdout).toBe("");
  await database.query("UPDATE algolab_sessions SET active = false, termination_reason = 'EXPIRED' WHERE active");
  expect(await ended).toBe(0);
  expect(parsed(output.stdout)).toMatchObject({ brokerSession: { open: false, ended: "EXPIRED" } });
});

test.each([[[]], [["a@b", "c"]], [["a@b", "--until-logged-out=long"]], [["a@b", "--force"]]])(
  "find-user needs its arguments: %j",
  async (parameters) => {
    const { code, stdout, stderr } = await runCommand("find-user", variables(), ...parameters);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining("usage: find-user")]);
  },
);

describe("a user who is suspended by the image's commands", () => {
  const worker = accountWorker();

  test("is logged out at the broker within moments, with what stays there told, and can be reactivated", async () => {
    const { userId } = worker.trader;
    const environment = databaseVariables(worker.database.config);
    const orderId = await worker.placed({ price: worker.floor() });
    await worker.becomes(orderId, "ACCEPTED");
    const run = async (name: string, ...parameters: readonly string[]) => {
      const { code, stdout, stderr } = await runCommand(name, environment, userId, ...parameters);
      expect([stderr, code]).toEqual(["", 0]);
      return stdout;
    };
    expect(parsed(await run("find-user"))).toMatchObject({ status: null, brokerSession: { open: true } });
    await run("suspend-user", "--reason=a test (by somebody)");
    expect(parsed(await run("find-user", "--until-logged-out=60"))).toMatchObject({
      userId,
      status: "SUSPENDED",
      brokerSession: { open: false, ended: "SUSPENDED" },
      orders: { notSent: 0, atBroker: 1 },
    });
    await run("suspend-user", "--reason=a test (by somebody)", "--reactivate");
    expect(parsed(await run("find-user"))).toMatchObject({ status: null });
  });
});
