import { Client } from "pg";
import { copiesOf, createEmpty, switchDatabases } from "../../../app/database/backup/databases";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { describeWhere } from "../../support/skip";
import { eventually } from "../support/broker";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";

const COPY = "bist_trading_copy";
const KEPT = "bist_trading_before";

const missing = debianPostgresMissing("pg_cron");

/** Sessions that tests hold open; most are ended by the server. */
async function connect(config: DatabaseConfig): Promise<Client> {
  const client = new Client(connectionOptions(config, "a test"));
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

describeWhere(missing, "a copy takes the live database's place, by an owner with RDS's rights", () => {
  let database: OwnedDatabase;
  let observer: Client;

  const start = async (cronDatabase: string) => {
    database = await startOwnedDatabase({
      settings: { shared_preload_libraries: "pg_cron", "cron.database_name": cronDatabase },
    });
    observer = await connect({ ...database.superuserConfig, name: "postgres" });
    await eventually(
      async () => observer.query("SELECT FROM pg_stat_activity WHERE backend_type = 'pg_cron launcher'"),
      ({ rowCount }) => rowCount === 1,
    );
    await createEmpty(database.ownerConfig, COPY);
  };
  afterEach(async () => {
    await observer.end();
    await database.drop();
  });

  const switched = (patienceMs = 60_000) => switchDatabases(database.ownerConfig, COPY, KEPT, { patienceMs });
  const closed = async () => {
    const { rows } = await observer.query(
      "SELECT datname FROM pg_database WHERE NOT datallowconn AND NOT datistemplate",
    );
    return rows.length;
  };
  /** The live database and the copy are as they were, and open. */
  const expectUnchanged = async () => {
    expect(await copiesOf(database.ownerConfig)).toEqual(["bist_trading", COPY]);
    expect(await closed()).toBe(0);
    await database.query("SELECT FROM users");
  };

  test("while services and an idle superuser are in it", async () => {
    await start("postgres");
    await connect(database.config);
    const superuser = await connect(database.superuserConfig);
    const done = switched();
    // Only a superuser ends a superuser's session; this one goes when it finds itself alone.
    await eventually(closed, (count) => count === 2);
    await superuser.end();
    await done;
    expect(await copiesOf(database.ownerConfig)).toEqual(["bist_trading", KEPT]);
    expect(await closed()).toBe(0);
  });

  test("not while a superuser stays, whom it names", async () => {
    await start("postgres");
    const superuser = await connect(database.superuserConfig);
    await expect(switched(500)).rejects.toThrow(/while client backend "a test" of postgres is in it as process \d+/);
    await expectUnchanged();
    await superuser.end();
  });

  test("not where pg_cron works in it, which is said before any session ends", async () => {
    await start("bist_trading");
    const service = await connect(database.config);
    await expect(switched()).rejects.toThrow(/while pg_cron launcher .*shared_preload_libraries/);
    await service.query("SELECT 1");
    await expectUnchanged();
    await service.end();
  });

  test("with an owner who may not look into sessions", async () => {
    await start("postgres");
    await observer.query("REVOKE pg_monitor, pg_signal_backend FROM bist_admin");
    await expect(switched(500)).resolves.toBeUndefined();
    await switchDatabases(database.ownerConfig, KEPT, COPY);
    const service = await connect(database.config);
    await expect(switched(500)).rejects.toThrow(/while a session "a test" of bist_services is in it as process \d+/);
    await expectUnchanged();
    await service.end();
  });
});
