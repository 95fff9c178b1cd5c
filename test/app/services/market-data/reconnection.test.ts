import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { createMarketDatabase, startReplica, storedTicks, StreamClient, until } from "./market-data";
import { ScriptedBroker, tickContent, wholeSecond } from "./scripted-broker";

describe("what the broker repeats after a reconnection", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replicas: TestService[];
  /** A second that is over, so that no connection of this test is of it. */
  let second: string;

  beforeEach(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    replicas = [];
    await start();
    second = wholeSecond(Date.now() - 5_000);
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await broker.close();
    await database.drop();
  });

  const start = async () => {
    const before = broker.subscriptions;
    replicas.push(await startReplica(database, broker.session));
    await until("the replica listens", () => broker.subscriptions > before);
  };
  const takeOver = async () => {
    await replicas.pop()?.stop();
    await start();
  };
  let marks = 0;
  /** Sends the ticks, then one that is surely new, and waits until that is stored: everything before it was judged. */
  const send = async (...changes: object[]) => {
    for (const change of changes) broker.say("T", tickContent({ Date: second, ...change }));
    const quantity = 1_000_000 + ++marks;
    broker.say("T", tickContent({ Symbol: "MARK", TradeQuantity: quantity }));
    await until("the mark is stored", async () => {
      const found = await database.query(`SELECT 1 FROM market_ticks WHERE quantity = ${quantity}`);
      return found.length > 0;
    });
    return (await storedTicks(database)) - marks;
  };

  beforeEach(() => {
    marks = 0;
  });

  test("five equal frames of one second are five ticks", async () => {
    expect(await send({}, {}, {}, {}, {})).toBe(5);
  });

  test.each([
    ["another connection of the same process", () => broker.cut()],
    ["another replica, which reads what was stored", () => takeOver()],
  ])("nothing, the last trade, or all of them, on %s", async (_, reconnect) => {
    const last = { Price: 123.5 };
    expect(await send({}, {}, {}, last)).toBe(4);
    await reconnect();
    expect(await send({ Price: 123.6 })).toBe(5);
    await reconnect();
    expect(await send({ Price: 123.6, Bid: 0, Ask: 0 })).toBe(5);
    await reconnect();
    expect(await send({}, {}, {}, last, { Price: 123.6 })).toBe(5);
    await reconnect();
    // A fourth equal one was traded while nobody listened.
    expect(await send({}, {}, {}, {}, last)).toBe(6);
  });

  test("codes of every kind are stored and told as they are, and their repetitions known", async () => {
    const codes = ["ALTINS1", "THYAO.E", "F_XU0301226", "A1C", "XU100"];
    const markets = ["KIYM", "IMKBH", "VIP", "FX", "IMKBX"];
    const client = await StreamClient.connect(replicas[0]?.url ?? "");
    for (const channel of ["TRADE", "QUOTE", "DEPTH"]) await client.subscribe(channel, ...codes);
    const ticks = codes.map((Symbol, n) => ({ Symbol, Market: markets[n] }));
    expect(await send(...ticks)).toBe(5);
    await until("every trade is told", () => client.updates("trades").length === 5);
    client.socket.close();
    const token = await testToken();
    const body = async (path: string) =>
      (await replicas[0]?.call("GET", `/api/v1/market-data/${path}`, { token }))?.body;
    expect(await body(`quotes?symbols=${codes.join()}`)).toMatchObject(codes.map((symbol) => ({ symbol })));
    for (const symbol of codes) {
      expect(await body(`quotes/${symbol}`)).toMatchObject({ symbol, price: "123.4" });
      expect(await body(`ticks/${symbol}`)).toMatchObject({ ticks: [{ symbol }] });
      // Made from what is stored, up to two seconds after its minute.
      const chart = () => body(`candles/${symbol}?interval=1d`);
      await until(`${symbol} has a candle`, async () => ((await chart()) as { candles: object[] }).candles.length > 0);
      expect(await chart()).toMatchObject({ symbol, candles: [{ source: "TICKS" }] });
    }
    await takeOver();
    expect(await send(...ticks, ...ticks)).toBe(10);
    const rows = await database.query<{ symbol: string; market: string; n: string }>(
      "SELECT symbol, market, count(*) AS n FROM market_ticks WHERE symbol <> 'MARK' GROUP BY 1, 2",
    );
    expect(rows).toHaveLength(5);
    expect(rows).toEqual(expect.arrayContaining(codes.map((symbol, n) => ({ symbol, market: markets[n], n: "2" }))));
  });
});
