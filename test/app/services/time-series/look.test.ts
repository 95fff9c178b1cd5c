import { Client } from "pg";
import { bootstrapTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { databaseVariables } from "../../../../app/packages/contract/database";
import { seriesLookSchema } from "../../../../app/packages/contract/time-series";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing, withTimescaledb } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { asSuperuser, createTestDatabase } from "../../support/postgres";
import { runCommand } from "../../support/process";
import { insertTicks } from "./time-series";

const missing = debianPostgresMissing("timescaledb");

const dayMs = 86_400_000;
const until = new Date();
const daysAgo = (days: number) => new Date(until.getTime() - days * dayMs).toISOString();

async function look(variables: Readonly<Record<string, string>>, time = until.toISOString()) {
  const { code, stdout, stderr } = await runCommand("inspect-time-series", variables, time);
  expect([stderr, code]).toEqual(["", 0]);
  return seriesLookSchema.parse(JSON.parse(stdout));
}

async function insertCandles(client: Client, times: readonly string[]): Promise<void> {
  await client.query("INSERT INTO symbols (symbol, name) VALUES ('GARAN', 'x'), ('THYAO', 'y') ON CONFLICT DO NOTHING");
  await client.query(
    `INSERT INTO candles (symbol, interval, open_time, open, high, low, close, volume, turnover, trades)
     SELECT 'GARAN', '1m', date_trunc('minute', at), 1, 1, 1, 1, 1, 1, 1 FROM unnest($1::timestamptz[]) AS at`,
    [times],
  );
}

describeWhere(missing, "a look at time series kept by TimescaleDB", () => {
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

  test("finds nothing in an empty one", async () => {
    const { timescaledb, problems, newestTick, newestCandle, ticks, candles, migrations } = await look(
      database.variables,
    );
    expect([newestTick, newestCandle, ticks, candles]).toEqual([undefined, undefined, 0, { "1d": 0, "1m": 0 }]);
    expect([timescaledb?.chunks, problems]).toEqual([0, []]);
    expect(timescaledb?.version).toMatch(/^2\./);
    expect(migrations).toContain("001_users");
  });

  test("counts the rows of a week, and tells the newest, of before it too", async () => {
    const newest = daysAgo(8);
    await insertTicks(owner, [daysAgo(300), newest]);
    expect(await look(database.variables)).toMatchObject({
      newestTick: newest.replace("Z", "000Z"),
      ticks: 0,
      timescaledb: { chunks: 2 },
      problems: [],
    });
    await insertTicks(owner, [daysAgo(6), daysAgo(2), daysAgo(0.001), "9999-12-31T09:00:00Z"]);
    await insertCandles(owner, [daysAgo(8), daysAgo(3), daysAgo(1)]);
    const found = await look(database.variables);
    expect(found).toMatchObject({
      newestTick: daysAgo(0.001).replace("Z", "000Z"),
      newestCandle: `${daysAgo(1).slice(0, 16)}:00.000000Z`,
      counted: { from: daysAgo(7), until: until.toISOString() },
      ticks: 3,
      candles: { "1d": 0, "1m": 2 },
    });
    expect(found.timescaledb?.oldestChunk?.slice(0, 10)).toBe(daysAgo(300).slice(0, 10));
    // Of the week before an earlier time: what came since is not counted.
    expect(await look(database.variables, daysAgo(2.5))).toMatchObject({ ticks: 2, candles: { "1m": 2 } });
    expect(await look(database.variables, daysAgo(7.5))).toMatchObject({ ticks: 1, candles: { "1m": 1 } });
  });

  test("reads compressed chunks as well", async () => {
    const { rows } = await owner.query<{ chunk: string }>("SELECT show_chunks('market_ticks')::text AS chunk");
    await owner.query("SELECT compress_chunk($1)", [rows[0]?.chunk]);
    expect((await look(database.variables)).problems).toEqual([]);
  });

  test("names each chunk that cannot be read, that is gone, or that nobody knows of", async () => {
    const { rows } = await owner.query<{ name: string }>(
      "SELECT chunk_name AS name FROM timescaledb_information.chunks WHERE NOT is_compressed ORDER BY range_start",
    );
    const [closed = "", renamed = ""] = rows.map(({ name }) => name);
    await asSuperuser(
      database,
      `UPDATE pg_class SET relacl = ARRAY['postgres=r/postgres'::aclitem] WHERE relname = '${closed}';
       UPDATE pg_class SET relname = 'stray' WHERE relname = '${renamed}'`,
    );
    const { problems, ticks } = await look(database.variables);
    expect(ticks).toBe(0);
    expect([...problems].sort()).toEqual([
      expect.stringMatching(new RegExp(`^TimescaleDB's catalogue has a chunk without a table: .*${renamed}`)),
      `_timescaledb_internal.${closed} cannot be read: permission denied for table ${closed}`,
      "_timescaledb_internal.stray is in no catalogue of TimescaleDB's",
      expect.stringMatching(/^ticks of the last week cannot be read: relation .* not found$/),
    ]);
  });
});

test("a look at time series in partitions says nothing of TimescaleDB", async () => {
  const database = await createTestDatabase();
  const client = new Client(connectionOptions(database.ownerConfig, "test"));
  await client.connect();
  await bootstrapTimeSeries(client, until);
  await insertTicks(client, [daysAgo(0.01)]);
  await client.end();
  const found = await look(databaseVariables(database.config));
  await database.drop();
  expect(found).toMatchObject({ newestTick: daysAgo(0.01).replace("Z", "000Z"), ticks: 1 });
  expect(found).not.toHaveProperty("timescaledb");
});

test("a time that is none is refused", async () => {
  const { code, stderr } = await runCommand("inspect-time-series", {}, "yesterday");
  expect([code, stderr]).toEqual([1, expect.stringContaining("usage: inspect-time-series")]);
});
