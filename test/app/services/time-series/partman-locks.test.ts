import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import type { DatabaseConfig } from "../../../../app/packages/kit/config/sections";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { asSuperuser } from "../../support/postgres";
import { history, insertTicks, partitionsOf } from "./time-series";

const missing = debianPostgresMissing("pg_partman");

describeWhere(missing, "maintenance by pg_partman, for an owner that is no superuser, while a report reads", () => {
  let database: OwnedDatabase;
  let owner: Client;
  let report: Client;
  let writer: Client;
  const connect = async (config: DatabaseConfig, application: string) => {
    const client = new Client(connectionOptions(config, application));
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    database = await startOwnedDatabase({ partman: true });
    await asSuperuser(
      database,
      "CREATE ROLE reports LOGIN PASSWORD 'reports'; GRANT SELECT ON market_ticks TO reports",
    );
    owner = await connect(database.ownerConfig, "maintain-database");
    writer = await connect(database.ownerConfig, "market-data");
    // What the feed's own connections have.
    await writer.query("SET statement_timeout = '10s'");
    report = await connect({ ...database.config, username: "reports", password: "reports" }, "quarterly report");
  });
  beforeEach(async () => {
    const last = (await partitionsOf(owner)).at(-1) ?? "";
    await owner.query(`DROP TABLE ${last}`);
    await report.query("BEGIN");
    await report.query("SELECT count(*) FROM market_ticks");
  });
  afterAll(async () => {
    for (const client of [owner, writer, report]) await client.end();
    await database.drop();
  });

  /** Whether somebody waits for a table. */
  const isWaited = async () => {
    const { rowCount } = await report.query("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'");
    return rowCount !== 0;
  };

  test("lets ticks through after some seconds, tries again, and says who holds the table", async () => {
    const tries: string[] = [];
    const kept = await partitionsOf(owner);
    const say = (line: string) => void tries.push(line);
    const maintenance = maintainTimeSeries(owner, new Date(), { retries: { firstMs: 10, say } });
    let over: unknown;
    void maintenance.then(
      (done) => (over = done),
      (error: unknown) => (over = error),
    );
    while (!(await isWaited()) && over === undefined) await sleep(10);
    expect(over).toBeUndefined();
    await insertTicks(writer, [new Date().toISOString()]);
    await history(writer);
    while (tries.length < 2 && over === undefined) await sleep(10);
    await report.query("COMMIT");
    expect(await maintenance).toContain("pg_partman's maintenance ran");
    expect(await partitionsOf(owner)).toHaveLength(kept.length + 1);
    expect(tries[0]).toMatch(
      /^no lock within 2 s; pid \d+, user reports, application quarterly report, since 20\S+Z holds market_ticks, .*; tries again in 0.01 s$/,
    );
  });

  test("gives up after some tries, and leaves the session as it was", async () => {
    await expect(maintainTimeSeries(owner, new Date(), { retries: { tries: 2, firstMs: 10 } })).rejects.toThrow(
      /^gave up after 2 tries: no lock within 2 s; pid \d+, user reports/,
    );
    await report.query("COMMIT");
    const { rows } = await owner.query("SHOW lock_timeout");
    expect(rows).toEqual([{ lock_timeout: "0" }]);
    expect(await maintainTimeSeries(owner, new Date())).toContain("pg_partman's maintenance ran");
  });
});
