import type { AlgolabConfig } from "../../packages/algolab/config";
import { findFeedSession } from "../../packages/algolab/feed-session";
import { SessionVault } from "../../packages/algolab/session-vault";
import type { ServiceConfig } from "../../packages/kit/config/sections";
import type { Database } from "../../packages/kit/database/database";
import { serveSockets } from "../../packages/kit/http/sockets";
import type { Kit } from "../../packages/kit/service";
import type { MarketDataConfig } from "./config";
import type { BrokerSession } from "./feed/broker-feed";
import type { LeaderLeaseTimes } from "./leader/leader-lease";
import { Replica } from "./replica";
import { historyRoutes } from "./routes/history";
import { quoteRoutes } from "./routes/quotes";
import { referenceRoutes } from "./routes/reference";
import { marketDataProtocol } from "./socket/messages";

export interface MarketDataServiceConfig extends ServiceConfig {
  readonly marketData: MarketDataConfig;
  readonly algolab: AlgolabConfig;
}

export interface MarketDataOptions {
  /** Where the broker's session comes from. @default the newest that broker-integration keeps for market data */
  readonly session?: BrokerSession;
  readonly leaseTimes?: LeaderLeaseTimes;
}

/** Adds market data to a service: the replica's part in the feed, the routes, and `/ws/market-data`. */
export async function buildMarketData(
  kit: Kit,
  config: MarketDataServiceConfig,
  options: MarketDataOptions = {},
): Promise<Replica> {
  const replica = new Replica(kit, {
    database: config.database,
    marketData: config.marketData,
    session: options.session ?? keptSession(kit.database, config.algolab),
    leaseTimes: options.leaseTimes,
  });
  kit.lifecycle.onDrain("market data feed", () => replica.stop());
  kit.health.add({
    name: "broker",
    required: false,
    check: () => (replica.brokerConnected ? Promise.resolve() : Promise.reject(new Error("the broker's feed is down"))),
  });
  quoteRoutes(kit, replica.board);
  historyRoutes(kit);
  referenceRoutes(kit, config.marketData.calendar);
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

/** Read again for each connection, so that a new login at the broker is used at the next attempt. */
function keptSession(database: Database, { sessionSecret, apiKey, ...broker }: AlgolabConfig): BrokerSession {
  const vault = new SessionVault(sessionSecret);
  return async () => {
    const session = await findFeedSession(database, vault, apiKey);
    return session && { ...broker, apiKey: session.apiKey, hash: session.hash };
  };
}
