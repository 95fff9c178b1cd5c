import { randomUUID } from "node:crypto";
import { Client } from "pg";
import pino from "pino";
import { scramVerifier } from "../../../app/database/roles";
import { databaseVariables } from "../../../app/packages/contract/database";
import { announce } from "../../../app/packages/kit/database/announcements";
import { Database, sqlState, violates } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { createTestDatabase, reportingUser, testServer } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { runCommand } from "../support/process";

let owned: TestDatabase;
let database: Database;
const [ayse, burak] = [randomUUID(), randomUUID()];
const insertUser = "INSERT INTO users (user_id, email, first_name, last_name) VALUES ($1, $2, 'A', 'B')";

beforeAll(async () => {
  owned = await createTestDatabase();
  database = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
  await owned.query(insertUser, [ayse, "ayse@example.com"]);
  await owned.query(insertUser, [burak, "burak@example.com"]);
});
afterAll(async () => {
  await database.close();
  await owned.drop();
});

const emails = async (as: Parameters<Database["as"]>[0]) =>
  (await database.as(as, (tx) => tx.query<{ email: string }>("SELECT email FROM users ORDER BY email"))).rows.map(
    ({ email }) => email,
  );

describe("row-level security", () => {
  test("ASVS 8.4.1: shows users their own rows, the system all, and nobody none", async () => {
    expect(await emails({ userId: ayse })).toEqual(["ayse@example.com"]);
    expect(await emails("system")).toEqual(["ayse@example.com", "burak@example.com"]);
    expect((await database.query("SELECT * FROM users")).rows).toEqual([]);
    expect(await emails({ userId: "' OR true --" })).toEqual([]);
  });

  test("ASVS 8.4.1: lets nobody write for somebody else", async () => {
    const rename = "UPDATE users SET first_name = 'X' WHERE user_id = $1";
    expect(await database.as({ userId: ayse }, (tx) => tx.query(rename, [burak]))).toMatchObject({ rowCount: 0 });
    const steal = database.as({ userId: ayse }, (tx) => tx.query(insertUser, [randomUUID(), "new@example.com"]));
    await expect(steal).rejects.toThrow(/row-level security/);
  });

  test("forgets for whom a connection worked", async () => {
    for (let turn = 0; turn < 10; turn += 1) await emails("system");
    expect((await database.query("SELECT * FROM users")).rows).toEqual([]);
  });

  test("is on every table that has a user_id", async () => {
    const unprotected = await owned.query(
      `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id'
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    expect(unprotected).toEqual([]);
  });
});

describe("a transaction", () => {
  test("leaves nothing behind when its work fails", async () => {
    const work = database.as("system", async (tx) => {
      await tx.query(insertUser, [randomUUID(), "gone@example.com"]);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(await emails("system")).not.toContain("gone@example.com");
  });

  test("has listeners told after its commit, each thing once, and of nothing that was rolled back", async () => {
    const listener = new Client({
      ...owned.config,
      database: owned.config.name,
      user: owned.config.username,
      ssl: false,
    });
    const told: string[] = [];
    listener.on("notification", ({ payload = "" }) => told.push(payload));
    await listener.connect();
    await listener.query("LISTEN work");
    try {
      const failing = database.as("system", (tx) => {
        announce(tx, "work", "rolled back");
        return Promise.reject(new Error("no"));
      });
      await expect(failing).rejects.toThrow("no");
      await database.as("system", async (tx) => {
        announce(tx, "work", "first");
        announce(tx, "work", "first");
        await listener.query("SELECT 1");
        expect(told).toEqual([]);
      });
      await database.as("system", (tx) => {
        announce(tx, "work", "last");
        return Promise.resolve();
      });
      while (!told.includes("last")) await listener.query("SELECT pg_sleep(0.01)");
      expect(told).toEqual(["first", "last"]);
    } finally {
      await listener.end();
    }
  });

  test("has a statement planned once a connection, whatever its values", async () => {
    const plans = await database.as("system", async (tx) => {
      const named = "SELECT email FROM users WHERE first_name = $1";
      for (const name of ["A", "B", "C"]) await tx.query(named, [name]);
      const known = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1";
      const { rows } = await tx.query<{ generic_plans: string; custom_plans: string }>(known, [named]);
      return rows;
    });
    expect(plans).toEqual([{ generic_plans: "3", custom_plans: "0" }]);
  });

  test("waits for the disk unless it is told not to", async () => {
    // Servers of tests wait for no disk by themselves; connections that are made from now on do.
    await owned.query(`ALTER DATABASE ${owned.config.name} SET synchronous_commit = on`);
    const patient = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
    const show = "SHOW synchronous_commit";
    const waits = (durable?: boolean) =>
      patient.as("system", (tx) => tx.query<{ synchronous_commit: string }>(show), { durable });
    try {
      for (const [durable, expected] of [
        [undefined, "on"],
        [false, "off"],
        [true, "on"],
      ] as const)
        expect((await waits(durable)).rows).toEqual([{ synchronous_commit: expected }]);
    } finally {
      await patient.close();
    }
  });

  test("tells a duplicate by its constraint", async () => {
    const error: unknown = await database
      .as("system", (tx) => tx.query(insertUser, [randomUUID(), "ayse@example.com"]))
      .catch((caught: unknown) => caught);
    expect(sqlState(error)).toBe("23505");
    expect(violates(error, "users_email_key")).toBe(true);
    expect(violates(error, "users_pkey")).toBe(false);
  });

  test("gives numeric and bigint as text", async () => {
    const { rows } = await database.query("SELECT 0.1::numeric(10,2) + 0.2 AS money, 9007199254740993 AS big");
    expect(rows).toEqual([{ money: "0.30", big: "9007199254740993" }]);
  });
});

describe("migrate", () => {
  const environment = (name: string, more: Record<string, string> = {}) => {
    const { host, port, username, password } = testServer();
    const user = { username: "bist_migrated", password: "its password" };
    const access = { host, port, name, ...user, owner: { username, password }, sslMode: "disable" };
    return { ...databaseVariables(access), ...more };
  };
  let empty: string;
  beforeAll(async () => {
    empty = `bist_empty_${process.pid}`;
    await owned.query(`CREATE DATABASE ${empty}`);
  });
  afterAll(async () => {
    await owned.query(`DROP DATABASE ${empty} WITH (FORCE)`);
  });

  test("is safe to start three times at once, and again", async () => {
    const run = () => runCommand("migrate", environment(empty, { DB_READONLY_PASSWORD: reportingUser.password }));
    const ends = await Promise.all([run(), run(), run()]);
    expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, ""]));
    expect(ends.filter(({ stdout }) => stdout.includes("ran 001_users"))).toHaveLength(1);
    expect((await run()).stdout).toContain("the database is up to date");
  });

  test("makes a user for the services and one for reports, who reads all but secrets", async () => {
    const { host, port } = testServer();
    const as = async (user: string, password: string, sql: string) => {
      const client = new Client({ host, port, user, password, database: empty });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    };
    const asReader = (sql: string) => as(reportingUser.username, reportingUser.password, sql);
    const owner = testServer();
    const fill = `SET app.user_id = 'system';
      INSERT INTO users (user_id, email, first_name, last_name) VALUES ('${ayse}', 'a@b.c', 'A', 'B');
      INSERT INTO user_secrets (user_id, password_hash) VALUES ('${ayse}', 'x'); CREATE TABLE later (n integer)`;
    await as(owner.username, owner.password, fill);
    expect(await asReader("SELECT email FROM users")).toEqual([{ email: "a@b.c" }]);
    expect(await asReader("SELECT * FROM user_secrets")).toEqual([]);
    expect(await asReader("SELECT * FROM later")).toEqual([]);
    await expect(asReader("DELETE FROM users")).rejects.toThrow(/permission denied/);
    await expect(as("bist_migrated", "its password", "DROP TABLE users")).rejects.toThrow(/must be owner/);
    expect(
      await as("bist_migrated", "its password", "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user"),
    ).toEqual([{ rolbypassrls: false }]);
    // The server's own work_mem, times as many connections as the services may have, is more than its memory.
    expect(await as("bist_migrated", "its password", "SHOW work_mem")).toEqual([{ work_mem: "16MB" }]);
    expect(
      await as("readonly_user", "reports", "SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user"),
    ).toEqual([{ rolconnlimit: 10 }]);
  });

  test("says everything that is missing, and ends with 1", async () => {
    const { code, stderr } = await runCommand("migrate", { DB_HOST: "x" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/2 problems:[\s\S]*DB_USERNAME is missing[\s\S]*DB_PASSWORD is missing/);
  });
});

describe("grant-roles", () => {
  const environment = () => databaseVariables(owned.config);

  test("makes the first administrator", async () => {
    const { code, stdout } = await runCommand("grant-roles", environment(), "Ayse@example.com", "ADMIN", "TRADER");
    expect([code, stdout]).toEqual([0, "ayse@example.com has the roles ADMIN, TRADER\n"]);
    const roles = await owned.query("SELECT roles FROM users WHERE user_id = $1", [ayse]);
    expect(roles).toEqual([{ roles: ["ADMIN", "TRADER"] }]);
  });

  test("knows its roles and its users", async () => {
    expect(await runCommand("grant-roles", environment(), "ayse@example.com", "GOD")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("GOD is no role; use USER, CUSTOMER, TRADER") as unknown,
    });
    expect(await runCommand("grant-roles", environment(), "nobody@example.com", "USER")).toMatchObject({
      code: 1,
      stderr: "grant-roles: no user is registered as nobody@example.com\n",
    });
  });
});

describe("a password on its way to the server", () => {
  test("is what RFC 7677's example makes of it", () => {
    // The exchange of RFC 7677 section 3: password "pencil", this salt, 4096 rounds.
    const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
    expect(verifier).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });
});
