import { metrics as contract } from "../../../packages/contract/metrics";
import type { Metrics } from "../../../packages/kit/observability/metrics";

/** What account workers count. Figures that are state already are gauges in `service.ts`. */
export function tradingMetrics(metrics: Metrics) {
  return {
    requests: metrics.counter(contract.algolabRequests),
    unreadable: metrics.counter(contract.algolabUnreadable),
    requestDuration: metrics.histogram(contract.algolabRequestDuration),
    submissions: metrics.counter(contract.orderSubmissions),
    endsContradicted: metrics.counter(contract.orderEndsContradicted),
    ambiguousOrders: metrics.counter(contract.ordersAmbiguous),
  };
}
export type TradingMetrics = ReturnType<typeof tradingMetrics>;
