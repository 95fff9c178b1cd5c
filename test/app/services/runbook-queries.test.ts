import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { databaseUsers } from "../../../app/packages/contract/database";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { environment } from "../../../config";
import { blocksOf, spansOf } from "../../docs/support/markdown";
import { pages, textOf } from "../../docs/support/texts";
import { applicationUser, createTestDatabase, reportingUser, testServer } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";

interface Statement {
  readonly page: string;
  /** As whom the page says that it runs. */
  readonly role: string;
  readonly sql: string;
}

/** Every statement of the pages; the first line of its block names the role (docs/operations.md). */
const statements: readonly Statement[] = pages.flatMap((page) =>
  blocksOf(textOf(page))
    .filter(({ language }) => language === "sql")
    .map(({ text }) => {
      const [, role = "", sql = text] = /^-- as (\w+)\n([\s\S]+)$/.exec(text) ?? [];
      return { page, role, sql: sql.trim() };
    }),
);

const { masterUsername: owner } = environment("production").database;
const { application, readonly } = databaseUsers;
const roles: readonly string[] = [owner, application, readonly];

/** Who stands for a role on this server, which other tests use as well. */
const here: Readonly<Record<string, string>> = {
  [owner]: testServer().username,
  [application]: applicationUser.username,
};
const named = (text: string) => roles.reduce((left, role) => left.replaceAll(role, here[role] ?? role), text);

let owned: TestDatabase;

async function connectAs(role: string): Promise<Client> {
  const signsIn = { [owner]: owned.ownerConfig, [application]: applicationUser, [readonly]: reportingUser }[role];
  const client = new Client(connectionOptions({ ...owned.config, ...signsIn }, "test"));
  // One of them is ended by the server.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** One statement as a role. */
async function runAs(role: string, sql: string) {
  const client = await connectAs(role);
  try {
    return (await client.query<Record<string, unknown>>(named(sql))).rows;
  } finally {
    await client.end();
  }
}

/** What the pages are about: two users, each with an order in doubt, one that was, and an event that clients do not know of. */
async function putWhatIsWrong(): Promise<void> {
  for (const user of [randomUUID(), randomUUID()]) {
    const account = randomUUID();
    await owned.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      account,
      user,
      Buffer.from(user),
    ]);
    await owned.query(
      `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price, status,
         status_reason, trading_day, unknown_at)
       VALUES ($1, 'doubt', $2, $3, 'GARAN', 'BUY', 'LIMIT', 5, 101.50, 'UNKNOWN', 'END_NOT_KNOWN: its trading day ended',
         current_date - 1, now() - interval '6 minutes')`,
      [randomUUID(), user, account],
    );
    const settled = randomUUID();
    await owned.query(
      `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price,
         filled_quantity, average_fill_price, status, status_reason, trading_day, broker_reference, completed_at)
       VALUES ($1, 'settled', $2, $3, 'GARAN', 'BUY', 'LIMIT', 5, 101.50, 2, 101.50, 'CANCELLED', 'RESOLVED_BY_OPERATOR: so',
         (now() AT TIME ZONE 'Europe/Istanbul')::date, 'FO1AB2', now())`,
      [settled, user, account],
    );
    await owned.query(
      `INSERT INTO order_resolutions (order_id, user_id, from_status, to_status, version, filled_before, filled_quantity,
         average_price, broker_reference, evidence, operator)
       VALUES ($1, $2, 'UNKNOWN', 'CANCELLED', 3, 1, 2, 101.50, 'FO1AB2', 'the account statement', 'somebody')`,
      [settled, user],
    );
    await owned.query(
      "INSERT INTO outbox (user_id, type, payload, created_at) VALUES ($1, 'ORDER', '{}', now() - interval '1 minute')",
      [user],
    );
  }
}

/** A session of the services that holds a transaction open. */
async function stuckSession(): Promise<{ readonly client: Client; readonly pid: number }> {
  const client = await connectAs(application);
  await client.query("BEGIN");
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return { client, pid: rows[0]?.pid ?? 0 };
}

beforeAll(async () => {
  owned = await createTestDatabase();
  await putWhatIsWrong();
});
afterAll(() => owned.drop());

test("pages show statements, and each says as whom it runs", () => {
  expect(statements.length).toBeGreaterThan(3);
  expect(statements.filter(({ role }) => !roles.includes(role))).toEqual([]);
});

test("no page shows a statement among its words, where nothing says as whom it runs", () => {
  const shown = pages.flatMap((page) =>
    spansOf(textOf(page)).filter((span) => /^(?:SELECT|UPDATE|INSERT|DELETE)\b.* /.test(span)),
  );
  expect(shown).toEqual([]);
});

test.each(statements)("$page, as $role: $sql", async ({ role, sql }) => {
  const { client, pid } = await stuckSession();
  try {
    const rows = await runAs(role, sql.replaceAll("<pid>", String(pid)));
    // What the page is about is there: a row with everything in it, no count of 0, nothing that the role may not see.
    const telling = rows.filter((row) =>
      Object.values(row).every((value) => ![null, "0", false, "<insufficient privilege>"].includes(value as string)),
    );
    expect(telling).not.toEqual([]);
  } finally {
    await client.end();
  }
});

test.each([owner, application])("as %s the outbox looks empty, as docs/operations.md says", async (role) => {
  expect(await runAs(role, "SELECT count(*) FROM outbox")).toEqual([{ count: "0" }]);
});
