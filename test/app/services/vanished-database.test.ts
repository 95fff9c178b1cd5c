import { randomUUID } from "node:crypto";
import pino from "pino";
import { DatabaseClient, NoAnswerError } from "../../../app/packages/kit/database/client";
import { connectionOptions, Database } from "../../../app/packages/kit/database/database";
import { Listener } from "../../../app/packages/kit/database/listener";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { createFeedPool, inFeedTransaction } from "../../../app/services/market-data/store/feed-pool";
import { eventually } from "../support/broker";
import { closeAfterTests } from "../support/left-over";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { SlowLink } from "../support/slow-link";

const log = pino({ level: "silent" });
const insertUser = "INSERT INTO users (user_id, email, first_name, last_name) VALUES ($1, $2, 'A', 'B')";

let owned: TestDatabase;
let link: SlowLink;
let config: DatabaseConfig;

beforeAll(async () => {
  owned = await createTestDatabase();
});
afterAll(() => owned.drop());
beforeEach(async () => {
  link = await SlowLink.start(owned.config);
  config = { ...owned.config, host: "127.0.0.1", port: link.port, poolMax: 3, statementTimeoutMs: 500 };
});
afterEach(() => link.close());

function connected(changes: Partial<DatabaseConfig> = {}): Database {
  const database = new Database({ ...config, ...changes }, new Metrics("test"), log, "test");
  closeAfterTests(() => database.close());
  return database;
}

/** What a promise was rejected with. */
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => ({ answered: value }),
    (error: unknown) => error,
  );
const one = async (database: Pick<Database, "query">) =>
  (await database.query<{ one: number }>("SELECT 1 AS one")).rows[0]?.one;

/** So many connections that wait in the pool. */
async function warm(database: Database, connections: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: connections }, () => database.pool.connect()));
  for (const client of clients) client.release();
}

describe("when the database's host vanishes without a word, and its name moves", () => {
  test("a query in flight is rejected, its connection not used again", async () => {
    const database = connected();
    const query = failure(database.query("SELECT pg_sleep(0.3)"));
    await eventually(
      () => owned.query("SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(0.3)%'"),
      ({ length }) => length > 1,
    );
    link.vanish();
    expect(await query).toBeInstanceOf(NoAnswerError);
    link.moveTo();
    expect(await one(database)).toBe(1);
  });

  test("of the connections that waited in the pool, one caller finds out for all", async () => {
    const database = connected();
    await warm(database, 3);
    link.vanish();
    link.moveTo();
    expect(await failure(one(database))).toBeInstanceOf(NoAnswerError);
    for (let turn = 0; turn < 3; turn++) expect(await one(database)).toBe(1);
  });

  test("a transaction ends with the first statement without an answer: neither the next nor its ROLLBACK waits", async () => {
    const database = connected();
    const after: unknown[] = [];
    const work = database.as("system", async (tx) => {
      await tx.query("SELECT 1");
      link.vanish();
      after.push(await failure(tx.query("SELECT 2")), await failure(tx.query("SELECT 3")));
      throw after[0] as Error;
    });
    expect(await failure(work)).toBeInstanceOf(NoAnswerError);
    expect(after[1]).not.toBeInstanceOf(NoAnswerError);
    expect(after[1]).toMatchObject({ message: expect.stringContaining("not queryable") as string });
    link.moveTo();
    expect(await one(database)).toBe(1);
    expect(database.pool.totalCount).toBe(1);
  });

  test.each([
    ["before it arrives", "at once", 0],
    ["before its answer arrives", "after what is under way", 1],
  ] as const)("a COMMIT that is lost %s is rejected, and says nothing of what came of it", async (_when, how, rows) => {
    const database = connected();
    const userId = randomUUID();
    const work = database.as("system", async (tx) => {
      await tx.query(insertUser, [userId, `${userId}@example.com`]);
      link.vanish(how);
    });
    expect(await failure(work)).toBeInstanceOf(NoAnswerError);
    link.moveTo();
    expect(await one(database)).toBe(1);
    const found = await database.as("system", (tx) => tx.query("SELECT FROM users WHERE user_id = $1", [userId]));
    expect(found.rowCount).toBe(rows);
  });

  test("who waits for a connection gets one once the dead ones are closed", async () => {
    const database = connected({ poolMax: 1 });
    await warm(database, 1);
    link.vanish();
    const [first, second] = [failure(one(database)), one(database)];
    link.moveTo();
    expect(await first).toBeInstanceOf(NoAnswerError);
    expect(await second).toBe(1);
  });

  test("a connection that is never made fails in time", async () => {
    const database = connected();
    link.vanish();
    expect(await failure(one(database))).toMatchObject({
      message: expect.stringMatching(/timeout expired|connection timeout/) as string,
    });
    link.moveTo();
    expect(await one(database)).toBe(1);
  });

  test("readiness has a limit of its own, and finds out for all", async () => {
    const database = connected({ statementTimeoutMs: 600_000 });
    await warm(database, 3);
    link.vanish();
    link.moveTo();
    expect(await failure(database.ping())).toBeInstanceOf(NoAnswerError);
    expect(await one(database)).toBe(1);
    await database.ping();
  });

  test("a listener listens again, and looks at what it missed", async () => {
    const listener = new Listener(config, log, "test");
    closeAfterTests(() => listener.close());
    const heard: string[] = [];
    let connections = 0;
    await listener.listen("work", {
      notified: (payload) => heard.push(payload),
      connected: () => {
        connections++;
        return Promise.resolve();
      },
    });
    link.vanish();
    link.moveTo();
    await eventually(
      () => connections,
      (count) => count === 2,
      30_000,
    );
    await owned.query("NOTIFY work, 'again'");
    await eventually(
      () => heard,
      (payloads) => payloads.includes("again"),
    );
  });

  test("the feed's pool renews over a new connection, and closes the one in a transaction", async () => {
    const pool = createFeedPool(config, log);
    const work = inFeedTransaction(pool, async (tx) => {
      link.vanish();
      link.moveTo();
      await tx.query("SELECT 1");
    });
    expect(await failure(work)).toBeInstanceOf(NoAnswerError);
    expect((await pool.query<{ one: number }>("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  test("a command's statement, which may take hours, is given up once no other connection finds it at work", async () => {
    const client = new DatabaseClient(connectionOptions(config, "test"));
    await client.connect();
    const statement = failure(client.query("SELECT pg_sleep(3600)"));
    link.vanish();
    expect(await statement).toBeInstanceOf(NoAnswerError);
    await client.end();
  });

  test("a command's statement on a server that lives is waited for", async () => {
    const client = new DatabaseClient(connectionOptions(config, "test"));
    await client.connect();
    const { rowCount } = await client.query("SELECT pg_sleep(9)");
    expect(rowCount).toBe(1);
    await client.end();
  });

  test("nobody waits for a goodbye", async () => {
    const client = new DatabaseClient(connectionOptions(config, "test"));
    await client.connect();
    const database = new Database(config, new Metrics("test"), log, "test");
    await warm(database, 3);
    link.vanish();
    await client.end();
    await database.close();
  });
});

test("statements that wait behind one another on a connection have their limit each", async () => {
  const database = connected();
  await database.as("system", async (tx) => {
    // Together they take longer than one may.
    await Promise.all(Array.from({ length: 8 }, () => tx.query("SELECT pg_sleep(0.4)")));
  });
  expect(database.pool.totalCount).toBe(1);
});
