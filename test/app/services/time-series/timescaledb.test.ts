import { Client } from "pg";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing, withTimescaledb } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { asSuperuser } from "../../support/postgres";
import { until } from "../market-data/market-data";
import { absurdTimes, filledParts, history, insertTicks } from "./time-series";

const missing = debianPostgresMissing("timescaledb");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describeWhere(missing, "ticks kept by TimescaleDB on PostgreSQL 15, for an owner that is no superuser", () => {
  let database: OwnedDatabase;
  let owner: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase({ settings: withTimescaledb });
    owner = new Client(connectionOptions(database.ownerConfig, "test"));
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  // TimescaleDB's jobs look at the server's own clock, so this story happens today.
  const today = Date.now();
  const isoAt = (ms: number) => new Date(ms).toISOString();

  test("is what bootstrap-database chooses, once", async () => {
    const choice = await bootstrapTimeSeries(owner, new Date(today));
    expect(choice).toMatchObject({ backend: "timescaledb", isNew: false });
    expect(choice.detail).toMatch(/chunks of 1 hour, compressed after 1 day, dropped after 1 year/);
  });

  test("has chunks of an hour, with the guide's index on each", async () => {
    await insertTicks(owner, [
      isoAt(today),
      isoAt(today - hourMs),
      isoAt(today - 3 * dayMs),
      isoAt(today - 400 * dayMs),
    ]);
    expect(Object.values(await filledParts(owner))).toEqual([1, 1, 1, 1]);
    const unindexed = await database.query(
      `SELECT chunk_name FROM timescaledb_information.chunks WHERE range_end - range_start <> interval '1 hour'
         OR (SELECT count(*) FROM pg_indexes WHERE tablename = chunk_name) <> 2`,
    );
    expect(unindexed).toEqual([]);
  });

  test("has jobs that compress after a day, and drop after a year", async () => {
    const jobs = await owner.query<{ job_id: number; proc_name: string }>(
      `SELECT job_id, proc_name FROM timescaledb_information.jobs WHERE hypertable_name = 'market_ticks' ORDER BY proc_name`,
    );
    expect(jobs.rows.map(({ proc_name }) => proc_name)).toEqual(["policy_compression", "policy_retention"]);
    for (const { job_id } of jobs.rows) await owner.query(`CALL run_job(${job_id})`);
    const chunks = await database.query(
      "SELECT is_compressed FROM timescaledb_information.chunks ORDER BY range_start",
    );
    expect(chunks).toEqual([{ is_compressed: true }, { is_compressed: false }, { is_compressed: false }]);
  });

  test("is read alike, compressed or not, and takes a late tick into what is compressed", async () => {
    expect(await history(owner)).toEqual(["101", "102", "103"]);
    const late = isoAt(today - 3 * dayMs + 1_000);
    const services = new Client(connectionOptions(database.config, "test"));
    await services.connect();
    await insertTicks(services, [late]);
    expect(await history(services)).toEqual(["101", "102", "101", "103"]);
    await services.end();
  });

  test("takes ticks of absurd times, and maintenance leaves the rest to its jobs", async () => {
    await insertTicks(owner, absurdTimes.slice(0, -1));
    await jobsEnd("true");
    const maintained = await maintainTimeSeries(owner, new Date(today));
    expect(maintained).toEqual(["TimescaleDB's own jobs compress and drop chunks"]);
    expect(await history(owner)).toHaveLength(8);
  });

  test("is compressed and dropped by maintenance where its jobs fail", async () => {
    const chunks = () =>
      database.query<{ late: boolean; old: boolean }>(
        `SELECT bool_and(is_compressed) FILTER (WHERE range_end < now() - INTERVAL '25 hours') AS late,
           bool_or(range_end < now() - INTERVAL '1 year') AS old FROM timescaledb_information.chunks`,
      );
    await insertTicks(owner, [isoAt(today - 2 * dayMs), isoAt(today - 500 * dayMs)]);
    await jobsEnd("false");
    expect(await chunks()).toEqual([{ late: false, old: true }]);
    expect(await maintainTimeSeries(owner, new Date(today))).toEqual([
      expect.stringMatching(/^ran policy_compression, which TimescaleDB does not/),
      expect.stringMatching(/^ran policy_retention, which TimescaleDB does not/),
    ]);
    expect(await chunks()).toEqual([{ late: true, old: false }]);
  });

  /** Has the last runs of the jobs end as told, once TimescaleDB has run them. */
  async function jobsEnd(well: "true" | "false"): Promise<void> {
    const ofTicks = "(SELECT job_id FROM timescaledb_information.jobs WHERE hypertable_name = 'market_ticks')";
    await until("each job has run", async () => {
      const ended = await database.query(
        `SELECT FROM timescaledb_information.job_stats WHERE job_id IN ${ofTicks} AND total_runs > 0 AND job_status <> 'Running'`,
      );
      return ended.length === 2;
    });
    await asSuperuser(
      database,
      `UPDATE _timescaledb_internal.bgw_job_stat SET last_run_success = ${well}, last_successful_finish = now() WHERE job_id IN ${ofTicks}`,
    );
  }
});
