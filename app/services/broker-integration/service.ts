import { algolabSection } from "../../packages/algolab/config";
import type { AlgolabConfig } from "../../packages/algolab/config";
import { SessionVault } from "../../packages/algolab/session-vault";
import { metrics as contract } from "../../packages/contract/metrics";
import { services } from "../../packages/contract/services";
import { serviceSections } from "../../packages/kit/config/sections";
import type { ServiceConfig } from "../../packages/kit/config/sections";
import { serveSockets } from "../../packages/kit/http/sockets";
import type { Kit } from "../../packages/kit/service";
import { Desks, workChannel } from "./execution/account-workers";
import { Leases } from "./execution/account-leases";
import { BrokerLogin } from "./application/broker-login";
import { tradingSection } from "./config";
import type { TradingConfig } from "./config";
import { crashAt } from "./failpoints";
import { EventRelay } from "./events/relay";
import { TradingSockets } from "./socket/trading-sockets";
import { keepHouse } from "./retention";
import { tradingMetrics } from "./metrics";
import { accountRoutes } from "./routes/account";
import { brokerAuthRoutes } from "./routes/broker-auth";
import { orderRoutes } from "./routes/orders";
import { eventChannel, outboxChannel } from "./store/outbox";

export interface BrokerIntegrationConfig extends ServiceConfig {
  readonly broker: AlgolabConfig;
  readonly trading: TradingConfig;
}

export const brokerIntegrationSections = {
  ...serviceSections(services.brokerIntegration),
  broker: algolabSection,
  trading: tradingSection,
};

/** Adds the routes, the sockets and the work on accounts to a service. */
export async function buildBrokerIntegration(kit: Kit, config: BrokerIntegrationConfig): Promise<void> {
  const { database, listener, lifecycle, clock, log } = kit;
  const { broker, trading } = config;
  const reached = crashAt(trading.crashAt);
  const vault = new SessionVault(broker.sessionSecret);

  const login = new BrokerLogin(database, vault, clock, broker, trading.requestTimeoutMs);
  brokerAuthRoutes(kit, login);
  orderRoutes(kit, { database, clock, config: trading, reached });
  accountRoutes(kit, trading.viewFreshMs);

  const sockets = new TradingSockets(database, log);
  serveSockets(kit, config.http, {
    path: "/ws/trading",
    access: "trading:read",
    connected: (socket) => {
      sockets.connected(socket);
    },
  });

  const relay = new EventRelay(database, log, reached);
  const desks = new Desks({
    broker,
    vault,
    leases: new Leases(database, trading.leaseMs),
    database,
    config: trading,
    clock,
    metrics: tradingMetrics(kit.metrics),
    log,
    reached,
  });
  lifecycle.onDrain("accounts", () => desks.close());
  lifecycle.onClose("events", () => relay.close());
  const endHousekeeping = keepHouse(database, log);
  lifecycle.onClose("housekeeping", () => {
    endHousekeeping();
    return Promise.resolve();
  });

  exposeFigures(kit, desks, relay);
  await listener.listen(eventChannel, {
    notified: (payload) => {
      sockets.notified(payload);
    },
    connected: () => sockets.catchUp(),
  });
  await listener.listen(outboxChannel, {
    notified: () => {
      relay.wake();
    },
    connected: () => {
      relay.wake();
      return Promise.resolve();
    },
  });
  await listener.listen(workChannel, {
    notified: (accountId) => {
      desks.wake(accountId);
    },
  });
  desks.start();
}

function exposeFigures({ metrics, clock }: Kit, desks: Desks, relay: EventRelay): void {
  const sum = (figure: (desk: Desks["open"][number]) => number) =>
    desks.open.reduce((total, desk) => total + figure(desk), 0);
  metrics.gauge(contract.brokerAccountsHeld, (gauge) => {
    gauge.set(desks.open.length);
  });
  metrics.gauge(contract.algolabCallsWaiting, (gauge) => {
    gauge.set(sum((desk) => desk.waitingCalls));
  });
  metrics.gauge(contract.ordersUnknown, (gauge) => {
    gauge.set(sum((desk) => desk.unknownOrders));
  });
  metrics.gauge(contract.ordersUnknownAge, (gauge) => {
    const since = Math.min(...desks.open.map(({ unknownSince = Infinity }) => unknownSince));
    gauge.set(Math.max(0, (clock.now() - since) / 1_000));
  });
  metrics.gauge(contract.eventsWaiting, (gauge) => {
    gauge.set(relay.longestWaitMs / 1_000);
  });
  metrics.gauge(contract.brokerOrdersUnclaimed, (gauge) => {
    gauge.set(sum((desk) => desk.unclaimedOrders));
  });
}
