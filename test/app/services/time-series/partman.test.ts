import { Client } from "pg";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { absurdTimes, filledParts, history, insertTicks, partitionsOf } from "./time-series";

const dayMs = 86_400_000;
const partitionOf = (instant: number) => new Date(instant).toISOString().slice(0, 10).replaceAll("-", "");
const missing = debianPostgresMissing("pg_partman");

describeWhere(missing, "ticks kept by pg_partman 4 on PostgreSQL 15", () => {
  let database: OwnedDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await startOwnedDatabase({ partman: true });
    client = new Client(connectionOptions(database.ownerConfig, "test"));
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  // pg_partman looks at the server's own clock, so this story happens today.
  const today = Date.now();

  test("is chosen over plain partitions, with a week ahead", async () => {
    expect(await database.query("SELECT keeper, detail FROM time_series")).toEqual([
      { keeper: "pg_partman", detail: expect.stringMatching(/dropped after 1 year by maintain-database/) as string },
    ]);
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
