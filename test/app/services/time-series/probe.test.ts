import { Client } from "pg";
import { probeSchema } from "../../../../app/packages/contract/time-series";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { runCommand, startProcess, written } from "../../support/process";

const missing = debianPostgresMissing();

describeWhere(missing, "a probe of writes, by an owner that is no superuser", () => {
  let database: OwnedDatabase;
  let superuser: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase();
    superuser = new Client(connectionOptions({ ...database.superuserConfig, name: "postgres" }, "test"));
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await database.drop();
  });

  const allow = (is: boolean) => superuser.query(`ALTER DATABASE bist_trading ALLOW_CONNECTIONS ${is}`);
  const end = () =>
    superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'probe-writes'");

  test("tells how long the longest gap was, once writing goes on, and changes no table", async () => {
    const changes = () =>
      database.query("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::text AS changes FROM pg_stat_user_tables");
    const before = await changes();
    const probing = startProcess("probe-writes", database.variables, "1", "60");
    await written(probing, /writing/);
    const from = performance.now();
    await allow(false);
    await end();
    const gone = performance.now();
    await written(probing, /interrupted/);
    const back = performance.now();
    await allow(true);
    expect([await probing.ended, probing.output.stderr]).toEqual([0, ""]);
    const probe = probeSchema.parse(JSON.parse(probing.output.stdout.trim().split("\n").at(-1) ?? ""));
    expect(probe.longestGapMs).toBeGreaterThanOrEqual(Math.floor(back - gone));
    expect(probe.longestGapMs).toBeLessThan(performance.now() - from);
    expect(probe.committed).toBeGreaterThan(2);
    expect(await changes()).toEqual(before);
  });

  test.each([
    ["nothing interrupted it", true, /nothing interrupted \d+ writes within 1 s/],
    ["the server takes no write", false, /the server took no write within 1 s/],
  ])("fails when %s", async (_, is, reason) => {
    await allow(is);
    const { code, stderr } = await runCommand("probe-writes", database.variables, "0.5", "1");
    await allow(true);
    expect([code, stderr]).toEqual([1, expect.stringMatching(reason)]);
  });

  test("refuses limits that are none", async () => {
    expect((await runCommand("probe-writes", database.variables, "10", "5")).stderr).toContain("usage: probe-writes");
  });
});
