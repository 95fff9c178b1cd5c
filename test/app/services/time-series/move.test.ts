import { Client, Pool } from "pg";
import { DatabaseBusy, inTurn } from "../../../../app/database/locks";
import { maintainTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { abandonMove, moveTicks } from "../../../../app/database/time-series/move";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { createLogger } from "../../../../app/packages/kit/observability/logger";
import { createFeedPool } from "../../../../app/services/market-data/store/feed-pool";
import { tickLine } from "../../../../app/services/market-data/store/tick-lines";
import { storeBatch } from "../../../../app/services/market-data/store/tick-store";
import { describeWhere } from "../../../support/skip";
import { eventually } from "../../support/broker";
import { debianPostgresMissing, withTimescaledb } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import type { OwnedDatabase } from "../../support/owned-database";
import { runCommand, startProcess } from "../../support/process";

const dayMs = 86_400_000;

/** A feed of one symbol, which stores batch after batch until it is stopped. */
class Feed {
  /** Of the newest tick that is stored. */
  stored = 0;
  private running = false;
  private work: Promise<void> = Promise.resolve();
  private readonly pool: Pool;

  constructor(database: OwnedDatabase) {
    this.pool = createFeedPool(database.config, createLogger("test", "silent"));
  }

  /** Stores ticks at the times given. */
  async store(times: readonly number[]): Promise<void> {
    const firstSequence = this.stored + 1;
    const lines = times.map((epochMs, index) =>
      tickLine({
        symbol: "GARAN",
        market: "IMKBH",
        timestamp: new Date(epochMs).toISOString(),
        epochMs,
        sequence: firstSequence + index,
        symbolSequence: firstSequence + index,
        price: "101.50",
        quantity: "10",
        side: undefined,
        bid: undefined,
        ask: undefined,
      }),
    );
    const lastSequence = this.stored + times.length;
    await storeBatch(this.pool, 0, { firstSequence, lastSequence, lines: lines.join("") });
    this.stored = lastSequence;
  }

  start(): void {
    this.running = true;
    this.work = (async () => {
      while (this.running) await this.store(Array.from({ length: 20 }, () => Date.now()));
    })();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.work;
  }

  async end(): Promise<void> {
    await this.stop();
    await this.pool.end();
  }
}

const keepers = [
  {
    name: "TimescaleDB 2, pg_partman 4 and plain partitions",
    without: debianPostgresMissing("timescaledb", "pg_partman"),
    options: { settings: withTimescaledb, partman: true },
    ways: ["partitions", "pg_partman", "timescaledb", "pg_partman", "partitions", "timescaledb"],
  },
  {
    name: "pg_partman 4 and plain partitions",
    without: debianPostgresMissing("pg_partman"),
    options: { partman: true },
    ways: ["partitions", "pg_partman"],
  },
] as const;

for (const { name, without, options, ways } of keepers) {
  describeWhere(without, `ticks that move between ${name}, for an owner with RDS's rights`, () => {
    let database: OwnedDatabase;
    let owner: Client;
    let feed: Feed;

    beforeAll(async () => {
      database = await startOwnedDatabase(options);
      owner = new Client(connectionOptions(database.ownerConfig, "test"));
      await owner.connect();
      feed = new Feed(database);
      const now = Date.now();
      // A year of days, and a tick of a wrong clock.
      for (let week = 0; week < 52; week += 1)
        await feed.store([now - week * 7 * dayMs, now - week * 7 * dayMs - 1_000]);
      await feed.store([Date.parse("9999-12-31T09:00:00Z")]);
    });
    afterAll(async () => {
      await feed.end();
      await owner.end();
      await database.drop();
    });

    const keeper = async () => (await database.query<{ keeper: string }>("SELECT keeper FROM time_series"))[0]?.keeper;
    const another = async () => ((await keeper()) === ways[0] ? ways[1] : ways[0]);
    const schemas = () => database.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'market_ticks%'");
    /** Sequences that are stored twice, or not at all. */
    const wrong = async () => {
      const rows = await database.query<{ n: string }>(
        `SELECT n FROM generate_series(1, $1::bigint) n LEFT JOIN market_ticks ON sequence = n
         GROUP BY n HAVING count(sequence) <> 1`,
        [feed.stored],
      );
      return rows.map(({ n }) => n);
    };

    test.each(ways)("go to %s while ticks are stored and read, and none is lost", async (to) => {
      const reader = new Pool({ ...connectionOptions(database.config, "reader"), max: 2 });
      const reading = { on: true };
      const fewer: string[] = [];
      const reads = (async () => {
        while (reading.on) {
          const stored = feed.stored;
          const { rows } = await reader.query<{ ticks: string }>({
            name: "ticks",
            text: "SELECT count(*) AS ticks FROM market_ticks WHERE sequence <= $1",
            values: [stored],
          });
          if (Number(rows[0]?.ticks) !== stored) fewer.push(`${rows[0]?.ticks} of ${stored}`);
        }
      })();
      feed.start();
      try {
        expect(await moveTicks(owner, { to })).toMatchObject({ to, done: true });
      } finally {
        reading.on = false;
        await feed.stop();
        await reads;
        await reader.end();
      }
      expect(fewer).toEqual([]);
      expect(await wrong()).toEqual([]);
      expect([await keeper(), await schemas()]).toEqual([to, []]);
      // The services store and read in the new one, and its maintenance goes on.
      await feed.store([Date.now()]);
      expect(await wrong()).toEqual([]);
      await maintainTimeSeries(owner, new Date());
      expect(await moveTicks(owner, { to })).toEqual({ to, done: true, ticks: 0 });
    });

    test("go on where a run was ended", async () => {
      const [to, other] = [await another(), await keeper()];
      expect(await moveTicks(owner, { to, budgetMs: 0 })).toMatchObject({ to, done: false, ticks: 0 });
      await expect(moveTicks(owner, { to: other ?? "" })).rejects.toThrow(`a move to ${to} is under way`);
      // Killed in the middle of a day: its table is held, so that the day is sure to be under way.
      await owner.query("BEGIN; LOCK TABLE market_ticks_next.market_ticks IN EXCLUSIVE MODE");
      const { child, ended } = startProcess("move-ticks", database.variables, "to", to);
      await eventually(
        () =>
          database.query(
            "SELECT FROM pg_stat_activity WHERE application_name LIKE '%move-ticks%' AND wait_event_type = 'Lock'",
          ),
        (waiting) => waiting.length > 0,
      );
      child.kill("SIGKILL");
      await ended;
      await owner.query("COMMIT");
      await eventually(
        () => database.query("SELECT FROM pg_stat_activity WHERE application_name LIKE '%move-ticks%'"),
        (sessions) => sessions.length === 0,
      );
      expect(await moveTicks(owner, { to })).toMatchObject({ to, done: true });
      expect(await wrong()).toEqual([]);
      expect(await keeper()).toBe(to);
    });

    test("stay where they are when the move is given up", async () => {
      const [to, from] = [await another(), await keeper()];
      await moveTicks(owner, { to, budgetMs: 0 });
      const { code, stdout } = await runCommand("move-ticks", database.variables, "abandon");
      expect([code, stdout]).toEqual([0, '{"abandoned":true}\n']);
      expect(await abandonMove(owner)).toBe(false);
      expect([await keeper(), await schemas(), await wrong()]).toEqual([from, [], []]);
    });

    test("wait for a dump, and for another run", async () => {
      const to = await another();
      const other = new Client(connectionOptions(database.ownerConfig, "test"));
      await other.connect();
      try {
        await inTurn(other, async () => {
          const { code, stdout } = await runCommand("move-ticks", database.variables, "to", to);
          expect(code).toBe(0);
          expect(JSON.parse(stdout)).toEqual({
            ...{ to, done: false, ticks: 0 },
            waitsFor: expect.stringMatching(/^a dump or maintenance is under way/) as string,
          });
        });
        await other.query("SELECT pg_advisory_lock(hashtextextended('bist move of ticks', 0))");
        await expect(moveTicks(owner, { to })).rejects.toThrow(DatabaseBusy);
      } finally {
        await other.end();
      }
      expect(await schemas()).toEqual([]);
    });

    test("are refused to a table that has become another one meanwhile", async () => {
      const [to, from] = [await another(), await keeper()];
      await moveTicks(owner, { to, budgetMs: 0 });
      await owner.query("ALTER TABLE market_ticks ADD COLUMN venue text");
      await expect(moveTicks(owner, { to })).rejects.toThrow("has other columns than when the move began");
      await owner.query("ALTER TABLE market_ticks DROP COLUMN venue");
      expect(await moveTicks(owner, { to })).toMatchObject({ done: true });
      expect(await keeper()).not.toBe(from);
      expect(await wrong()).toEqual([]);
    });

    test("keep the table before where the new one lacks one of them", async () => {
      const to = await another();
      await moveTicks(owner, { to, budgetMs: 0 });
      while ((await owner.query("SELECT FROM market_ticks_next.move WHERE ticks = 0")).rowCount === 1) {
        // A day at a time.
        await moveTicks(owner, { to, budgetMs: 1 });
      }
      await owner.query(
        "DELETE FROM market_ticks_next.market_ticks WHERE sequence = (SELECT max(sequence) FROM market_ticks_next.market_ticks)",
      );
      await expect(moveTicks(owner, { to })).rejects.toThrow(/it is kept as market_ticks_before.market_ticks/);
      await expect(abandonMove(owner)).rejects.toThrow(`${to} keeps the ticks already`);
      const [lost] = await wrong();
      await owner.query("INSERT INTO market_ticks SELECT * FROM market_ticks_before.market_ticks WHERE sequence = $1", [
        lost,
      ]);
      expect(await moveTicks(owner, { to })).toMatchObject({ done: true });
      expect([await wrong(), await schemas()]).toEqual([[], []]);
    });

    test("are refused to whoever the server does not have", async () => {
      await expect(moveTicks(owner, { to: "influxdb" })).rejects.toThrow(/no backend for time series/);
      const { code, stderr } = await runCommand("move-ticks", database.variables, "to");
      expect([code, stderr]).toEqual([1, expect.stringMatching(/usage: move-ticks to/)]);
    });
  });
}
