import { Client } from "pg";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { bootstrapTimeSeries, maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { dropOldCandles } from "../../../../app/database/time-series/candles";
import { createTestDatabase, reportingUser } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { absurdTimes, filledParts, history, insertTicks, partitionsOf } from "./time-series";

const now = new Date("2026-11-23T10:00:00Z");

describe("ticks in declarative partitions", () => {
  let database: TestDatabase;
  let client: Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new Client(connectionOptions(database.ownerConfig, "test"));
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  test("are what an owner without extensions gets, with the reasons, from yesterday to a week ahead", async () => {
    const choice = await bootstrapTimeSeries(client, now);
    expect(choice).toMatchObject({ backend: "partitions", isNew: true });
    const reasons =
      "(the server does not have the extension|shared_preload_libraries does not name it|permission denied)";
    expect(choice.passedOver).toEqual(
      ["timescaledb", "pg_partman"].map((name) => expect.stringMatching(`^${name}: ${reasons}`) as string),
    );
    const partitions = await partitionsOf(client);
    expect([partitions[0], partitions.at(-1), partitions.length]).toEqual([
      "market_ticks_p20261122",
      "market_ticks_p20261130",
      9,
    ]);
  });

  test("a second bootstrap changes nothing, and twenty at once make one table", async () => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const another = new Client(connectionOptions(database.ownerConfig, "test"));
        await another.connect();
        return another;
      }),
    );
    const choices = await Promise.all(clients.map((another) => bootstrapTimeSeries(another, now)));
    expect(choices.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await partitionsOf(client)).toHaveLength(9);
    await Promise.all(clients.map((another) => another.end()));
  });

  test("have the guide's index on every partition", async () => {
    await bootstrapTimeSeries(client, now);
    const { rows } = await client.query<{ indexdef: string }>(
      "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_market_ticks_symbol_time'",
    );
    expect(rows[0]?.indexdef).toMatch(/\(symbol, "timestamp" DESC\)/);
    const unindexed = await client.query(
      `SELECT inhrelid FROM pg_inherits WHERE inhparent = 'market_ticks'::regclass
       AND (SELECT count(*) FROM pg_index WHERE indrelid = inhrelid) <> 2`,
    );
    expect(unindexed.rowCount).toBe(0);
  });

  test("ticks of days without a partition are kept, and get one at the next maintenance", async () => {
    await bootstrapTimeSeries(client, now);
    await insertTicks(client, ["2026-11-23T09:00:00Z", "2026-11-10T09:00:00Z", "2026-11-10T09:00:01Z"]);
    expect(await filledParts(client)).toEqual({ market_ticks_default: 2, market_ticks_p20261123: 1 });

    expect(await maintainTimeSeries(client, now)).toEqual(["created market_ticks_p20261110"]);
    expect(await filledParts(client)).toEqual({ market_ticks_p20261110: 2, market_ticks_p20261123: 1 });
    expect(await history(client)).toEqual(["101", "103", "102"]);
    expect(await maintainTimeSeries(client, now)).toEqual([]);
  });

  test.each(absurdTimes)("tomorrow has its partition though there is a tick of %s", async (absurd) => {
    await bootstrapTimeSeries(client, now);
    await insertTicks(client, ["2026-11-23T09:00:00Z", absurd]);
    const later = new Date("2026-11-26T00:30:00Z");
    const report = await maintainTimeSeries(client, later);
    expect(report.slice(0, 3)).toEqual([1, 2, 3].map((day) => `created market_ticks_p2026120${day}`));
    expect((await partitionsOf(client)).at(-1)).toBe("market_ticks_p20261203");
    // And again the next night.
    expect(await maintainTimeSeries(client, new Date("2026-11-27T00:30:00Z"))).toContain(
      "created market_ticks_p20261204",
    );
    expect(await history(client)).toContain("101");
  });

  test("a tick of a day far ahead is kept and reported, and gets its partition when the day is near", async () => {
    await bootstrapTimeSeries(client, now);
    await insertTicks(client, ["2027-01-05T09:00:00Z"]);
    const report = ["left 1 ticks of more than 7 days ahead in the default partition"];
    expect(await maintainTimeSeries(client, now)).toEqual(report);
    await maintainTimeSeries(client, new Date("2027-01-02T00:30:00Z"));
    expect(await filledParts(client)).toEqual({ market_ticks_p20270105: 1 });
  });

  test("are dropped after a year", async () => {
    await bootstrapTimeSeries(client, now);
    await insertTicks(client, ["2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z", "2025-06-01T09:00:00Z"]);
    const later = new Date("2027-11-23T00:30:00Z");
    const report = await maintainTimeSeries(client, later);
    expect(report).toContain("dropped market_ticks_p20261122");
    expect(report).toContain("deleted 1 ticks older than 1 year from the default partition");
    expect(await filledParts(client)).toEqual({ market_ticks_p20261123: 1 });
  });

  test("the services' user writes and reads them, the reporting user reads them", async () => {
    await bootstrapTimeSeries(client, now);
    const application = new Client(connectionOptions(database.config, "test"));
    await application.connect();
    await insertTicks(application, ["2026-11-23T09:00:00Z"]);
    expect(await history(application)).toEqual(["101"]);
    await application.end();
    const reader = new Client(connectionOptions({ ...database.config, ...reportingUser }, "test"));
    await reader.connect();
    expect(await history(reader)).toEqual(["101"]);
    await expect(insertTicks(reader, ["2026-11-23T09:00:00Z"])).rejects.toThrow(/permission denied/);
    await reader.end();
  });

  test("maintenance before the bootstrap says what to run", async () => {
    await expect(maintainTimeSeries(client, now)).rejects.toThrow(/run bootstrap-database first/);
  });

  test("candles of less than a day go after two years, those of a day stay", async () => {
    await client.query(
      `INSERT INTO candles SELECT 'GARAN', i, t::timestamptz, 1, 1, 1, 1, 1, 1, 1
       FROM unnest(ARRAY['1m', '1d']) i, unnest(ARRAY['2024-11-22T10:00:00Z', '2024-11-24T10:00:00Z']) t`,
    );
    await client.query(
      `INSERT INTO broker_candles SELECT 'GARAN', i, t::timestamptz, 1, 1, 1, 1, 1, now()
       FROM unnest(ARRAY['1m', '4h', '1d']) i, unnest(ARRAY['2024-11-22T10:00:00Z', '2024-11-24T10:00:00Z']) t`,
    );
    expect(await dropOldCandles(client, now)).toBe(3);
    for (const table of ["candles", "broker_candles"]) {
      const { rows } = await client.query(`SELECT interval FROM ${table} WHERE open_time < '2024-11-23'`);
      expect(rows).toEqual([{ interval: "1d" }]);
    }
  });

  test("old candles are found by their key, without going through the others", async () => {
    await client.query(
      `INSERT INTO candles SELECT symbol, '1m', t, 1, 1, 1, 1, 1, 1, 1
       FROM symbols, generate_series($1::timestamptz - interval '2 years 10 hours', $1, interval '12 hours') t`,
      [now],
    );
    await client.query("ANALYZE candles");
    const scans = async () => {
      await client.query("SELECT pg_stat_force_next_flush()");
      const { rows } = await client.query<{ scans: string }>(
        "SELECT seq_scan AS scans FROM pg_stat_user_tables WHERE relname = 'candles'",
      );
      return Number(rows[0]?.scans);
    };
    const before = await scans();
    const symbols = (await client.query("SELECT FROM symbols")).rowCount;
    expect(await dropOldCandles(client, now)).toBe(symbols);
    expect(await scans()).toBe(before);
  });
});
