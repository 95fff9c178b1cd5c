import { algolabSection } from "../../packages/algolab/config";
import type { AlgolabConfig } from "../../packages/algolab/config";
import { SessionVault } from "../../packages/algolab/session-vault";
import type { TradingCalendar } from "../../packages/bist/calendar";
import { metrics as contract } from "../../packages/contract/metrics";
import { services } from "../../packages/contract/services";
import { serviceSections } from "../../packages/kit/config/sections";
import type { ServiceConfig } from "../../packages/kit/config/sections";
import { serveSockets } from "../../packages/kit/http/sockets";
import type { Kit } from "../../packages/kit/service";
import { AccountWorkers } from "./execution/account-workers";
import { AccountLeases } from "./execution/account-leases";
import { BrokerLogin } from "./application/broker-login";
import { tradingSection } from "./config";
import type { TradingConfig } from "./domain/trading-config";
import { failpointAt } from "./failpoints";
import { EventRelay } from "./events/relay";
import { tradingProtocol } from "./socket/protocol";
import { TradingSockets } from "./socket/trading-sockets";
import { startRetention } from "./retention";
import { tradingMetrics } from "./execution/metrics";
import { accountRoutes } from "./routes/account";
import { brokerAuthRoutes } from "./routes/broker-auth";
import { orderRoutes } from "./routes/orders";
import { doubts } from "./domain/order";
import { eventChannel, outboxChannel, sessionChannel, suspendedChannel, workChannel } from "./domain/channels";

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
  const failpoint = failpointAt(trading.failpoint);
  const vault = new SessionVault(broker.sessionSecret);

  const { requestIntervalMs: intervalMs, requestTimeoutMs: timeoutMs } = trading;
  brokerAuthRoutes(kit, new BrokerLogin({ database, vault, clock, broker, intervalMs, timeoutMs }));
  orderRoutes(kit, { database, clock, config: trading, failpoint });
  accountRoutes(kit, trading.viewFreshMs);

  const sockets = new TradingSockets(database, log);
  serveSockets(kit, config.http, {
    path: "/ws/trading",
    access: "trading:read",
    protocol: tradingProtocol,
    connected: (socket) => {
      sockets.connected(socket);
    },
  });

  const relay = new EventRelay(database, log, failpoint);
  const workers = new AccountWorkers({
    broker,
    vault,
    leases: new AccountLeases(database, trading.leaseMs),
    database,
    config: trading,
    clock,
    metrics: tradingMetrics(kit.metrics),
    log,
    failpoint,
  });
  lifecycle.onDrain("accounts", () => workers.close());
  lifecycle.onClose("events", () => relay.close());
  const stopRetention = startRetention(database, log);
  lifecycle.onClose("retention", () => {
    stopRetention();
    return Promise.resolve();
  });

  exposeFigures(kit, workers, relay, trading.calendar);
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
      workers.wake(accountId);
    },
  });
  const sessionsChanged = () => {
    workers.sessionsChanged();
  };
  await listener.listen(sessionChannel, { notified: sessionsChanged });
  await listener.listen(suspendedChannel, { notified: sessionsChanged });
  workers.start();
}

function exposeFigures(
  { metrics, clock }: Kit,
  workers: AccountWorkers,
  relay: EventRelay,
  calendar: TradingCalendar,
): void {
  const sum = (figure: (worker: AccountWorkers["open"][number]) => number) =>
    workers.open.reduce((total, worker) => total + figure(worker), 0);
  metrics.gauge(contract.brokerAccountsHeld, (gauge) => {
    gauge.set(workers.open.length);
  });
  metrics.gauge(contract.algolabCallsWaiting, (gauge) => {
    gauge.set(sum((worker) => worker.waitingCalls));
  });
  metrics.gauge(contract.ordersUnknown, (gauge) => {
    for (const reason of doubts)
      gauge.set(
        { reason },
        sum((worker) => worker.unknownOrders.get(reason) ?? 0),
      );
  });
  metrics.gauge(contract.ordersUnknownAge, (gauge) => {
    for (const reason of doubts) {
      const all = [workers.unattendedSince, ...workers.open.map(({ unknownSince }) => unknownSince)];
      const since = Math.min(...all.map((instants) => instants.get(reason) ?? Infinity));
      gauge.set({ reason }, Math.max(0, (clock.now() - since) / 1_000));
    }
  });
  metrics.gauge(contract.tradingCalendarEnd, (gauge) => {
    gauge.set(calendar.endMs / 1_000);
  });
  metrics.gauge(contract.eventsWaiting, (gauge) => {
    gauge.set(relay.longestWaitMs / 1_000);
  });
  metrics.gauge(contract.brokerOrdersUnclaimed, (gauge) => {
    gauge.set(sum((worker) => worker.unclaimedOrders));
  });
}
