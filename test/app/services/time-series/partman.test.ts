import type { Client } from "pg";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { hasExtension, hasPostgres15, startPostgres15 } from "./postgres-15";
import type { Postgres15 } from "./postgres-15";
import { absurdTimes, filledParts, history, insertTicks, migrateMarketData, partitionsOf } from "./time-series";

const available = hasPostgres15 && hasExtension("pg_partman");
const suite = available ? describe : describe.skip;
const why = available ? "" : " (skipped: install the packages postgresql-15 and postgresql-15-partman)";
const dayMs = 86_400_000;
const partitionOf = (instant: number) => new Date(instant).toISOString().slice(0, 10).replaceAll("-", "");

suite(`ticks kept by pg_partman 4 on PostgreSQL 15${why}`, () => {
  let server: Postgres15;
  let client: Client;
  let cron: boolean;

  beforeAll(async () => {
    cron = hasExtension("pg_cron");
    server = await startPostgres15(cron ? ["shared_preload_libraries=pg_cron", "cron.database_name=postgres"] : []);
    client = await server.connect();
    await migrateMarketData(client);
  });
  afterAll(async () => {
    await client.end();
    server.stop();
  });

  // pg_partman looks at the server's own clock, so this story happens today.
  const today = Date.now();

  test("is chosen over plain partitions, with a week ahead, and scheduled where pg_cron works", async () => {
    const choice = await bootstrapTimeSeries(client, new Date(today));
    expect(choice).toMatchObject({ backend: "pg_partman", isNew: true });
    expect(choice.detail).toMatch(cron ? /maintained by pg_cron/ : /maintained by maintain-database/);
    // Past noon, pg_partman makes one more: it counts days from the instant, and rounds.
    expect((await partitionsOf(client)).map((name) => name.replace(/\D/g, ""))).toContain(
      partitionOf(today + 7 * dayMs),
    );
  });

  test("goes on to keep a week ahead, and a year back", async () => {
    const { rows } = await client.query("SELECT premake, retention, retention_keep_table FROM partman.part_config");
    expect(rows).toEqual([{ premake: 7, retention: "1 year", retention_keep_table: false }]);
  });

  test("a second bootstrap finds the first", async () => {
    expect(await bootstrapTimeSeries(client, new Date(today))).toMatchObject({ backend: "pg_partman", isNew: false });
  });

  test("late ticks leave the default partition, old ones go, and the history reads the same", async () => {
    const instants = [today, today - 60 * dayMs, today - 500 * dayMs].map((at) => new Date(at).toISOString());
    await insertTicks(client, instants);
    expect(await filledParts(client)).toMatchObject({ market_ticks_default: 2 });
    await maintainTimeSeries(client, new Date(today));
    const parts = Object.keys(await filledParts(client));
    expect(parts.map((part) => part.replace(/\D/g, "")).sort()).toEqual(
      [partitionOf(today), partitionOf(today - 60 * dayMs)].sort(),
    );
    expect(await history(client)).toEqual(["101", "102"]);
  });

  test("the days ahead have their partitions though there are ticks of absurd times", async () => {
    const days = async () => (await partitionsOf(client)).map((name) => name.replace(/\D/g, ""));
    const [last = ""] = (await partitionsOf(client)).slice(-1);
    await client.query(`DROP TABLE ${last}`);
    await insertTicks(client, absurdTimes);
    const left = "left 3 ticks of more than 7 days ahead in the default partition";
    for (let night = 1; night <= 2; night++) expect(await maintainTimeSeries(client, new Date(today))).toContain(left);
    expect(await days()).toContain(last.replace(/\D/g, ""));
    expect((await days()).filter((day) => day > partitionOf(today + 9 * dayMs))).toEqual([]);
  });
});
