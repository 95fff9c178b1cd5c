import { services } from "../../../../app/packages/contract/services";
import { startService } from "../../../../app/packages/kit/service";
import { buildMarketData } from "../../../../app/services/market-data/service";
import type { MarketDataServiceConfig } from "../../../../app/services/market-data/service";
import type { SocketOptions } from "../../../../app/packages/algolab/socket";
import type { LeaderLeaseTimes } from "../../../../app/services/market-data/leader/leader-lease";
import { alwaysOpen } from "./always-open";

/** A replica as a process of its own, to be frozen and killed. Configured by one JSON argument. */
const { config, session, leaseTimes } = JSON.parse(process.argv[2] ?? "{}") as {
  config: MarketDataServiceConfig;
  session: SocketOptions;
  leaseTimes: LeaderLeaseTimes;
};

void startService(services.marketData, config, async (kit) => {
  // Sent as JSON, a calendar has lost what it can do. With this one, what is missed is a gap on every day of the week.
  const marketData = { ...config.marketData, calendar: alwaysOpen };
  await buildMarketData(kit, { ...config, marketData }, { session: () => Promise.resolve(session), leaseTimes });
}).then((service) => {
  process.once("SIGTERM", () => void service.stop().then(() => process.exit(0)));
});
