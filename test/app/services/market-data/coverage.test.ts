import { readFileSync } from "node:fs";
import { Pool } from "pg";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { Random } from "../../../../app/packages/simulator/random";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { feedCoverage, recordFeedGap } from "../../../../app/services/market-data/store/feed-gaps";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { alwaysOpen } from "./always-open";
import { createMarketDatabase, startReplica, storedTicks, until } from "./market-data";
import type { ReplicaOverrides } from "./market-data";
import { ScriptedBroker, tickContent } from "./scripted-broker";
import { SlowLink } from "../../support/slow-link";

interface Gap {
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

/** Longer than the shortest gap. */
const longSilence = "listened_until - heard_until > interval '2.5 seconds'";

describe("what the platform listened to", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replica: TestService | undefined;

  beforeEach(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
  });
  afterEach(async () => {
    await replica?.stop();
    replica = undefined;
    await broker.close();
    await database.drop();
  });

  const start = async (overrides: ReplicaOverrides = {}, reached = database) => {
    const before = broker.subscriptions;
    replica = await startReplica(reached, broker.session, { calendar: alwaysOpen, ...overrides });
    await until("the replica listens", () => broker.subscriptions > before);
    return replica;
  };
  /** @returns an instant at which the tick had been heard */
  const hear = async () => {
    const before = await storedTicks(database);
    broker.say("T", tickContent());
    await until("the tick is stored", async () => (await storedTicks(database)) > before);
    return Date.now();
  };
  const silence = () =>
    until("the broker has been silent for long", async () => {
      const [feed] = await database.query<{ silent: boolean }>(`SELECT ${longSilence} AS silent FROM market_feeds`);
      return feed?.silent === true;
    });
  const heardUntil = async () =>
    (await database.query<{ heard_until: Date }>("SELECT heard_until FROM market_feeds"))[0]?.heard_until;
  const gaps = () =>
    database.query<{ from_at: Date; until_at: Date; reason: string }>(
      "SELECT from_at, until_at, reason FROM market_feed_gaps ORDER BY gap_id",
    );
  const firstGap = async () => {
    await until("a gap is recorded", async () => (await gaps()).length > 0);
    return (await gaps())[0];
  };
  const chart = async (service: TestService, symbol: string, fromMs: number, untilMs: number) => {
    const range = `from=${new Date(fromMs).toISOString()}&to=${new Date(untilMs).toISOString()}`;
    const path = `/api/v1/market-data/candles/${symbol}?interval=1m&${range}`;
    return (await service.call("GET", path, { token: await testToken() })).body as { history: string; gaps: Gap[] };
  };

  test("lacks the time in which the connection was open and silent", async () => {
    const service = await start({ feed: { silenceMs: 3_000 } });
    const heard = await hear();
    const gap = await firstGap();
    expect(gap?.reason).toBe("silent");
    expect(gap?.from_at.getTime()).toBeLessThanOrEqual(heard);
    const [fromMs, untilMs] = [gap?.from_at.getTime() ?? 0, gap?.until_at.getTime() ?? 0];
    expect(untilMs - fromMs).toBeGreaterThan(3_000);
    const shown = await chart(service, "GARAN", fromMs, untilMs);
    expect(shown.history).not.toBe("COVERED");
    expect(shown.gaps[0]).toEqual({
      from: gap?.from_at.toISOString(),
      until: gap?.until_at.toISOString(),
      reason: "silent",
    });
  });

  test.each([
    ["as the database's", 0],
    ["10 s behind the database's", -10_000],
    ["10 s ahead of the database's", 10_000],
  ])("lacks the silence in which the leader ended, by clocks %s", async (_, offsetMs) => {
    const clock = { now: () => Date.now() + offsetMs };
    await start({ clock });
    await hear();
    await silence();
    await replica?.stop();
    const heard = await heardUntil();
    const startedMs = Date.now();
    await start({ clock });
    const gap = await firstGap();
    expect(gap).toMatchObject({ from_at: heard, reason: "takeover" });
    expect(gap?.until_at.getTime()).toBeGreaterThanOrEqual(startedMs);
    expect(gap?.until_at.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test("reaches no further than what is stored of what was heard, however late that is noted", async () => {
    const { host, port } = database.config;
    const link = await SlowLink.start({ host, port }, new Random(1), 0);
    const service = await start({}, { ...database, config: { ...database.config, port: link.port } });
    await hear();
    await database.query("ALTER TABLE market_ticks RENAME TO ticks_elsewhere");
    broker.say("T", tickContent());
    await until("a tick was refused", () =>
      service.logged.some(({ msg }) => String(msg).includes("ticks could not be stored")),
    );
    const refused = Date.now();
    let furthest = 0;
    const savedAfter = (afterMs: number) =>
      until("the board was saved since, while the broker goes on", async () => {
        broker.say("T", tickContent());
        const [feed] = await database.query<Record<"listened_until" | "heard_until", Date>>(
          "SELECT listened_until, heard_until FROM market_feeds",
        );
        furthest = Math.max(furthest, feed?.heard_until.getTime() ?? 0);
        return (feed?.listened_until.getTime() ?? 0) > afterMs;
      });
    await savedAfter(refused);
    // The next save is on its way meanwhile.
    link.hold(2_500);
    await savedAfter(Date.now() + 4_000);
    expect(furthest).toBeLessThanOrEqual(refused);
    await database.query("ALTER TABLE ticks_elsewhere RENAME TO market_ticks");
    await replica?.stop();
    replica = undefined;
    await link.close();
  });

  test("lacks a gap that the database could not take at first", async () => {
    const service = await start();
    await hear();
    await silence();
    await database.query("ALTER TABLE market_feed_gaps RENAME TO gaps_elsewhere");
    await broker.cut();
    const refused = () =>
      service.logged.filter(({ error }) => String(error).includes('"market_feed_gaps" does not exist')).length;
    await until("the gap was refused twice", () => refused() > 1);
    const heard = await heardUntil();
    await hear();
    await database.query("ALTER TABLE gaps_elsewhere RENAME TO market_feed_gaps");
    expect(await firstGap()).toMatchObject({ from_at: heard, reason: "closed" });
  });

  test("begins for each symbol with its subscription, and ends with it", async () => {
    const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;
    const covers = async (service: TestService, symbol: string, from: number, to: number) =>
      (await chart(service, symbol, minutesAgo(from), minutesAgo(to))).history === "COVERED";
    const subscribe = async (...symbols: string[]) => {
      await replica?.stop();
      const service = await start({ feed: { symbols } });
      await until("the subscription is noted", async () => {
        const open = await database.query<{ symbol: string }>(
          "SELECT symbol FROM market_feed_subscriptions WHERE until_at IS NULL",
        );
        return JSON.stringify(open.map(({ symbol }) => symbol).sort()) === JSON.stringify(symbols);
      });
      return service;
    };
    const passes = (minutes: number) =>
      database.query(
        `UPDATE market_feed_subscriptions SET from_at = from_at - $1 * interval '1 minute',
           until_at = until_at - $1 * interval '1 minute'`,
        [minutes],
      );

    await subscribe("GARAN");
    await passes(60);
    const both = await subscribe("GARAN", "THYAO");
    expect(await covers(both, "GARAN", 50, 40)).toBe(true);
    expect(await covers(both, "THYAO", 50, 40)).toBe(false);
    await passes(60);
    // The same again begins nothing anew.
    const again = await subscribe("GARAN", "THYAO");
    expect(await covers(again, "GARAN", 110, 40)).toBe(true);
    expect(await covers(again, "THYAO", 110, 40)).toBe(false);
    expect(await covers(again, "THYAO", 50, 40)).toBe(true);
    const all = await subscribe("ALL");
    await passes(60);
    expect(await covers(all, "THYAO", 110, 40)).toBe(true);
    expect(await covers(all, "SASA", 110, 40)).toBe(false);
    expect(await covers(all, "SASA", 50, 40)).toBe(true);
    const one = await subscribe("THYAO");
    await passes(60);
    expect(await covers(one, "THYAO", 170, 10)).toBe(true);
    expect(await covers(one, "GARAN", 170, 70)).toBe(true);
    expect(await covers(one, "GARAN", 50, 40)).toBe(false);
    expect((await chart(one, "GARAN", minutesAgo(170), minutesAgo(10))).gaps).toMatchObject([
      { reason: "not subscribed" },
    ]);
  });

  test.each([
    ["while the market trades", "2026-11-23T11:00:10+03:00", [{ reason: "silent" }]],
    ["and not while it is closed", "2026-11-22T11:00:10+03:00", []],
  ])("lacks a silence that lasts, %s", async (_, now, expected) => {
    const nowMs = Date.parse(now);
    await database.query(
      `INSERT INTO market_feeds (feed, epoch, listened_until, heard_as_of, heard_until)
       SELECT 'algolab', 1, at, at, at - interval '4 seconds' FROM (SELECT $1::timestamptz AS at) noted
       ON CONFLICT (feed) DO UPDATE SET listened_until = excluded.listened_until, heard_as_of = excluded.heard_as_of,
         heard_until = excluded.heard_until`,
      [new Date(nowMs)],
    );
    const pool = new Pool(connectionOptions(database.config, "test"));
    const expectations = { calendar: new TradingCalendar(), silenceMs: 3_000 };
    const range = { fromMs: nowMs - 60_000, untilMs: nowMs };
    const { gaps } = await feedCoverage(pool, expectations, "GARAN", range, nowMs);
    await pool.end();
    expect(gaps).toMatchObject(expected);
    expect(gaps).toHaveLength(expected.length);
  });

  const gapMs = [Date.parse("2026-11-23T11:00:00+03:00"), Date.parse("2026-11-23T11:00:30+03:00")] as const;
  test.each([
    ["lasts on where nothing was surely heard since", -8_000, 1_000, [[0, 31_000]]],
    ["lasts on where it was noted twice", 0, 0, [[0, 30_000]]],
    [
      "is followed by another where something was",
      1,
      3_000,
      [
        [0, 30_000],
        [30_001, 33_000],
      ],
    ],
    ["is followed by none where the next second was not noted", 1, 1_000, [[0, 30_000]]],
  ])("lacks a gap that %s", async (_, heardAfterMs, connectedAfterMs, expected) => {
    const [from, until] = gapMs;
    await database.query(
      "INSERT INTO market_feed_gaps (feed, from_at, until_at, reason) VALUES ('algolab', $1, $2, 'closed')",
      [new Date(from), new Date(until)],
    );
    await database.query("UPDATE market_feeds SET epoch = 1, listened_until = $1, heard_as_of = $1, heard_until = $2", [
      new Date(until + 500),
      new Date(until + heardAfterMs),
    ]);
    const pool = new Pool(connectionOptions(database.config, "test"));
    await recordFeedGap(pool, alwaysOpen, 1, until + connectedAfterMs, "takeover");
    await pool.end();
    const found = (await gaps()).map(({ from_at, until_at }) => [from_at.getTime() - from, until_at.getTime() - from]);
    expect(found).toEqual(expected);
  });

  test("before subscriptions were noted is what each symbol has candles of", async () => {
    const [listened, first] = ["2026-11-23T07:00:30.000Z", "2026-11-23T07:05:00.000Z"];
    await database.query("UPDATE market_feeds SET listened_from = $1", [listened]);
    await database.query(
      `INSERT INTO candles SELECT symbol, '1m', t, 5, 5, 5, 5, 1, 5, 1
       FROM (VALUES ('GARAN', $1::timestamptz), ('THYAO', $2::timestamptz), ('THYAO', $2::timestamptz + interval '1 hour')) c (symbol, t)`,
      ["2026-11-23T06:00:00.000Z", first],
    );
    const migration = readFileSync("app/database/migrations/015_feed_coverage.sql", "utf8");
    const [backfill = ""] = /INSERT INTO[^;]*;/.exec(migration) ?? [];
    await database.query(backfill);
    expect(
      await database.query("SELECT symbol, from_at, until_at FROM market_feed_subscriptions ORDER BY symbol"),
    ).toEqual([
      { symbol: "GARAN", from_at: new Date(listened), until_at: null },
      { symbol: "THYAO", from_at: new Date(Date.parse(first) + 60_000), until_at: null },
    ]);
  });
});
