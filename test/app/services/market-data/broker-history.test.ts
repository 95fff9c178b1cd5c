import { metrics } from "../../../../app/packages/contract/metrics";
import { actuator, services } from "../../../../app/packages/contract/services";
import { intervals, openTimeOf } from "../../../../app/services/market-data/domain/interval";
import type { Interval } from "../../../../app/services/market-data/domain/interval";
import { buildMarketData } from "../../../../app/services/market-data/service";
import type { TestDatabase } from "../../support/postgres";
import { startTestService } from "../../support/service";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { createMarketDatabase, keepSession, marketDataConfig, steadyLease, until } from "./market-data";
import { ScriptedBroker, tickContent } from "./scripted-broker";

interface Chart {
  readonly history: "COVERED" | "PENDING" | "FETCHED" | "UNAVAILABLE";
  readonly candles: {
    readonly openTime: string;
    readonly open: string;
    readonly close: string;
    readonly turnover: string | null;
    readonly trades: number | null;
    readonly source: "TICKS" | "BROKER" | "BOTH";
    readonly complete: boolean;
  }[];
}

/** The last bars of an interval, the running one among them, each with a price of its own. */
function bars(interval: Interval, count = 250, change: (n: number) => object = () => ({})) {
  const last = openTimeOf(interval, Date.now());
  return Array.from({ length: count }, (_, n) => {
    const openMs = last - (count - 1 - n) * intervals[interval];
    const date = new Date(openMs + 3 * 3_600_000).toISOString().slice(0, 19);
    return { date, open: 10 + n, high: 11 + n, low: 9 + n, close: 10.5 + n, volume: 1_000, ...change(n) };
  });
}
const success = (content: unknown) => ({ text: JSON.stringify({ success: true, message: "", content }) });

describe("candles of the time in which nobody listened", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replicas: TestService[];
  let customerHash: Buffer;
  const secret = marketDataConfig({} as TestDatabase).algolab.sessionSecret;

  beforeEach(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    replicas = [];
    customerHash = await keepSession(database, secret, "a session of the script");
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await broker.close();
    await database.drop();
  });

  const start = async (overrides: { readonly requestIntervalMs?: number } = {}) => {
    const base = marketDataConfig(database);
    const config = {
      ...base,
      marketData: { ...base.marketData, ...overrides },
      algolab: { ...base.algolab, baseUrl: broker.url },
    };
    const replica = await startTestService(services.marketData, config, async (kit) => {
      await buildMarketData(kit, config, { leaseTimes: steadyLease });
    });
    replicas.push(replica);
    await until("a replica listens", async () => {
      const [feed] = await database.query<{ listens: boolean }>(
        "SELECT listened_until > now() - interval '5 seconds' AS listens FROM market_feeds",
      );
      return broker.connected && feed?.listens === true;
    });
    return replica;
  };
  const chart = async (replica: TestService, symbol: string, interval: Interval, query = "&limit=300") => {
    const path = `/api/v1/market-data/candles/${symbol}?interval=${interval}${query}`;
    return (await replica.call("GET", path, { token: await testToken() })).body as Chart;
  };
  /** Asks as the page does, until the broker is no longer being asked. */
  const settled = async (replica: TestService, symbol: string, interval: Interval) => {
    let shown = await chart(replica, symbol, interval);
    await until("the history is settled", async () => {
      shown = await chart(replica, symbol, interval);
      return shown.history !== "PENDING";
    });
    return shown;
  };
  const asked = () => broker.calls.map(({ endpoint, body }) => [endpoint, body["symbol"], body["period"]]);

  test("fill a new chart on the first start, asked for once, over whatever replica", async () => {
    broker.answer = ({ body }) => success(bars(body["period"] === "1" ? "1m" : "1d"));
    const leader = await start();
    const follower = await start();
    expect(await chart(follower, "GARAN", "1m")).toMatchObject({ history: "PENDING", candles: [] });
    const minutes = await settled(follower, "GARAN", "1m");
    expect([minutes.history, minutes.candles.length]).toEqual(["FETCHED", 250]);
    expect(minutes.candles[0]).toMatchObject({
      open: "10",
      close: "10.5",
      source: "BROKER",
      complete: true,
      turnover: null,
      trades: null,
    });
    expect(minutes.candles.at(-1)).toMatchObject({ source: "BROKER", complete: false });
    const days = await settled(leader, "GARAN", "1d");
    expect([days.history, days.candles.length]).toEqual(["FETCHED", 250]);
    for (const replica of replicas)
      for (const interval of ["1m", "1d"] as const) await settled(replica, "GARAN", interval);
    expect(asked()).toEqual([
      ["GetCandleData", "GARAN", "1"],
      ["GetCandleData", "GARAN", "1440"],
    ]);
  });

  test("go on with the ticks of the day in which the platform began to listen", async () => {
    broker.answer = () => success(bars("1d", 3));
    const replica = await start();
    broker.say("T", tickContent({ Price: 500 }));
    const shown = await until("the tick is in the chart", async () => {
      const { candles } = await settled(replica, "GARAN", "1d");
      return candles.at(-1)?.source === "BOTH" && candles.at(-1)?.close === "500";
    }).then(() => chart(replica, "GARAN", "1d"));
    expect(shown.candles.map(({ open, close, source, complete }) => [open, close, source, complete])).toEqual([
      ["10", "10.5", "BROKER", true],
      ["11", "11.5", "BROKER", true],
      ["12", "500", "BOTH", false],
    ]);
  });

  test("leave what the platform listened to as it is", async () => {
    const minute = openTimeOf("1m", Date.now()) - 60 * 60_000;
    const at = (n: number) => new Date(minute + n * 60_000);
    await database.query("UPDATE market_feeds SET candles_until = now()");
    await database.query("INSERT INTO market_feed_subscriptions VALUES ('algolab', 'ALL', $1)", [at(1)]);
    await database.query(
      `INSERT INTO candles SELECT 'GARAN', '1m', t, 5, 5, 5, 5, 1, 5, 1 FROM unnest($1::timestamptz[]) t`,
      [[at(0), at(1), at(3), at(4)]],
    );
    await database.query(
      "INSERT INTO market_feed_gaps (feed, from_at, until_at, reason) VALUES ('algolab', $1, $2, 'closed')",
      [new Date(at(3).getTime() + 10_000), new Date(at(3).getTime() + 20_000)],
    );
    broker.answer = () => success(bars("1m"));
    const replica = await start();
    await settled(replica, "GARAN", "1m");
    const { candles } = await chart(replica, "GARAN", "1m", `&from=${at(-1).toISOString()}&to=${at(5).toISOString()}`);
    // Before it listened; from within a minute on; whole; whole, without a trade; with a gap; whole.
    expect(candles.map(({ openTime, source, complete }) => [Date.parse(openTime) - minute, source, complete])).toEqual([
      [-60_000, "BROKER", true],
      [0, "BROKER", true],
      [60_000, "TICKS", true],
      [180_000, "BROKER", true],
      [240_000, "TICKS", true],
    ]);
    const { history } = await chart(replica, "GARAN", "1m", `&from=${at(1).toISOString()}&to=${at(3).toISOString()}`);
    expect(history).toBe("COVERED");
  });

  test.each([
    ["404", { status: 404, text: "<html>Not Found</html>" }],
    ["401", { status: 401, text: "" }],
    ["429", { status: 429, text: "" }],
    ["500", { status: 500, text: "oops" }],
    ["garbage", { text: "\u0000\u0001{" }],
  ])("cost nothing but the history when the broker answers %s", async (_, answer) => {
    broker.answer = () => answer;
    const replica = await start();
    const subscriptions = broker.subscriptions;
    expect(await settled(replica, "GARAN", "1m")).toMatchObject({ history: "UNAVAILABLE", candles: [] });
    // It is left alone after that, for every chart.
    expect(await settled(replica, "THYAO", "1d")).toMatchObject({ history: "UNAVAILABLE", candles: [] });
    expect(asked()).toEqual([["GetCandleData", "GARAN", "1"]]);
    const [session] = await database.query<{ active: boolean }>("SELECT active FROM algolab_sessions");
    expect([session?.active, broker.subscriptions, broker.connected]).toEqual([true, subscriptions, true]);
    expect(await database.query("SELECT 1 FROM broker_candles")).toEqual([]);
  });

  test.each([
    ["a refusal", { text: '{"success":false,"message":"Yetkiniz yok.","content":null}' }],
    ["nothing", success(null)],
    ["no bars", success([])],
    ["rows of another kind", success([{ a: 1 }, 5, null, "x"])],
    ["bars that cannot be", success(bars("1m", 20, () => ({ high: 1, low: 100 })))],
    ["bars of absurd times", success(bars("1m", 20, () => ({ date: "9999-12-31T23:59:00" })))],
  ])("of other symbols go on when the broker answers %s for one", async (_, answer) => {
    broker.answer = ({ body }) => (body["symbol"] === "GARAN" ? answer : success(bars("1d")));
    const replica = await start();
    expect(await settled(replica, "GARAN", "1m")).toMatchObject({ history: "UNAVAILABLE", candles: [] });
    expect((await settled(replica, "THYAO", "1d")).history).toBe("FETCHED");
    expect(await settled(replica, "GARAN", "1m")).toMatchObject({ history: "UNAVAILABLE", candles: [] });
    expect(asked()).toEqual([
      ["GetCandleData", "GARAN", "1"],
      ["GetCandleData", "THYAO", "1440"],
    ]);
    const { text } = await replica.call("GET", actuator.metrics);
    for (const outcome of ["empty", "fetched"])
      expect(text).toContain(`${metrics.marketHistoryRequests.name}{outcome="${outcome}",service="market-data"} 1\n`);
  });

  test("are asked for in the slots of the account's calls", async () => {
    broker.answer = () => success(bars("5m"));
    await database.query(
      "INSERT INTO broker_call_slots (customer_hash, free_at) VALUES ($1, clock_timestamp() + interval '1 hour')",
      [customerHash],
    );
    const replica = await start({ requestIntervalMs: 60_000 });
    await chart(replica, "GARAN", "5m");
    // The leader saves each second, and looks for what charts lack as often.
    const saves = new Set<string>();
    await until("the leader has saved, and looked, a few times", async () => {
      const [feed] = await database.query<{ at: string }>("SELECT listened_until::text AS at FROM market_feeds");
      return saves.add(feed?.at ?? "").size > 4;
    });
    expect([asked(), (await chart(replica, "GARAN", "5m")).history]).toEqual([[], "PENDING"]);
    await database.query("UPDATE broker_call_slots SET free_at = clock_timestamp()");
    expect((await settled(replica, "GARAN", "5m")).history).toBe("FETCHED");
    await until("the next call has to wait", async () => {
      const [slot] = await database.query<{ wait: number }>(
        "SELECT extract(epoch FROM free_at - clock_timestamp())::float8 AS wait FROM broker_call_slots",
      );
      return slot !== undefined && slot.wait > 30 && slot.wait <= 60;
    });
  });

  test("of a symbol that nobody knows are not asked for", async () => {
    const replica = await start();
    expect((await chart(replica, "NOSUCH", "1m")).history).toBe("UNAVAILABLE");
    expect([asked(), await database.query("SELECT 1 FROM broker_candle_requests")]).toEqual([[], []]);
  });

  test("are not to be expected while nobody is logged in at the broker", async () => {
    const replica = await start();
    await database.query("UPDATE algolab_sessions SET active = false");
    broker.refuse();
    await until("nobody listens", async () => (await chart(replica, "GARAN", "1m")).history === "UNAVAILABLE");
    expect(asked()).toEqual([]);
  });
});
