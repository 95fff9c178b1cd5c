import { pino } from "pino";
import { Random } from "../../../../app/packages/simulator/random";
import { storeBatch } from "../../../../app/services/market-data/store/tick-store";
import { createFeedPool, feedTimeoutMs } from "../../../../app/services/market-data/store/feed-pool";
import { LeaderLease, leaseTimes } from "../../../../app/services/market-data/leader/leader-lease";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
import { LeaderChild } from "./leader-child";
import { SlowLink } from "../../support/slow-link";
import {
  createMarketDatabase,
  marketDataConfig,
  quickLease,
  startBroker,
  startReplica,
  trade,
  until,
} from "./market-data";

const log = pino({ level: "silent" });

async function expectWholeSequences(database: TestDatabase): Promise<void> {
  const [all] = await database.query<{ ticks: string; different: string; last: string }>(
    "SELECT count(*) AS ticks, count(DISTINCT sequence) AS different, max(sequence) AS last FROM market_ticks",
  );
  expect(all?.different).toBe(all?.ticks);
  expect(all?.last).toBe(all?.ticks);
  const holes = await database.query(
    `SELECT symbol FROM market_ticks GROUP BY symbol
     HAVING max(symbol_sequence) <> count(DISTINCT symbol_sequence) OR count(*) <> count(DISTINCT symbol_sequence)`,
  );
  expect(holes).toEqual([]);
}

describe("two replicas", () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let session: BrokerSession;
  let replica: TestService | undefined;
  let child: LeaderChild | undefined;

  beforeEach(async () => {
    database = await createMarketDatabase();
    ({ simulator, session } = await startBroker());
  });
  afterEach(async () => {
    await replica?.stop();
    await child?.kill();
    replica = child = undefined;
    await simulator.close();
    await database.drop();
  });

  const startChild = async () => {
    const started = await LeaderChild.start(marketDataConfig(database), session, quickLease);
    await until("the process leads", () => simulator.socketConnections === 1, 60_000);
    return started;
  };
  const epoch = async () =>
    Number((await database.query<{ epoch: string }>("SELECT epoch FROM market_feeds"))[0]?.epoch);

  test("keep one connection to the broker, and hand it over when the leader stops", async () => {
    const first = await startReplica(database, session);
    await until("the first is connected", () => simulator.socketConnections === 1);
    replica = await startReplica(database, session);
    await trade(simulator, database, 20);
    expect([await epoch(), simulator.socketConnections]).toEqual([1, 1]);
    await first.stop();
    await until("the second is connected", () => simulator.socketConnections === 1);
    await trade(simulator, database, 20);
    expect(await epoch()).toBe(2);
    await expectWholeSequences(database);
  });

  test("a frozen leader is replaced, and stores nothing when it wakes", async () => {
    child = await startChild();
    await trade(simulator, database, 50);
    replica = await startReplica(database, session);
    child.signal("SIGSTOP");
    await until(
      "the other replica is connected",
      async () => {
        simulator.advance();
        return simulator.socketConnections === 2 && (await epoch()) === 2;
      },
      60_000,
    );
    await trade(simulator, database, 50);
    child.signal("SIGCONT");
    await until("the one that woke leaves the broker", () => simulator.socketConnections === 1, 60_000);
    await trade(simulator, database, 50);
    expect(await epoch()).toBe(2);
    await expectWholeSequences(database);
  });

  test("a killed leader is replaced", async () => {
    child = await startChild();
    await trade(simulator, database, 20);
    replica = await startReplica(database, session);
    child.signal("SIGKILL");
    await until("the other replica leads", async () => (await epoch()) === 2, 60_000);
    await trade(simulator, database, 20);
    await expectWholeSequences(database);
  });
});

describe("lease", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createMarketDatabase();
  });
  afterAll(() => database.drop());

  test("a leader frozen inside a transaction delays its successor by the transaction's time limit only", async () => {
    const frozen = createFeedPool(database.config, log);
    const other = createFeedPool(database.config, log);
    const client = await frozen.connect();
    await client.query("BEGIN");
    await client.query("UPDATE market_feeds SET last_sequence = last_sequence");
    let granted = false;
    const lease = new LeaderLease(
      other,
      "other",
      {
        granted: () => {
          granted = true;
        },
        suspended: () => undefined,
        resumed: () => undefined,
        lost: () => undefined,
      },
      log,
      quickLease,
    );
    lease.start();
    await until("the lease is granted", () => granted, 4 * feedTimeoutMs);
    await lease.stop();
    client.release(true);
    await frozen.end();
    await other.end();
  });

  test("a leader frozen while it sends ticks does not delay its successor", async () => {
    const { host, port } = database.config;
    const link = await SlowLink.start({ host, port }, new Random(1), 100);
    const frozen = createFeedPool({ ...database.config, host: "127.0.0.1", port: link.port }, log);
    const other = createFeedPool(database.config, log);
    const waitsForLines = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active' AND wait_event = 'ClientRead'`;
    await database.query("UPDATE market_feeds SET expires_at = '-infinity'");
    const [feed] = await database.query<{ epoch: string }>("SELECT epoch FROM market_feeds");
    const lines = "GARAN\tIMKBH\t2026-11-23T10:00:00+03:00\t1\t1\t5\t1\t\\N\t\\N\t\\N\n";
    const batch = { firstSequence: 1, lastSequence: 1, lines };
    const stored = storeBatch(frozen, Number(feed?.epoch), batch).catch((error: unknown) => error);
    await until("the server waits for the ticks", async () => (await database.query(waitsForLines)).length > 0);
    // What the process sends from now on does not arrive, as if it was frozen.
    link.hold();
    let granted = false;
    const events = { suspended: () => undefined, resumed: () => undefined, lost: () => undefined };
    const lease = new LeaderLease(other, "other", { ...events, granted: () => (granted = true) }, log, quickLease);
    lease.start();
    await until("the lease is granted", () => granted, 4 * feedTimeoutMs);
    await lease.stop();
    // Nor does one whose server is gone wait for ever.
    expect(await stored).toBeInstanceOf(Error);
    await link.close();
    await frozen.end();
    await other.end();
  });

  test("is left in time by a leader that cannot reach the database, and resumed when no other replica acquired it", async () => {
    const pool = createFeedPool(database.config, log);
    const seen: string[] = [];
    const note = (event: string) => () => {
      seen.push(event);
    };
    const lease = new LeaderLease(
      pool,
      "leader",
      { granted: note("granted"), suspended: note("suspended"), resumed: note("resumed"), lost: note("lost") },
      log,
      quickLease,
    );
    await database.query("UPDATE market_feeds SET expires_at = '-infinity'");
    lease.start();
    await until("the lease is granted", () => seen.includes("granted"));
    await database.query("BEGIN");
    await database.query("LOCK TABLE market_feeds IN ACCESS EXCLUSIVE MODE");
    await until("the lease is suspended", () => seen.includes("suspended"), 30_000);
    expect(lease.isHeld()).toBe(false);
    await database.query("COMMIT");
    await until("the lease is resumed", () => seen.includes("resumed"), 30_000);
    expect([seen, lease.isHeld()]).toEqual([["granted", "suspended", "resumed"], true]);
    await lease.stop();
    expect(seen.at(-1)).toBe("lost");
    await pool.end();
  });

  test("takes over within thirty seconds in the worst case", () => {
    const connecting = 5_000;
    expect(leaseTimes.ttlMs + leaseTimes.pollMs + feedTimeoutMs + connecting).toBeLessThanOrEqual(30_000);
  });
});
