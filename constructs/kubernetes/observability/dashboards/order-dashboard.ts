import { metrics } from "../../../../app/packages/contract/metrics";
import { buckets, series } from "../promql";
import type { Dashboard } from "./panels";

/** From a client's order to the broker's answer. */
export const orderDashboard: Dashboard = {
  uid: "bist-trading-orders",
  title: "Orders",
  tags: ["bist-trading", "orders"],
  panels: [
    {
      title: "Orders sent to the broker per minute",
      queries: [
        { expression: `sum by (outcome) (rate(${series(metrics.orderSubmissions)}[5m])) * 60`, legend: "{{outcome}}" },
      ],
    },
    {
      title: "Orders in doubt",
      queries: [
        { expression: `sum by (reason) (${series(metrics.ordersUnknown)})`, legend: "{{reason}} not known" },
        {
          expression: `sum(increase(${series(metrics.ordersAmbiguous)}[1h]))`,
          legend: "could be one of several, last hour",
        },
        {
          expression: `sum(increase(${series(metrics.orderEndsContradicted)}[1h]))`,
          legend: "ended here and listed otherwise, last hour",
        },
        { expression: `sum(${series(metrics.brokerOrdersUnclaimed)})`, legend: "at the broker, not placed here" },
      ],
    },
    {
      title: "Longest in doubt",
      unit: "s",
      queries: [{ expression: `max by (reason) (${series(metrics.ordersUnknownAge)})`, legend: "{{reason}}" }],
    },
    {
      title: "Events that wait to be told",
      unit: "s",
      queries: [{ expression: `min(${series(metrics.eventsWaiting)})`, legend: "longest wait" }],
    },
    {
      title: "Answers of the broker (95th percentile)",
      unit: "s",
      queries: [
        {
          expression: `histogram_quantile(0.95, sum by (le, endpoint) (rate(${buckets(metrics.algolabRequestDuration)}[5m])))`,
          legend: "{{endpoint}}",
        },
      ],
    },
    {
      title: "Calls to the broker per minute",
      queries: [
        {
          expression: `sum by (endpoint, outcome) (rate(${series(metrics.algolabRequests)}[5m])) * 60`,
          legend: "{{endpoint}} {{outcome}}",
        },
      ],
    },
    {
      title: "Calls that wait for their turn",
      queries: [{ expression: `sum(${series(metrics.algolabCallsWaiting)})`, legend: "calls" }],
    },
    {
      title: "Accounts talked to the broker for",
      queries: [{ expression: `sum(${series(metrics.brokerAccountsHeld)})`, legend: "accounts" }],
    },
  ],
};
