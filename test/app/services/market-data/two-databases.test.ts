import { actuator, services } from "../../../../app/packages/contract/services";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import { buildMarketData } from "../../../../app/services/market-data/service";
import type { MarketDataServiceConfig } from "../../../../app/services/market-data/service";
import { describeWhere } from "../../../support/skip";
import { debianPostgresMissing, withTimescaledb } from "../../support/debian-postgres";
import { startOwnedDatabase } from "../../support/owned-database";
import { asSuperuser } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { at, startTestService } from "../../support/service";
import type { TestService } from "../../support/service";
import { SlowLink } from "../../support/slow-link";
import { testToken } from "../../support/tokens";
import { registerUser, signIn, startUserManagement } from "../../support/users";
import { alwaysOpen } from "./always-open";
import {
  createMarketDatabase,
  keepSession,
  marketDataConfig,
  startBroker,
  steadyLease,
  storedTicks,
  StreamClient,
  trade,
  until,
} from "./market-data";

jest.setTimeout(300_000);

const missing = debianPostgresMissing("timescaledb");

const elsewhere = [
  ["another server, with TimescaleDB", () => startOwnedDatabase({ settings: withTimescaledb }), missing],
  ["another database of the same server", createMarketDatabase, undefined],
] as const;

const symbol = "GARAN";
const hash = async (session: Awaited<ReturnType<typeof startBroker>>["session"]) => (await session())?.hash ?? "";

for (const [where, createTimeSeries, whyNot] of elsewhere)
  describeWhere(whyNot, `market data in ${where}`, () => {
    let core: TestDatabase;
    let timeSeries: TestDatabase;
    let links: { readonly core: SlowLink; readonly timeSeries: SlowLink };
    let simulator: Simulator;
    let configured: MarketDataServiceConfig;
    let replica: TestService;
    let userManagement: TestService;
    let token: string;
    let untouched: { readonly core: Contents; readonly timeSeries: Contents };
    /** Of the process and of neither server. */
    let aheadMs = 0;

    beforeAll(async () => {
      core = await createMarketDatabase();
      timeSeries = await createTimeSeries();
      links = { core: await SlowLink.start(core.config), timeSeries: await SlowLink.start(timeSeries.config) };
      const broker = await startBroker();
      simulator = broker.simulator;
      const config = marketDataConfig(core);
      await keepSession(core, config.algolab.sessionSecret, await hash(broker.session));
      untouched = { core: await contentsOf(core), timeSeries: await contentsOf(timeSeries) };
      configured = {
        ...config,
        database: { ...core.config, port: links.core.port },
        timeSeries: { ...timeSeries.config, port: links.timeSeries.port },
        marketData: { ...config.marketData, requestIntervalMs: 1 },
        algolab: { ...config.algolab, baseUrl: simulator.url },
      };
      replica = await start();
      userManagement = await startUserManagement(core);
      token = await testToken();
    });
    afterAll(async () => {
      for (const service of [replica, userManagement]) await service.stop();
      await simulator.close();
      for (const link of Object.values(links)) await link.close();
      for (const database of [core, timeSeries]) await database.drop();
    });

    const start = () =>
      startTestService(
        services.marketData,
        configured,
        async (kit) => {
          await buildMarketData(kit, configured, { leaseTimes: steadyLease });
        },
        { clock: { now: () => Date.now() + aheadMs } },
      );
    const get = async (path: string) => (await replica.call("GET", path, { token })).body;
    const readiness = async () => {
      const { status, body } = await replica.call("GET", actuator.readiness);
      return [status, at(body, "components", "database", "status"), at(body, "components", "time series", "status")];
    };
    const isReady = async (...expected: readonly unknown[]) => {
      await until(`readiness says ${expected.join(", ")}`, async () => String(await readiness()) === String(expected));
    };

    test("is there, all of it, and nothing of it is in the core's", async () => {
      await trade(simulator, timeSeries, 200);
      const chart = `/api/v1/market-data/candles/${symbol}?interval=1m`;
      await until("the broker's candles are there", async () => at(await get(chart), "history") === "FETCHED");
      // The minute is over for the leader.
      aheadMs = 120_000;
      await until("quotes, books and candles are saved", async () => {
        const changed = changes(untouched.timeSeries, await contentsOf(timeSeries));
        return ["quotes", "order_books", "candles"].every((table) => changed.includes(table));
      });
      const changed = changes(untouched.timeSeries, await contentsOf(timeSeries));
      // A gap is noted where this runs in trading hours: the clock's jump is a silence of the feed.
      expect(changed.filter((table) => table !== "market_feed_gaps")).toEqual([
        "broker_candle_requests",
        "broker_candles",
        "candles",
        "market_feed_subscriptions",
        "market_feeds",
        "market_ticks",
        "order_books",
        "quotes",
        "symbols",
      ]);
      expect(changes(untouched.core, await contentsOf(core))).toEqual(["broker_call_slots"]);
      expect(at(await get(`/api/v1/market-data/ticks/${symbol}`), "ticks", 0, "symbol")).toBe(symbol);
      expect(await get(`/api/v1/symbols/${symbol}`)).toMatchObject({ symbol });
      expect(at(await get(chart), "candles")).not.toEqual([]);
      await isReady(200, "UP", "UP");
    });

    test("reaches a replica that is not the leader", async () => {
      const follower = await start();
      for (const path of [pathOf("quotes"), `/api/v1/market-data/order-book/${symbol}`])
        await until(`the follower shows the leader's ${path}`, async () => {
          const { status, text } = await follower.call("GET", path, { token });
          return status === 200 && text === (await replica.call("GET", path, { token })).text;
        });
      await follower.stop();
    });

    test("has a pool of its own, which its metrics tell apart", async () => {
      const { text } = await replica.call("GET", actuator.metrics);
      for (const what of ["active", "idle", "max", "waiting"])
        for (const database of ["core", "timeSeries"])
          expect(text).toMatch(
            new RegExp(`^database_pool_connections_${what}\\{database="${database}",service="market-data"\\} \\d`, "m"),
          );
      // The slowest statements of user-management's pods are the core's.
      expect(text).toMatch(/^# TYPE database_statement_seconds gauge$/m);
      const open = async (database: TestDatabase) =>
        (
          await database.query<{ name: string }>(
            `SELECT DISTINCT application_name AS name FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'market-data%' ORDER BY 1`,
          )
        ).map(({ name }) => name);
      expect(await open(core)).toEqual(["market-data", "market-data listener"]);
      expect(await open(timeSeries)).toEqual(["market-data", "market-data feed"]);
    });

    test("goes on to whoever has a valid token while the core's host is gone, and readiness says so", async () => {
      const client = await StreamClient.connect(replica.url, token);
      await client.subscribe("TRADE", symbol);
      links.core.vanish();
      await isReady(503, "DOWN", "UP");
      const shown = client.updates("trades").length;
      await trade(simulator, timeSeries, 200);
      await until("the client sees later trades", () => client.updates("trades").length > shown);
      const late = await StreamClient.connect(replica.url, await testToken({ authorities: ["market:read"] }));
      await late.subscribe("QUOTE", symbol);
      expect(late.of("SNAPSHOT").flatMap(({ quotes }) => quotes)).toMatchObject([{ symbol }]);
      for (const path of ["quotes", "ticks", "candles"])
        expect((await replica.call("GET", pathOf(path), { token })).status).toBe(200);
      links.core.moveTo();
      await isReady(200, "UP", "UP");
      for (const { socket } of [client, late]) socket.close();
    });

    test("is missing alone while its host is gone: readiness says so, log-ins go on, and no tick is lost", async () => {
      const user = await registerUser(userManagement);
      const client = await StreamClient.connect(replica.url, token);
      await client.subscribe("TRADE", symbol);
      links.timeSeries.vanish();
      simulator.advance(200);
      await isReady(503, "UP", "DOWN");
      expect((await signIn(userManagement, user)).accessToken).toBeDefined();
      expect((await userManagement.call("GET", actuator.readiness)).status).toBe(200);
      // From memory.
      expect((await replica.call("GET", pathOf("quotes"), { token })).status).toBe(200);
      const before = await storedTicks(timeSeries);
      links.timeSeries.moveTo();
      await isReady(200, "UP", "UP");
      await until("what came meanwhile is stored", async () => (await storedTicks(timeSeries)) >= before + 200);
      const [stored] = await timeSeries.query("SELECT count(*) = max(sequence) AS whole FROM market_ticks");
      expect(stored).toEqual({ whole: true });
      const { sequences } = await until("the client has seen them all", async () => {
        const [{ last } = { last: 0 }] = await timeSeries.query<{ last: number }>(
          "SELECT max(symbol_sequence)::int AS last FROM market_ticks WHERE symbol = $1",
          [symbol],
        );
        return client.updates<{ sequence: number }>("trades").at(-1)?.sequence === last;
      }).then(() => ({ sequences: client.updates<{ sequence: number }>("trades").map(({ sequence }) => sequence) }));
      const [first = 0] = sequences;
      expect(sequences).toEqual(sequences.map((_, n) => first + n));
      client.socket.close();
    });
  });

const pathOf = (kind: string) =>
  ({
    quotes: `/api/v1/market-data/quotes/${symbol}`,
    ticks: `/api/v1/market-data/ticks/${symbol}`,
    candles: `/api/v1/market-data/candles/${symbol}?interval=1m`,
  })[kind] ?? "";

/** Of each table, what it holds. */
type Contents = ReadonlyMap<string, string>;

async function contentsOf(database: TestDatabase): Promise<Contents> {
  const tables = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const contents = new Map<string, string>();
  for (const { name } of tables) {
    const [row] = await database.query<{ digest: string }>(
      `SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS digest FROM ${name} t`,
    );
    contents.set(name, row?.digest ?? "");
  }
  return contents;
}

const changes = (before: Contents, after: Contents) =>
  [...after].filter(([table, digest]) => digest !== before.get(table)).map(([table]) => table);

/** From the other's, and from the process's. */
describe.each([-10, 10])("servers whose clocks differ, one by %d minutes", (minutes) => {
  test.each(["core", "timeSeries"] as const)("do not lead market data astray: %s", async (wrong) => {
    const databases = { core: await createMarketDatabase(), timeSeries: await createMarketDatabase() };
    await shiftClock(databases[wrong], minutes);
    const { core, timeSeries } = databases;
    const { simulator, session } = await startBroker();
    const base = marketDataConfig(core, { calendar: alwaysOpen });
    await keepSession(core, base.algolab.sessionSecret, await hash(session));
    const config = {
      ...base,
      timeSeries: timeSeries.config,
      marketData: { ...base.marketData, requestIntervalMs: 1 },
      algolab: { ...base.algolab, baseUrl: simulator.url },
    };
    const start = () =>
      startTestService(services.marketData, config, async (kit) => {
        await buildMarketData(kit, config, { leaseTimes: steadyLease });
      });
    const replica = await start();
    await trade(simulator, timeSeries, 100);

    const token = await testToken();
    const chart = async () => (await replica.call("GET", pathOf("candles"), { token })).body;
    await until("the broker's candles are there", async () => at(await chart(), "history") === "FETCHED");
    // Noted by the clock of their own server.
    const [noted] = await timeSeries.query<Record<"listened" | "subscribed" | "wanted" | "asked", Date>>(
      `SELECT listened_until AS listened, s.from_at AS subscribed, wanted_at AS wanted, asked_at AS asked
       FROM market_feeds, market_feed_subscriptions s, broker_candle_requests`,
    );
    const minutesOff = Object.entries(noted ?? {}).map(([what, time]) => [
      what,
      Math.round((time.getTime() - Date.now()) / 300_000) * 5 + 0,
    ]);
    const expected = wrong === "timeSeries" ? minutes : 0;
    expect(Object.fromEntries(minutesOff)).toEqual({
      listened: expected,
      subscribed: expected,
      wanted: expected,
      asked: expected,
    });
    // It listens, whatever the process's own clock says.
    expect(await chart()).toMatchObject({ gaps: [] });

    await replica.stop();
    const successor = await start();
    await trade(simulator, timeSeries, 100);
    const [stored] = await timeSeries.query("SELECT count(*) = max(sequence) AS whole FROM market_ticks");
    expect(stored).toEqual({ whole: true });
    await successor.stop();
    await simulator.close();
    for (const database of Object.values(databases)) await database.drop();
  });
});

/** Has a database tell the services another time. Defaults of columns are not asked. */
async function shiftClock(database: TestDatabase, minutes: number): Promise<void> {
  const { name, username } = database.config;
  const functions = ["now", "clock_timestamp"].map(
    (function_) =>
      `CREATE FUNCTION shifted.${function_}() RETURNS timestamptz LANGUAGE sql VOLATILE
         AS $$ SELECT pg_catalog.${function_}() + interval '${minutes} minutes' $$;`,
  );
  await asSuperuser(
    database,
    `CREATE SCHEMA shifted; GRANT USAGE ON SCHEMA shifted TO PUBLIC; ${functions.join(" ")}
     ALTER ROLE ${username} IN DATABASE ${name} SET search_path = shifted, pg_catalog, public;
     ALTER TABLE order_books ALTER saved_at SET DEFAULT shifted.clock_timestamp()`,
  );
}

test("the same database may be named twice", async () => {
  const database = await createMarketDatabase();
  const { simulator, session } = await startBroker();
  const config = { ...marketDataConfig(database), timeSeries: database.config };
  const replica = await startTestService(services.marketData, config, async (kit) => {
    await buildMarketData(kit, config, { session, leaseTimes: steadyLease });
  });
  await trade(simulator, database, 50);
  expect(at((await replica.call("GET", actuator.readiness)).body, "status")).toBe("UP");
  await replica.stop();
  await simulator.close();
  await database.drop();
});
