import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { AlertGroup } from "./alert";

/** The setup guide's threshold. */
const LAG_SECONDS = 10;

/**
 * @param feedDelaySeconds by which the broker holds ticks back: 900 for an account without a contract for live data
 */
export function marketDataAlerts(feedDelaySeconds: number): AlertGroup {
  const processed = series(metrics.marketTicksProcessed);
  // A figure is that of the last tick, and stays when there are no more: it counts while ticks come.
  const lag = `max by (pod) (${series(metrics.marketDataLag)})`;
  const coming = `sum by (pod) (rate(${processed}[2m])) > 0`;
  return {
    name: "market-data",
    alerts: [
      {
        name: "MarketDataLag",
        expression: `${lag} > ${feedDelaySeconds + LAG_SECONDS} and ${coming}`,
        forMinutes: 2,
        severity: "critical",
        summary: "Ticks are stored {{ $value | humanizeDuration }} after they were traded",
      },
      {
        name: "MarketFeedSilent",
        expression: `max(${series(metrics.marketSessionOpen)}) == 1 and sum(increase(${processed}[5m])) == 0`,
        forMinutes: 2,
        severity: "critical",
        summary: "The exchange trades and no tick has been stored for five minutes",
      },
    ],
  };
}
