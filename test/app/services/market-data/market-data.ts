import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { WebSocket } from "ws";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { bootstrapTimeSeries } from "../../../../app/database/time-series/bootstrap";
import { AlgolabLogin } from "../../../../app/packages/algolab/client";
import { SessionVault } from "../../../../app/packages/algolab/session-vault";
import { services } from "../../../../app/packages/contract/services";
import type { Clock } from "../../../../app/packages/kit/clock";
import type { Kit } from "../../../../app/packages/kit/service";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import type { RedisConfig } from "../../../../app/packages/kit/config/sections";
import type { Simulator, SimulatorOptions } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { buildMarketData } from "../../../../app/services/market-data/service";
import type { MarketDataServiceConfig } from "../../../../app/services/market-data/service";
import type { LeaderLeaseTimes } from "../../../../app/services/market-data/leader/leader-lease";
import type { BrokerSession } from "../../../../app/services/market-data/feed/broker-feed";
import { startTestSimulator } from "../../support/broker";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { startTestService, testServiceConfig } from "../../support/service";
import type { TestService } from "../../support/service";
import { testToken } from "../../support/tokens";

/**
 * Of a replica in the test's own process, where nothing but `stop` ends a lease: that one of `quickLease` runs out whenever a
 * slow machine holds the process for as long, and the broker is left and its books emptied in the middle of the test.
 */
export const steadyLease: LeaderLeaseTimes = { ttlMs: 3_600_000, renewMs: 300, pollMs: 200 };

/** Of a replica that is frozen or killed: taken over within seconds instead of within twenty. */
export const quickLease: LeaderLeaseTimes = { ttlMs: 1_500, renewMs: 300, pollMs: 200 };

/** A database with market_ticks. */
export async function createMarketDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const client = new Client(connectionOptions(database.ownerConfig, "test"));
  await client.connect();
  await bootstrapTimeSeries(client, new Date());
  await client.end();
  return database;
}

/** A simulator that trades only on request, with a customer signed in. */
export async function startBroker(
  options: Partial<SimulatorOptions> = {},
): Promise<{ readonly simulator: Simulator; readonly session: BrokerSession }> {
  const simulator = await startTestSimulator(options);
  const login = new AlgolabLogin({ baseUrl: simulator.url, apiKey: testApiKey });
  const token = await login.start("10000000146", "not-a-real-password");
  const hash = await login.confirm(token, simulator.smsCode("10000000146") ?? "");
  return { simulator, session: () => Promise.resolve({ baseUrl: simulator.url, apiKey: testApiKey, hash }) };
}

/** Keeps a session for market data, as broker-integration does after a log-in. @returns the customer's fingerprint */
export async function keepSession(database: TestDatabase, sessionSecret: string, hash: string): Promise<Buffer> {
  const [accountId, sessionId, userId] = [randomUUID(), randomUUID(), randomUUID()];
  const vault = new SessionVault(sessionSecret);
  const customerHash = vault.fingerprint("10000000146");
  await database.query(
    "INSERT INTO broker_accounts (account_id, user_id, customer_hash, feeds_market_data) VALUES ($1, $2, $3, true)",
    [accountId, userId, customerHash],
  );
  await database.query(
    `INSERT INTO algolab_sessions (session_id, account_id, user_id, token, hash, active, expires_at, last_refresh_at)
     VALUES ($1, $2, $3, $4, $4, true, now() + interval '1 hour', now())`,
    [sessionId, accountId, userId, vault.seal(sessionId, hash)],
  );
  return customerHash;
}

export interface ReplicaOverrides {
  readonly redis?: RedisConfig;
  readonly feed?: Partial<MarketDataServiceConfig["marketData"]["feed"]>;
  readonly calendar?: TradingCalendar;
  readonly writer?: Partial<MarketDataServiceConfig["marketData"]["writer"]>;
  /** The process's, as it differs from the database's. */
  readonly clock?: Clock;
}

export const marketDataConfig = (
  database: TestDatabase,
  overrides: ReplicaOverrides = {},
): MarketDataServiceConfig => ({
  ...testServiceConfig(database),
  cache: overrides.redis,
  marketData: {
    calendar: overrides.calendar ?? new TradingCalendar(),
    feed: {
      symbols: ["ALL"],
      heartbeatMs: 1_000,
      silenceMs: 60_000,
      firstRetryMs: 20,
      mostRetryMs: 200,
      ...overrides.feed,
    },
    writer: { batchRows: 5_000, lingerMs: 2, backlogRows: 200_000, ...overrides.writer },
    requestIntervalMs: 0,
    requestTimeoutMs: 5_000,
  },
  algolab: { baseUrl: "http://127.0.0.1:9", apiKey: testApiKey, sessionSecret: "a secret of tests, of 32 letters" },
});

export async function startReplica(
  database: TestDatabase,
  session: BrokerSession,
  overrides: ReplicaOverrides = {},
): Promise<TestService> {
  const config = marketDataConfig(database, overrides);
  const build = async (kit: Kit) => {
    await buildMarketData(kit, config, { session, leaseTimes: steadyLease });
  };
  return startTestService(services.marketData, config, build, { clock: overrides.clock });
}

/** Waits until `done` says so. @throws with the description after ten seconds */
export async function until(what: string, done: () => boolean | Promise<boolean>, patienceMs = 60_000): Promise<void> {
  for (const end = Date.now() + patienceMs; !(await done());) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const storedTicks = async (database: TestDatabase) =>
  Number((await database.query<{ n: string }>("SELECT count(*) AS n FROM market_ticks"))[0]?.n);

/** Lets the market trade until so many more ticks are stored. */
export async function trade(simulator: Simulator, database: TestDatabase, ticks: number): Promise<void> {
  const target = (await storedTicks(database)) + ticks;
  simulator.advance(ticks);
  const stored = async () => {
    simulator.advance();
    return (await storedTicks(database)) >= target;
  };
  await until(`${ticks} more ticks are stored`, stored, 60_000);
}

/** A client of /ws/market-data that remembers what it was sent. */
export class StreamClient {
  readonly messages: Record<string, unknown>[] = [];
  readonly closed: Promise<number>;

  private constructor(readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
    });
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
  }

  static async connect(url: string, token?: string): Promise<StreamClient> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws/market-data`);
    const client = new StreamClient(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    client.send({ type: "AUTH", token: token ?? (await testToken({ authorities: ["market:read"] })) });
    await until("the client is authenticated", () => client.of("AUTHENTICATED").length > 0);
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  async subscribe(channel: string, ...symbols: string[]): Promise<void> {
    const before = this.of("SUBSCRIBED").length;
    this.send({ type: "SUBSCRIBE", channel, symbols });
    await until(`${channel} is subscribed`, () => this.of("SUBSCRIBED").length > before);
  }

  of(type: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message["type"] === type);
  }

  /** Everything of one list of the updates, in order of arrival. */
  updates<T>(list: "quotes" | "trades" | "books"): T[] {
    return this.of("UPDATE").flatMap((message) => (message[list] ?? []) as T[]);
  }
}
