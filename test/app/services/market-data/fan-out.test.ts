import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import type { TestDatabase } from "../../support/postgres";
import { describeWhere } from "../../../support/skip";
import { redisMissing, startTestRedis } from "../../support/redis";
import type { TestRedis } from "../../support/redis";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { createMarketDatabase, startBroker, startReplica, StreamClient, trade, until } from "./market-data";

interface Trade {
  readonly symbol: string;
  readonly sequence: number;
}

describe("a client of any replica", () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let session: BrokerSession;
  let replicas: TestService[] = [];

  beforeEach(async () => {
    database = await createMarketDatabase();
    ({ simulator, session } = await startBroker({ symbols: ["GARAN", "THYAO"] }));
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    replicas = [];
    await simulator.close();
    await database.drop();
  });

  const start = async (overrides = {}) => {
    const replica = await startReplica(database, session, overrides);
    replicas.push(replica);
    return replica;
  };
  /** Subscribes on every replica, lets the market trade, and compares what arrived with what is stored. */
  const expectEveryTradeOnce = async (meanwhile: () => Promise<unknown> | undefined = () => undefined) => {
    await trade(simulator, database, 5);
    const clients = await Promise.all(replicas.map(({ url }) => StreamClient.connect(url)));
    for (const client of clients) await client.subscribe("TRADE", "GARAN", "THYAO");
    await trade(simulator, database, 100);
    await meanwhile();
    await trade(simulator, database, 100);
    for (const client of clients) {
      for (const symbol of ["GARAN", "THYAO"]) {
        const ofSymbol = () => client.updates<Trade>("trades").filter((received) => received.symbol === symbol);
        const [row] = await database.query<{ last: string }>(
          `SELECT max(symbol_sequence) AS last FROM market_ticks WHERE symbol = '${symbol}'`,
        );
        const last = Number(row?.last);
        await until("the last trade arrived", () => (ofSymbol().at(-1)?.sequence ?? 0) >= last, 30_000);
        const first = ofSymbol()[0]?.sequence ?? 0;
        expect(ofSymbol().map(({ sequence }) => sequence)).toEqual(ofSymbol().map((_, n) => first + n));
      }
      client.socket.close();
    }
  };
  const books = async (replica: TestService) =>
    replica.call("GET", "/api/v1/market-data/order-book/GARAN", { token: await testToken() });

  test("sees every trade once and the order book, without Redis", async () => {
    await start();
    await until("the first is connected", () => simulator.socketConnections === 1);
    const follower = await start();
    await expectEveryTradeOnce();
    await until("the other replica shows the book", async () => (await books(follower)).status === 200);
  });

  describeWhere(redisMissing, "with Redis", () => {
    let redis: TestRedis;
    const shared = () => until("every replica has Redis", () => replicas.every(({ kit }) => kit.cache.shared), 30_000);
    const away = () => until("every replica lost Redis", () => replicas.every(({ kit }) => !kit.cache.shared), 30_000);
    const overrides = () => ({ redis: { ...redis.config, timeoutMs: 1_000 } });

    beforeEach(async () => {
      redis = await startTestRedis();
    });
    afterEach(() => redis.kill());

    test("sees every trade once, brought by Redis", async () => {
      await start(overrides());
      await until("the first is connected", () => simulator.socketConnections === 1);
      const follower = await start(overrides());
      await shared();
      await expectEveryTradeOnce();
      await until("the other replica shows the book", async () => (await books(follower)).status === 200);
    });

    test("sees every trade once while Redis goes away and comes back", async () => {
      await start(overrides());
      await until("the first is connected", () => simulator.socketConnections === 1);
      await start(overrides());
      await shared();
      await expectEveryTradeOnce(async () => {
        await redis.kill();
        await away();
        await trade(simulator, database, 50);
        await redis.restart();
        await shared();
      });
    });

    test("is not shaken by what another process publishes on the channels", async () => {
      await start(overrides());
      await until("the first is connected", () => simulator.socketConnections === 1);
      await start(overrides());
      await shared();
      const say = (channel: string, message: string) => replicas[0]?.kit.cache.publish(channel, message);
      await expectEveryTradeOnce(async () => {
        await say("market-ticks", "9 999999\nnot a tick\n");
        await say("market-ticks", "nonsense");
        await say("market-books", "nonsense");
        await say("market-books", '[{"symbol":"GARAN"}]');
      });
    });
  });
});
