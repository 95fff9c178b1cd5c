import { describeWhere } from "../../../support/skip";
import type { TestDatabase } from "../../support/postgres";
import { redisMissing, startTestRedis } from "../../support/redis";
import type { TestRedis } from "../../support/redis";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";
import { createMarketDatabase, startReplica, StreamClient, until } from "./market-data";
import type { ReplicaOverrides } from "./market-data";
import { rowContent, ScriptedBroker } from "./scripted-broker";

type Level = readonly [price: string, quantity: string, orders: string];
interface Book {
  readonly symbol: string;
  readonly version: number;
  readonly bids: Level[];
  readonly asks: Level[];
}

describe("order books", () => {
  let database: TestDatabase;
  let broker: ScriptedBroker;
  let replicas: TestService[];

  beforeEach(async () => {
    database = await createMarketDatabase();
    broker = await ScriptedBroker.start();
    replicas = [];
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await broker.close();
    await database.drop();
  });

  const start = async (overrides: ReplicaOverrides = {}) => {
    const replica = await startReplica(database, broker.session, overrides);
    replicas.push(replica);
    return replica;
  };
  const fill = (symbol: string, levels: number, best: number) => {
    for (let row = 0; row < levels; row++) {
      broker.say("D", rowContent({ Symbol: symbol, Direction: "B", Row: row, Price: best - row }));
      broker.say("D", rowContent({ Symbol: symbol, Direction: "S", Row: row, Price: best + 1 + row }));
    }
  };
  const shown = async (replica: TestService, symbol: string) => {
    const { status, body } = await replica.call("GET", `/api/v1/market-data/order-book/${symbol}`, {
      token: await testToken(),
    });
    return status === 200 ? (body as Book) : undefined;
  };
  const levels = (book: Book | undefined) => book && [book.bids.length, book.asks.length];
  const everywhere = async (what: string, symbol: string, wanted: readonly [number, number]) => {
    let seen: unknown;
    try {
      await until(`${what} on every replica and in the database`, async () => {
        const books = await Promise.all(replicas.map((replica) => shown(replica, symbol)));
        const [saved] = await database.query<Book>("SELECT version, bids, asks FROM order_books WHERE symbol = $1", [
          symbol,
        ]);
        seen = [...books, saved].map((book) => [book?.version, levels(book)]);
        return [...books, saved].every((book) => JSON.stringify(levels(book)) === JSON.stringify(wanted));
      });
    } catch (error) {
      throw new Error(`${what} of ${symbol}: last was ${JSON.stringify(seen)}`, { cause: error });
    }
  };
  const told = (client: StreamClient, symbol: string) =>
    client.updates<Book>("books").filter((book) => book.symbol === symbol);

  const expectEmptyAfterACut = async (overrides: ReplicaOverrides = {}) => {
    await start(overrides);
    await until("the first replica listens", () => broker.connected);
    await start(overrides);
    await until("every replica has Redis, or none", () =>
      replicas.every(({ kit }) => kit.cache.shared === (overrides.redis !== undefined)),
    );
    const clients = await Promise.all(replicas.map(({ url }) => StreamClient.connect(url)));
    for (const client of clients) await client.subscribe("DEPTH", "GARAN", "ISGYO.R");

    fill("GARAN", 20, 120);
    fill("ISGYO.R", 20, 30);
    await everywhere("twenty levels", "GARAN", [20, 20]);
    await everywhere("twenty levels", "ISGYO.R", [20, 20]);
    await broker.cut();
    fill("GARAN", 10, 110);
    await everywhere("ten levels and none of before the cut", "GARAN", [10, 10]);
    // Nothing is said of it any more: silence would leave its levels of before the cut on every screen.
    await everywhere("nothing", "ISGYO.R", [0, 0]);
    for (const client of clients) {
      await until("the client is told", () => levels(told(client, "ISGYO.R").at(-1))?.[0] === 0);
      expect(told(client, "ISGYO.R").at(-1)).toMatchObject({ bids: [], asks: [] });
      await until("the client is told", () => told(client, "GARAN").at(-1)?.bids[0]?.[0] === "110");
      const versions = told(client, "GARAN").map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      client.socket.close();
    }
  };

  test("are empty after a cut, and told to be, without Redis", () => expectEmptyAfterACut());

  test("are empty after a take-over, what a killed replica saved as well", async () => {
    await database.query(
      `INSERT INTO order_books (symbol, version, "timestamp", bids, asks) VALUES ('F_XU0301226', 5000,
         to_char(now() AT TIME ZONE 'Europe/Istanbul', 'YYYY-MM-DD"T"HH24:MI:SS') || '+03:00', '[["1", "1", "1"]]', '[]')`,
    );
    await start();
    await until("the replica listens", () => broker.connected);
    await everywhere("nothing", "F_XU0301226", [0, 0]);
    fill("ALTINS1", 3, 30);
    await everywhere("three levels", "ALTINS1", [3, 3]);
    await replicas.pop()?.stop();
    await start();
    await until("the next replica listens", () => broker.connected);
    await everywhere("nothing", "ALTINS1", [0, 0]);
  });

  test("are empty as soon as the connection has ended, though there is no other", async () => {
    await start();
    await until("the replica listens", () => broker.connected);
    fill("GARAN", 20, 120);
    await everywhere("twenty levels", "GARAN", [20, 20]);
    broker.refuse();
    await everywhere("nothing", "GARAN", [0, 0]);
  });

  test("of an earlier day are empty though nobody is logged in at the broker", async () => {
    await database.query(
      `INSERT INTO order_books (symbol, version, "timestamp", bids, asks)
       VALUES ('GARAN', 5000, '2026-11-20T18:00:00+03:00', '[["1", "1", "1"]]', '[["2", "1", "1"]]')`,
    );
    replicas.push(await startReplica(database, () => Promise.resolve(undefined)));
    await everywhere("nothing", "GARAN", [0, 0]);
  });

  describeWhere(redisMissing, "with Redis", () => {
    let redis: TestRedis;
    beforeEach(async () => {
      redis = await startTestRedis();
    });
    afterEach(() => redis.kill());

    test("are empty after a cut, and told to be", () =>
      expectEmptyAfterACut({ redis: { ...redis.config, timeoutMs: 1_000 } }));
  });
});
