import { CallSlots } from "../../packages/algolab/call-slots";
import { AlgolabSession } from "../../packages/algolab/client";
import type { AlgolabConfig } from "../../packages/algolab/config";
import { findFeedSession } from "../../packages/algolab/feed-session";
import { SessionVault } from "../../packages/algolab/session-vault";
import { metrics as contract } from "../../packages/contract/metrics";
import type { DatabaseConfig, ServiceConfig } from "../../packages/kit/config/sections";
import { Database } from "../../packages/kit/database/database";
import { serveSockets } from "../../packages/kit/http/sockets";
import { exportSlowStatements } from "../../packages/kit/observability/slow-statements";
import type { Kit } from "../../packages/kit/service";
import type { MarketDataConfig } from "./config";
import type { BrokerSession } from "./feed/broker-feed";
import type { BrokerCall } from "./leader/broker-history";
import type { LeaderLeaseTimes } from "./leader/leader-lease";
import { Replica } from "./replica";
import { historyRoutes } from "./routes/history";
import { quoteRoutes } from "./routes/quotes";
import { referenceRoutes } from "./routes/reference";
import { marketDataProtocol } from "./socket/messages";

export interface MarketDataServiceConfig extends ServiceConfig {
  /** Where market data is kept. @default the database of everything else, through its pool */
  readonly timeSeries?: DatabaseConfig | undefined;
  readonly marketData: MarketDataConfig;
  readonly algolab: AlgolabConfig;
}

export interface MarketDataOptions {
  /** Where the broker's session comes from. @default the newest that broker-integration keeps for market data */
  readonly session?: BrokerSession;
  /** How the broker is asked for candles. @default over the same session, in the slots of its account's calls */
  readonly call?: BrokerCall;
  readonly leaseTimes?: LeaderLeaseTimes;
}

/**
 * Adds market data to a service: the replica's part in the feed, the routes, and `/ws/market-data`. What the market did is in the
 * database of the time series; who may know it, and over whose session it is read, is in the kit's.
 */
export async function buildMarketData(
  kit: Kit,
  config: MarketDataServiceConfig,
  options: MarketDataOptions = {},
): Promise<Replica> {
  const market: Kit = { ...kit, database: openTimeSeries(kit, config) };
  const replica = new Replica(market, {
    database: config.timeSeries ?? config.database,
    marketData: config.marketData,
    session: options.session ?? keptSession(kit.database, config.algolab),
    call: options.call ?? brokerCall(kit, config),
    leaseTimes: options.leaseTimes,
  });
  kit.lifecycle.onDrain("market data feed", () => replica.stop());
  kit.health.add({
    name: "broker",
    required: false,
    check: () => (replica.brokerConnected ? Promise.resolve() : Promise.reject(new Error("the broker's feed is down"))),
  });
  quoteRoutes(market, replica.board);
  const { calendar, feed } = config.marketData;
  historyRoutes(market, { calendar, silenceMs: feed.silenceMs });
  referenceRoutes(market, calendar);
  serveSockets(kit, config.http, {
    path: "/ws/market-data",
    access: "market:read",
    protocol: marketDataProtocol,
    connected: (socket) => {
      replica.hub.connected(socket);
    },
  });
  await replica.start();
  return replica;
}

function openTimeSeries(
  { contract: { name }, database, health, lifecycle, log, metrics }: Kit,
  config: MarketDataServiceConfig,
): Database {
  if (config.timeSeries === undefined) return database;
  const timeSeries = new Database(config.timeSeries, metrics, log, name, "timeSeries");
  exportSlowStatements({ database: timeSeries, lifecycle, log, metrics }, "timeSeries");
  lifecycle.onClose("time series", () => timeSeries.close());
  health.add({ name: "time series", required: true, check: () => timeSeries.ping() });
  return timeSeries;
}

/** Read again for each connection, so that a new login at the broker is used at the next attempt. */
function keptSession(database: Database, { sessionSecret, apiKey, ...broker }: AlgolabConfig): BrokerSession {
  const vault = new SessionVault(sessionSecret);
  return async () => {
    const session = await findFeedSession(database, vault, apiKey);
    return session && { ...broker, apiKey: session.apiKey, hash: session.hash };
  };
}

/** Calls of the account that feeds market data, in the slots that it shares with broker-integration. */
function brokerCall({ database, metrics }: Kit, { algolab, marketData }: MarketDataServiceConfig): BrokerCall {
  const { baseUrl, apiKey, sessionSecret, proxy } = algolab;
  const vault = new SessionVault(sessionSecret);
  const slots = new CallSlots(database, marketData.requestIntervalMs, marketData.requestTimeoutMs);
  const requests = metrics.counter(contract.algolabRequests);
  const duration = metrics.histogram(contract.algolabRequestDuration);
  const options = {
    baseUrl,
    proxy,
    timeoutMs: marketData.requestTimeoutMs,
    observe: (endpoint: string, outcome: string, seconds: number) => {
      requests.inc({ endpoint, outcome });
      duration.observe({ endpoint }, seconds);
    },
  };
  return async (work) => {
    const session = await findFeedSession(database, vault, apiKey);
    if (session === undefined || (await slots.take(session.customerHash)) > 0) return undefined;
    try {
      return await work(new AlgolabSession({ ...options, apiKey: session.apiKey }, session.hash));
    } finally {
      await slots.leave(session.customerHash);
    }
  };
}
