import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { migrate } from "../../../app/database/migrate";
import type { LockRetries } from "../../../app/database/locks";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";
import { reportingUser } from "../support/postgres";
import { until } from "./market-data/market-data";

describeWhere(debianPostgresMissing(), "a migration of an owner's tables", () => {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  let database: OwnedDatabase;
  let report: Client;
  let service: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase();
    cpSync(join(process.cwd(), "app/database/migrations"), folder, { recursive: true });
    await database.query(`ALTER ROLE ${reportingUser.username} LOGIN PASSWORD '${reportingUser.password}'`);
    const connect = async (user: object, application: string) => {
      const client = new Client(connectionOptions({ ...database.config, ...user }, application));
      await client.connect();
      return client;
    };
    report = await connect(reportingUser, "quarterly report");
    service = await connect({}, "user-management");
    // What the services' own connections have.
    await service.query("SET statement_timeout = '10s'");
  });
  beforeEach(async () => {
    await report.query("BEGIN");
    await report.query("SELECT count(*) FROM users");
  });
  afterEach(async () => {
    await report.query("COMMIT");
  });
  afterAll(async () => {
    await report.end();
    await service.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const migrateNow = (retries: LockRetries, log: (line: string) => void = () => undefined) =>
    migrate({ owner: database.ownerConfig, application: database.config, directory: folder, retries, log });
  const columns = () =>
    database.query(
      "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname IN ('first', 'second')",
    );

  test("lets services through while a report holds the table, tries again, and says who holds it", async () => {
    writeFileSync(join(folder, "901_first.sql"), "ALTER TABLE users ADD COLUMN first text;");
    const answers: Promise<string>[] = [];
    const lines: string[] = [];
    const ran = await migrateNow({ firstMs: 10 }, (line) => {
      if (line.includes("### MIGRATION"))
        answers.push(service.query("SELECT FROM users").then(() => "answered", String));
      if (!line.startsWith("no lock")) return;
      lines.push(line);
      if (lines.length === 2) void report.query("COMMIT");
    });
    expect(await Promise.all(answers)).toEqual(["answered", "answered", "answered"]);
    expect(ran).toEqual(["901_first"]);
    expect(await columns()).toEqual([{ attname: "first" }]);
    expect(lines[0]).toMatch(
      /^no lock within 2 s; pid \d+, user readonly_user, application quarterly report, since \S+Z holds .*users.*; tries again/,
    );
  });

  test("gives up after some tries, and leaves nothing", async () => {
    writeFileSync(join(folder, "902_second.sql"), "CREATE TABLE scratch (); ALTER TABLE users ADD COLUMN second text;");
    await expect(migrateNow({ tries: 2, firstMs: 10 })).rejects.toThrow(
      /^gave up after 2 tries: no lock within 2 s; pid \d+, user readonly_user, application quarterly report/,
    );
    expect(await columns()).toEqual([{ attname: "first" }]);
    expect(await database.query("SELECT to_regclass('scratch') AS scratch")).toEqual([{ scratch: null }]);
    await report.query("COMMIT");
    expect(await migrateNow({})).toEqual(["902_second"]);
    expect(await migrateNow({})).toEqual([]);
  });

  describe("that is an index", () => {
    const validity = (index: string) =>
      database.query(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('${index}')`);

    test("is built while others write, and waits for who began before it", async () => {
      await report.query("COMMIT");
      await report.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await report.query("SELECT count(*) FROM users");
      writeFileSync(
        join(folder, "903_index.sql"),
        "-- For a test.\nCREATE INDEX CONCURRENTLY first_idx ON users (first);\n",
      );
      const ran = migrateNow({});
      await until("the build waits for the report", async () => {
        const builds = await database.query("SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'");
        return builds.length === 1;
      });
      await service.query("UPDATE users SET first = 'written meanwhile'");
      await report.query("COMMIT");
      expect(await ran).toEqual(["903_index"]);
      expect(await validity("first_idx")).toEqual([{ valid: true }]);
      expect(await migrateNow({})).toEqual([]);
    });

    test("that failed leaves no half of itself to the next try", async () => {
      await report.query("COMMIT");
      await database.query("CREATE TABLE twice AS SELECT 1 AS n FROM generate_series(1, 2)");
      writeFileSync(
        join(folder, "904_unique.sql"),
        "/* Once. */ CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS twice_idx\n  ON twice (n)",
      );
      await expect(migrateNow({})).rejects.toThrow("could not create unique index");
      expect(await validity("twice_idx")).toEqual([{ valid: false }]);
      await database.query("DELETE FROM twice WHERE ctid = (SELECT max(ctid) FROM twice)");
      expect(await migrateNow({})).toEqual(["904_unique"]);
      expect(await validity("twice_idx")).toEqual([{ valid: true }]);
    });

    test("that was built by a starter who ended before it was noted is noted alone", async () => {
      await report.query("COMMIT");
      await database.query("CREATE INDEX there_already_idx ON twice (n)");
      const [before] = await database.query("SELECT 'there_already_idx'::regclass::oid AS oid");
      writeFileSync(join(folder, "905_there.sql"), "CREATE INDEX CONCURRENTLY there_already_idx ON twice (n);");
      expect(await migrateNow({})).toEqual(["905_there"]);
      expect(await database.query("SELECT 'there_already_idx'::regclass::oid AS oid")).toEqual([before]);
    });
  });

  test("finds reports that end by themselves", async () => {
    const settings = ["statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"];
    const { rows } = await report.query<{ setting: string }>(
      "SELECT current_setting(s) AS setting FROM unnest($1::text[]) s",
      [settings],
    );
    expect(rows.map(({ setting }) => setting)).toEqual(["5min", "1min", "1min"]);
  });
});
