import { Client } from "pg";
import { prepareOwnedDatabase } from "../../../app/packages/embedded/owner";
import type { EmbeddedServer } from "../../../app/packages/embedded/postgres";
import { databaseVariables } from "../../../app/packages/contract/database";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { describeWhere } from "../../support/skip";
import { debianPostgresMissing, startDebianPostgres } from "../support/debian-postgres";
import { testDatabaseConfig } from "../support/postgres";
import { runCommand } from "../support/process";

describeWhere(debianPostgresMissing(), "the owner of a database", () => {
  const owner = { username: "bist_admin", password: "bist_admin" };
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await startDebianPostgres();
  });
  afterAll(() => server.stop());

  const migrate = (as: { readonly username: string; readonly password: string }) =>
    runCommand(
      "migrate",
      databaseVariables({
        ...server,
        name: "bist_trading",
        username: "bist_services",
        password: "bist_services",
        owner: as,
        sslMode: "disable",
      }),
    );
  const query = async (username: string, password: string, sql: string) => {
    const client = new Client(
      connectionOptions({ ...testDatabaseConfig(server, "bist_trading"), username, password }, "a test"),
    );
    await client.connect();
    try {
      return (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name);
    } finally {
      await client.end();
    }
  };

  test("takes over what a superuser made, and prepares the next version", async () => {
    const { username, password } = server;
    await prepareOwnedDatabase(server, "bist_trading", { username, password });
    expect((await migrate({ username, password })).stderr).toBe("");
    await query(username, password, "CREATE TABLE parts (id serial) PARTITION BY RANGE (id)");
    await query(username, password, "CREATE TABLE parts_of PARTITION OF parts DEFAULT");
    await prepareOwnedDatabase(server, "bist_trading", owner);
    await prepareOwnedDatabase(server, "bist_trading", owner);

    expect((await migrate(owner)).stderr).toBe("");
    const others = `
      SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> 'bist_admin'::regrole
      UNION ALL
      SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> 'bist_admin'::regrole`;
    expect(await query(owner.username, owner.password, others)).toEqual([]);
    await query(owner.username, owner.password, "ALTER TABLE orders ADD COLUMN later text");
    expect(await query("bist_services", "bist_services", "SELECT later AS name FROM orders")).toEqual([]);
  });

  test("is no superuser, and may not become one", async () => {
    await expect(query(owner.username, owner.password, "ALTER ROLE bist_admin SUPERUSER")).rejects.toThrow(/superuser/);
  });
});
