import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { databaseVariables } from "../../../app/packages/contract/database";
import { prepareOwner } from "../../../app/packages/embedded/owner";
import { closeAfterTests } from "../support/left-over";
import { reportingUser, testServer } from "../support/postgres";
import type { PostgresGlobals } from "../support/postgres";
import { runCommand } from "../support/process";

const { postgresVersion = 15 } = globalThis as PostgresGlobals;
/** Whoever may create roles may change those alone that it made, or was made the administrator of. */
const onlyItsOwn = postgresVersion >= 16;

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Roles are the server's: those of the template's owner are there. */
describe(`an owner that may create roles and databases, on PostgreSQL ${postgresVersion}`, () => {
  const server = testServer();
  const name = `bist_roles_${process.pid}_${randomBytes(4).toString("hex")}`;
  const login = (role: string): Login => ({ username: `${name}_${role}`, password: role });
  const [owner, services] = [login("owner"), login("services")];

  const query = async ({ username: user, password }: Login, sql: string, database = name) => {
    const client = new Client({ ...server, user, password, database });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const bootstrap = () =>
    runCommand("bootstrap-database", {
      ...databaseVariables({ ...server, name, ...services, owner, sslMode: "disable" }),
      DB_READONLY_PASSWORD: reportingUser.password,
    });

  beforeAll(async () => {
    const { username: user, password } = server.superuser;
    const superuser = new Client({ ...server, user, password, database: "postgres" });
    await superuser.connect();
    await prepareOwner(superuser, owner);
    await superuser.end();
    await query(owner, `CREATE DATABASE ${name}`, "postgres");
    closeAfterTests(async () => {
      await query(owner, `DROP DATABASE ${name} WITH (FORCE)`, "postgres");
      await query(server.superuser, `DROP ROLE IF EXISTS ${services.username}`, "postgres");
      await query(server.superuser, `DROP OWNED BY ${owner.username}; DROP ROLE ${owner.username}`, "postgres");
    });
  });

  test(`${onlyItsOwn ? "refuses to begin with" : "prepares"} roles that somebody else made`, async () => {
    await query(server.superuser, `CREATE ROLE ${services.username}`);
    const { code, stderr } = await bootstrap();
    if (!onlyItsOwn) {
      expect([code, stderr]).toEqual([0, ""]);
      return;
    }
    expect(code).toBe(1);
    expect(await query(owner, "SELECT FROM pg_tables WHERE schemaname = 'public'")).toEqual([]);
    const grant = `GRANT bist_application, ${services.username}, readonly_user TO ${owner.username} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`;
    expect(stderr).toContain(grant);
    await query(server.superuser, grant);
  });

  test("prepares those that it administers, as often as it is asked to", async () => {
    for (const { code, stderr } of [await bootstrap(), await bootstrap()]) expect([code, stderr]).toEqual([0, ""]);
    const reporting = { ...reportingUser };
    for (const who of [services, reporting])
      expect(await query(who, "SELECT count(*)::int AS feeds FROM market_feeds")).toEqual([{ feeds: 1 }]);
    await expect(query(reporting, "DELETE FROM market_feeds")).rejects.toThrow(/permission denied/);
    // It reads no rows as they do.
    expect(await query(owner, "SELECT pg_has_role('readonly_user', 'USAGE') AS inherits")).toEqual([
      { inherits: false },
    ]);
  });
});
