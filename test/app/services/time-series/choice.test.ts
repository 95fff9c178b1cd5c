import { Client } from "pg";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { eventually } from "../../support/broker";
import { debianPostgresMissing } from "../../support/debian-postgres";
import { givePartman, startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { runCommand } from "../../support/process";
import { insertTicks } from "./time-series";

const now = new Date();
const missing = debianPostgresMissing("pg_partman", "pg_cron");

describeWhere(missing, "who keeps the ticks of an owner with RDS's rights", () => {
  let database: OwnedDatabase;
  let superuser: Client;
  let client: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase({
      settings: { shared_preload_libraries: "pg_cron", "cron.database_name": "bist_trading" },
    });
    superuser = new Client(connectionOptions(database.superuserConfig, "test"));
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await database.drop();
  });
  beforeEach(async () => {
    client = new Client(connectionOptions(database.ownerConfig, "test"));
    await client.connect();
  });
  afterEach(() => client.end());

  const keeper = async () => (await database.query<{ keeper: string }>("SELECT keeper FROM time_series"))[0]?.keeper;
  const forget = () => database.query("DROP TABLE market_ticks; DELETE FROM time_series");
  /** Holds what pg_partman writes to. @returns what ends it */
  const holdPartman = async () => {
    await superuser.query("BEGIN; LOCK TABLE partman.part_config IN ACCESS EXCLUSIVE MODE");
    return () => superuser.query("COMMIT");
  };

  test("are plain partitions while it may not create the extension, and pg_partman once it may", async () => {
    expect(await keeper()).toBe("partitions");
    const { passedOver } = await bootstrapTimeSeries(client, now);
    expect(passedOver).toContainEqual(expect.stringMatching(/^pg_partman: permission denied/));
    await givePartman(database);
    expect(await bootstrapTimeSeries(client, now)).toMatchObject({ backend: "pg_partman", isNew: true });
    expect(await bootstrapTimeSeries(client, now)).toMatchObject({ backend: "pg_partman", isNew: false });
  });

  test("waits for another time where something is in the way, and leaves nothing behind", async () => {
    await forget();
    const release = await holdPartman();
    await expect(bootstrapTimeSeries(client, now, { tries: 1 })).rejects.toThrow(/no lock within 2 s/);
    expect(await keeper()).toBeUndefined();
    await release();
    expect(await bootstrapTimeSeries(client, now)).toMatchObject({ backend: "pg_partman" });
  });

  test("waits for another time where an operator ended the statement", async () => {
    await forget();
    const release = await holdPartman();
    const ended = expect(bootstrapTimeSeries(client, now)).rejects.toThrow(/canceling statement due to user request/);
    await eventually(
      async () =>
        superuser.query(
          `SELECT FROM pg_stat_activity a, pg_cancel_backend(pid)
           WHERE usename = $1 AND wait_event_type = 'Lock' AND datname = current_database()`,
          [database.ownerConfig.username],
        ),
      ({ rowCount }) => rowCount === 1,
    );
    await ended;
    await release();
    expect(await bootstrapTimeSeries(client, now)).toMatchObject({ backend: "pg_partman" });
  });

  test("stays where there are ticks, and says what there would be", async () => {
    await forget();
    await superuser.query("REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA partman FROM PUBLIC, bist_admin");
    const refused = await bootstrapTimeSeries(client, now);
    expect(refused).toMatchObject({ backend: "partitions", isNew: true });
    expect(refused.passedOver).toContainEqual(expect.stringMatching(/^pg_partman: permission denied/));
    await insertTicks(client, [now.toISOString()]);
    await givePartman(database);
    expect(await bootstrapTimeSeries(client, now)).toMatchObject({
      backend: "partitions",
      isNew: false,
      passedOver: ["pg_partman: there are ticks already, and they stay where they are"],
    });
  });

  test("takes back the job that an earlier version gave to pg_cron", async () => {
    await forget();
    await bootstrapTimeSeries(client, now);
    await superuser.query("CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO bist_admin");
    await client.query("SELECT cron.schedule('market-ticks-maintenance', '15 1 * * *', 'SELECT 1')");
    // Whoever made the extension drops it: here that is another.
    expect(await maintainTimeSeries(client, now)).toContainEqual(expect.stringMatching(/its user may not drop it/));
    await superuser.query(
      "SET ROLE NONE; UPDATE pg_extension SET extowner = 'bist_admin'::regrole WHERE extname = 'pg_cron'",
    );
    expect(await maintainTimeSeries(client, now)).toContain("dropped pg_cron, which this command replaced");
    expect(await maintainTimeSeries(client, now)).not.toContainEqual(expect.stringMatching(/pg_cron/));
  });

  test("leaves pg_cron to whoever else uses it", async () => {
    await superuser.query("CREATE EXTENSION pg_cron; GRANT USAGE ON SCHEMA cron TO bist_admin");
    for (const job of ["market-ticks-maintenance", "another"]) {
      await client.query("SELECT cron.schedule($1, '15 1 * * *', 'SELECT 1')", [job]);
    }
    expect(await maintainTimeSeries(client, now)).toContain(
      "took market-ticks-maintenance from pg_cron, which has other jobs",
    );
    expect((await client.query("SELECT jobname FROM cron.job")).rows).toEqual([{ jobname: "another" }]);
    expect(await maintainTimeSeries(client, now)).not.toContainEqual(expect.stringMatching(/pg_cron/));
  });

  test("is chosen by an owner who may not read the server's settings", async () => {
    await superuser.query("REVOKE pg_monitor FROM bist_admin");
    const { code, stdout, stderr } = await runCommand("bootstrap-database", database.variables);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/ticks: stays with/);
  });
});
