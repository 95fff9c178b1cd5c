import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contractions, longLocks } from "../../../ops/release/expand-only";
import { migrationProblems, migrationsFolder, migrationsIn } from "../../../ops/release/migrations";

describe("a migration that the version before can live with", () => {
  test.each([
    "CREATE TABLE alerts (alert_id uuid PRIMARY KEY, price numeric NOT NULL)",
    "ALTER TABLE users ADD COLUMN locale text",
    "ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'tr'",
    "CREATE INDEX CONCURRENTLY users_locale_idx ON users (locale)",
    "DROP INDEX users_locale_idx",
    "ALTER TABLE users DROP CONSTRAINT users_locale_check",
    "ALTER TABLE users DROP CONSTRAINT IF EXISTS users_locale_check, ADD CHECK (locale <> '')",
    "INSERT INTO symbols VALUES ('DROP TABLE users')",
    "-- DROP TABLE users\nSELECT 1",
    "/* ALTER TABLE users RENAME TO people */ SELECT 1",
    "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE scratch; END $$",
  ])("may say %s", (sql) => {
    expect(contractions(sql)).toEqual([]);
  });

  test.each([
    ["DROP TABLE users", "drops something"],
    ["ALTER TABLE users DROP COLUMN locale", "drops something"],
    ["ALTER TABLE users DROP CONSTRAINT users_email_key", "drops something"],
    ["ALTER TABLE users DROP CONSTRAINT users_locale_check, DROP COLUMN locale", "drops something"],
    ["ALTER TABLE users RENAME COLUMN locale TO language", "renames something"],
    ["ALTER TABLE users ALTER COLUMN locale TYPE varchar(5)", "changes the type of a column"],
    ['ALTER TABLE users ALTER "locale" SET DATA TYPE varchar(5)', "changes the type of a column"],
    ["ALTER TABLE users ALTER COLUMN locale SET NOT NULL", "forbids NULL in a column"],
    ["ALTER TABLE users SET SCHEMA people", "moves something to another schema"],
    ["ALTER TABLE users ADD COLUMN locale text NOT NULL", "adds a column that the version before cannot fill"],
    ["TRUNCATE users", "empties a table"],
    ["DELETE FROM users", "deletes rows"],
  ])("may not say %s", (sql, problem) => {
    expect(contractions(`SELECT 1;\n\n${sql};`)).toEqual([expect.stringContaining(problem)]);
    expect(contractions(`SELECT 1;\n\n${sql};`)).toEqual([expect.stringContaining("(line 3)")]);
  });

  test("is each of the application's own", () => {
    const folder = migrationsFolder(process.cwd());
    const all = migrationsIn(folder);
    expect(all.length).toBeGreaterThan(0);
    expect(migrationProblems([], all, folder)).toEqual([]);
  });
});

describe("a migration of tables in use", () => {
  test.each([
    "CREATE TABLE alerts (alert_id uuid PRIMARY KEY, price numeric CHECK (price > 0), user_id uuid REFERENCES users)",
    "CREATE TABLE alerts (a int); ALTER TABLE alerts ADD CHECK (a > 0)",
    "ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'tr', ADD COLUMN seen_at timestamptz DEFAULT now()",
    "ALTER TABLE users ADD CONSTRAINT users_locale_check CHECK (locale <> '') NOT VALID",
    "ALTER TABLE orders ADD CONSTRAINT orders_user_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_locale_check",
    "ALTER TABLE users ADD CONSTRAINT users_locale_key UNIQUE USING INDEX users_locale_idx",
    "-- For the page of users.\nCREATE INDEX CONCURRENTLY users_locale_idx ON users (locale);",
    "/* Of one language. */ CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_tr_idx\n  ON users (email) WHERE locale = 'tr'",
    "CREATE TABLE alerts (a int); CREATE UNIQUE INDEX alerts_a_idx ON alerts (a); CREATE INDEX ON alerts (a)",
  ])("may say %s", (sql) => {
    expect(longLocks(sql)).toEqual([]);
  });

  test.each([
    ["ALTER TABLE users ADD COLUMN locale text CHECK (locale <> '')", "checks every row"],
    ["ALTER TABLE users ADD locale text, ADD COLUMN referrer uuid REFERENCES users (user_id)", "checks every row"],
    ["ALTER TABLE users ADD CONSTRAINT users_locale_check CHECK (locale <> '')", "checks every row"],
    ["ALTER TABLE users ADD CHECK (locale <> '')", "checks every row"],
    ["ALTER TABLE ONLY orders ADD FOREIGN KEY (user_id) REFERENCES users (user_id)", "checks every row"],
    ["ALTER TABLE users ADD COLUMN code text UNIQUE", "builds an index"],
    ["ALTER TABLE users ADD CONSTRAINT users_code_key UNIQUE (code)", "builds an index"],
    ["CREATE INDEX users_locale_idx ON users (locale)", "builds an index under a lock"],
    ["CREATE UNIQUE INDEX IF NOT EXISTS users_locale_idx ON ONLY users (locale)", "builds an index under a lock"],
    ["CREATE INDEX ON users USING gin (roles)", "builds an index under a lock"],
    ["CREATE INDEX CONCURRENTLY ON users (locale)", "builds an index without a name"],
    ["CREATE INDEX CONCURRENTLY users_locale_idx ON users (locale)", "builds an index beside something else"],
    ["ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()", "rewrites the table"],
    ["ALTER TABLE users ADD COLUMN id bigserial", "rewrites the table"],
    ["ALTER TABLE users ADD COLUMN n int GENERATED ALWAYS AS (1) STORED", "rewrites the table"],
  ])("may not say %s", (sql, problem) => {
    expect(longLocks(`SELECT 1;\n\n${sql};`)).toEqual([expect.stringMatching(`^${problem}.*\\(line 3\\)$`)]);
  });

  test("may not validate what it adds: the lock of the addition lasts until both are committed", () => {
    const add = "ALTER TABLE users ADD CONSTRAINT users_locale_check CHECK (locale <> '') NOT VALID;";
    expect(longLocks(`${add}\nALTER TABLE users VALIDATE CONSTRAINT users_locale_check;`)).toEqual([
      "validates what it adds in one transaction: VALIDATE in the next migration (line 2)",
    ]);
  });

  test("is refused from the first one that is not released yet", () => {
    const folder = mkdtempSync(join(tmpdir(), "migrations-"));
    for (const name of ["016_before.sql", "017_after.sql"]) {
      writeFileSync(join(folder, name), "ALTER TABLE users ADD CHECK (locale <> '')");
    }
    expect(migrationProblems([], migrationsIn(folder), folder)).toEqual([
      expect.stringMatching(/^017_after.sql checks every row under a lock/),
    ]);
    rmSync(folder, { recursive: true });
  });
});

describe("migrations of an image", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "migrations-"));
    write("001_users.sql", "CREATE TABLE users (user_id uuid)");
    write("002_orders.sql", "CREATE TABLE orders (order_id uuid)");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, sql: string) => {
    writeFileSync(join(folder, name), sql);
  };

  test("may go on after those that the database has had", () => {
    const applied = migrationsIn(folder);
    write("003_more.sql", "ALTER TABLE users ADD COLUMN locale text");
    expect(migrationProblems(applied, migrationsIn(folder), folder)).toEqual([]);
  });

  test("may be fewer: an older image on a database that has grown", () => {
    const applied = migrationsIn(folder);
    expect(migrationProblems(applied, applied.slice(0, 1), folder)).toEqual([]);
  });

  test("may not change one that has run", () => {
    const applied = migrationsIn(folder);
    write("001_users.sql", "CREATE TABLE users (user_id bigint)");
    expect(migrationProblems(applied, migrationsIn(folder), folder)).toEqual([
      expect.stringMatching(/^001_users.sql was changed after it had run/),
    ]);
  });

  test("may not come before one that has run", () => {
    const applied = migrationsIn(folder);
    write("001_accounts.sql", "CREATE TABLE accounts (account_id uuid)");
    expect(migrationProblems(applied, migrationsIn(folder), folder)).toEqual([
      expect.stringMatching(/^001_users.sql has run, and the image has 001_accounts.sql in its place/),
    ]);
  });

  test("name the file of what takes something away", () => {
    const applied = migrationsIn(folder);
    write("003_less.sql", "SELECT 1;\nDROP TABLE orders;");
    expect(migrationProblems(applied, migrationsIn(folder), folder)).toEqual(["003_less.sql drops something (line 2)"]);
  });
});
