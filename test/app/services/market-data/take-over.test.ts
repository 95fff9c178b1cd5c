import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { pino } from "pino";
import { createFeedPool, feedTimeoutMs } from "../../../../app/services/market-data/store/feed-pool";
import { LeaderLease, leaseTimes } from "../../../../app/services/market-data/leader/leader-lease";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import type { TestDatabase } from "../../support/postgres";
import type { TestService } from "../../support/service";
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
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    database = await createMarketDatabase();
    ({ simulator, session } = await startBroker());
  });
  afterEach(async () => {
    await replica?.stop();
    child?.kill("SIGKILL");
    replica = child = undefined;
    await simulator.close();
    await database.drop();
  });

  const startChild = async () => {
    const bundle = join(__dirname, `../../../../.cache/test/leader-process-${process.pid}.cjs`);
    buildSync({
      entryPoints: [join(__dirname, "leader-process.ts")],
      outfile: bundle,
      bundle: true,
      platform: "node",
      packages: "external",
      logLevel: "error",
    });
    const argument = JSON.stringify({
      config: marketDataConfig(database),
      session: await session(),
      leaseTimes: quickLease,
    });
    const started = spawn(process.execPath, [bundle, argument], { stdio: ["ignore", "ignore", "inherit"] });
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
    child.kill("SIGSTOP");
    await until(
      "the other replica is connected",
      async () => {
        simulator.advance();
        return simulator.socketConnections === 2 && (await epoch()) === 2;
      },
      60_000,
    );
    await trade(simulator, database, 50);
    child.kill("SIGCONT");
    await until("the one that woke leaves the broker", () => simulator.socketConnections === 1, 60_000);
    await trade(simulator, database, 50);
    expect(await epoch()).toBe(2);
    await expectWholeSequences(database);
  });

  test("a killed leader is replaced", async () => {
    child = await startChild();
    await trade(simulator, database, 20);
    replica = await startReplica(database, session);
    child.kill("SIGKILL");
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
