import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { sessionAt } from "../../../../app/packages/bist/calendar-session";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import {
  createMarketDatabase,
  startBroker,
  startReplica,
  storedTicks,
  StreamClient,
  trade,
  until,
} from "./market-data";

interface Trade {
  readonly symbol: string;
  readonly sequence: number;
  readonly price: string;
}

interface Page {
  readonly ticks: Trade[];
  readonly next: string | null;
}

describe("a replica with the feed", () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let session: BrokerSession;
  let replica: TestService;
  let token: string;

  beforeAll(async () => {
    database = await createMarketDatabase();
    ({ simulator, session } = await startBroker());
    replica = await startReplica(database, session);
    token = await testToken();
    await until("the broker is connected", () => simulator.socketConnections === 1);
    // The subscription follows the connection.
    await until("ticks arrive", async () => {
      simulator.advance();
      return (await storedTicks(database)) > 0;
    });
  });
  afterAll(async () => {
    await replica.stop();
    await simulator.close();
    await database.drop();
  });

  const body = async <T>(path: string) => (await replica.call("GET", path, { token })).body as T;

  /** Waits until nothing is on its way any more. */
  const settled = async () => {
    for (let before = -1; ;) {
      const now = await storedTicks(database);
      if (now === before) return;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };

  test("stores ticks with sequences that have no hole, neither over all nor by symbol", async () => {
    await trade(simulator, database, 200);
    const [all] = await database.query<{ ticks: string; last: string }>(
      "SELECT count(*) AS ticks, max(sequence) AS last FROM market_ticks WHERE sequence <= (SELECT last_sequence FROM market_feeds)",
    );
    expect(all?.ticks).toBe(all?.last);
    const holes = await database.query(
      "SELECT symbol FROM market_ticks GROUP BY symbol HAVING max(symbol_sequence) <> count(DISTINCT symbol_sequence)",
    );
    expect(holes).toEqual([]);
  });

  test("answers quotes that are the last stored tick of each symbol", async () => {
    await trade(simulator, database, 50);
    await settled();
    const quotes = await body<object[]>("/api/v1/market-data/quotes");
    const rows = await database.query<{ symbol: string; price: string; volume: string; trades: string }>(
      `SELECT DISTINCT ON (symbol) symbol, price, trim_scale(sum(quantity) OVER w) AS volume, count(*) OVER w AS trades
       FROM market_ticks WINDOW w AS (PARTITION BY symbol) ORDER BY symbol, sequence DESC`,
    );
    const stored = rows.map(({ trades, ...row }) => ({ ...row, trades: Number(trades) }));
    expect(quotes).toMatchObject(stored);
    expect(await body(`/market/api/v1/market-data/quotes/${stored[0]?.symbol}`)).toEqual(quotes[0]);
  });

  test("answers 404 for a symbol without a tick, 400 for what is no symbol, 401 without a token, 403 without the authority", async () => {
    const path = "/api/v1/market-data/quotes";
    expect((await replica.call("GET", `${path}/NOSUCH`, { token })).body).toMatchObject({
      status: 404,
      code: "QUOTE_NOT_FOUND",
    });
    expect((await replica.call("GET", `${path}/no%20such`, { token })).status).toBe(400);
    expect((await replica.call("GET", path)).status).toBe(401);
    const other = await testToken({ authorities: ["orders:read"] });
    expect((await replica.call("GET", path, { token: other })).status).toBe(403);
  });

  test("pages through the ticks of a symbol without repeating or missing one, while new ones come", async () => {
    await trade(simulator, database, 300);
    await settled();
    const [row] = await database.query<{ symbol: string }>(
      "SELECT symbol FROM market_ticks GROUP BY symbol ORDER BY count(*) DESC LIMIT 1",
    );
    const symbol = row?.symbol ?? "";
    const stored = await database.query<{ n: string }>(
      `SELECT symbol_sequence AS n FROM market_ticks WHERE symbol = '${symbol}' ORDER BY "timestamp" DESC, sequence DESC`,
    );
    const seen: number[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = cursor === "" ? "limit=3" : `limit=3&cursor=${cursor}`;
      const page: Page = await body(`/api/v1/market-data/ticks/${symbol}?${query}`);
      seen.push(...page.ticks.map(({ sequence }) => sequence));
      cursor = page.next;
      simulator.advance(10);
    }
    expect(seen).toEqual(stored.map(({ n }) => Number(n)));
  });

  test("refuses a cursor that it did not make and a range that runs backwards", async () => {
    const path = "/api/v1/market-data/ticks/GARAN";
    const forged = Buffer.from("2026-01-01T00:00:00+03:00 1; DROP TABLE market_ticks").toString("base64url");
    expect(await body(`${path}?cursor=${forged}`)).toMatchObject({ status: 400, code: "INVALID_CURSOR" });
    const backwards = "from=2026-11-23T10:00:00Z&to=2026-11-22T10:00:00Z";
    expect(await body(`${path}?${backwards}`)).toMatchObject({ status: 400, code: "INVALID_RANGE" });
  });

  test("streams after a snapshot every trade of the subscribed symbols, once and in order", async () => {
    await trade(simulator, database, 30);
    const client = await StreamClient.connect(replica.url);
    const [symbol = "", other = ""] = (
      await database.query<{ symbol: string }>(
        "SELECT symbol FROM market_ticks GROUP BY symbol ORDER BY count(*) DESC LIMIT 2",
      )
    ).map((row) => row.symbol);
    await client.subscribe("TRADE", symbol);
    const snapshot = client.of("SNAPSHOT")[0]?.["quotes"] as Trade[];
    await trade(simulator, database, 300);
    const [row] = await database.query<{ last: string }>(
      `SELECT max(symbol_sequence) AS last FROM market_ticks WHERE symbol = '${symbol}'`,
    );
    const last = Number(row?.last);
    await until("the last trade arrived", () => (client.updates<Trade>("trades").at(-1)?.sequence ?? 0) >= last);
    const trades = client.updates<Trade>("trades");
    expect(trades.map(({ symbol: of }) => of)).not.toContain(other);
    const first = (snapshot[0]?.sequence ?? 0) + 1;
    expect(trades.map(({ sequence }) => sequence)).toEqual(trades.map((_, index) => first + index));
    client.socket.close();
  });

  test("streams nothing of a channel after it was left", async () => {
    const client = await StreamClient.connect(replica.url);
    await client.subscribe("QUOTE", "GARAN", "THYAO");
    client.send({ type: "UNSUBSCRIBE", channel: "QUOTE", symbols: ["GARAN", "THYAO"] });
    await until("the channel is left", () => client.of("UNSUBSCRIBED").length === 1);
    const before = client.messages.length;
    await trade(simulator, database, 100);
    expect(client.messages).toHaveLength(before);
    client.socket.close();
  });

  test("shows the order book that the broker shows", async () => {
    type Side = [price: string, quantity: string, orders: string][];
    let book: { bids?: Side; asks?: Side } = {};
    await until("both sides of the book are there", async () => {
      simulator.advance();
      book = await body("/api/v1/market-data/order-book/GARAN");
      return Boolean(book.bids?.length && book.asks?.length);
    });
    const prices = (side: Side = []) => side.map(([price]) => Number(price));
    const [bids, asks] = [prices(book.bids), prices(book.asks)];
    expect(bids).toEqual([...bids].sort((a, b) => b - a));
    expect(asks).toEqual([...asks].sort((a, b) => a - b));
    expect(bids[0]).toBeLessThan(asks[0] ?? 0);
  });

  test("counts what it stored and how late, and reports the broker without needing it", async () => {
    await settled();
    const metrics = (await replica.call("GET", "/actuator/prometheus")).text;
    expect(metrics).toMatch(
      new RegExp(`market_ticks_processed_total\\{service="market-data"\\} ${await storedTicks(database)}\\b`),
    );
    expect(Number(/market_data_processing_lag_seconds\{[^}]*\} (\S+)/.exec(metrics)?.[1])).toBeLessThan(10);
    const open = sessionAt(new TradingCalendar(), Date.now()).phase === "CONTINUOUS" ? 1 : 0;
    expect(metrics).toContain(`market_session_open{service="market-data"} ${open}\n`);
    const { body: health } = await replica.call("GET", "/actuator/health/readiness");
    expect(health).toMatchObject({ status: "UP", components: { broker: { status: "UP", required: false } } });
  });

  test("takes what the broker says twice on one connection for two trades, and survives what it says wrongly", async () => {
    await settled();
    const before = await storedTicks(database);
    simulator.faults.add({ at: "socket:T", kind: "duplicate", times: 20 });
    simulator.advance(20);
    await until("each of twenty is stored twice", async () => (await storedTicks(database)) === before + 40);
    simulator.faults.add({ at: "socket:T", kind: "garbage", times: 5 });
    await trade(simulator, database, 5);
    const metrics = (await replica.call("GET", "/actuator/prometheus")).text;
    expect(metrics).toMatch(/market_ticks_rejected_total\{reason="frame",service="market-data"\} 5/);
    expect(metrics).not.toMatch(/market_ticks_repeated_total\{[^}]*\} [1-9]/);
  });

  test("comes back after the broker cut the connection, and stores on", async () => {
    simulator.faults.add({ at: "socket:T", kind: "drop", times: 1 });
    simulator.advance();
    await until("the connection is cut", () => simulator.socketConnections === 0);
    await until("the connection is back", () => simulator.socketConnections === 1);
    await trade(simulator, database, 20);
  });

  test("returns symbols, the session and the calendar", async () => {
    expect(await body("/api/v1/symbols?query=gar")).toMatchObject([{ symbol: "GARAN", indices: ["XU030"] }]);
    expect(await body("/api/v1/symbols/GARAN")).toMatchObject({ name: "Garanti BBVA" });
    expect(await body("/api/v1/symbols/NOSUCH")).toMatchObject({ code: "INVALID_SYMBOL", status: 404 });
    expect(await body("/api/v1/market-data/session")).toMatchObject({ day: { certainty: "PUBLISHED" } });
    expect(await body("/api/v1/market-data/calendar?from=2026-10-28&to=2026-10-29")).toMatchObject([
      { kind: "HALF" },
      { kind: "CLOSED", reason: "Republic Day" },
    ]);
  });
});
