import { metrics } from "../../../../app/packages/contract/metrics";
import { APPLICATION_JOBS, buckets, select, series } from "../promql";
import type { Dashboard } from "./panels";

const byService = (expression: string) => `sum by (service) (${expression})`;
const errors = byService(`rate(${series(metrics.httpRequests, { status: /5../ })}[5m])`);
const requests = byService(`rate(${series(metrics.httpRequests)}[5m])`);

/** The setup guide's dashboard, panel by panel. */
export const platformDashboard: Dashboard = {
  uid: "bist-trading-platform",
  title: "BIST Trading Platform",
  tags: ["bist-trading"],
  panels: [
    {
      title: "Service Health Overview",
      description: "The share of each service's pods that answer, by colour.",
      health: true,
      queries: [
        {
          expression: `avg by (job, colour) (${select("up", { job: APPLICATION_JOBS })})`,
          legend: "{{job}} {{colour}}",
        },
      ],
    },
    {
      title: "Request Rate (req/s)",
      unit: "reqps",
      queries: [{ expression: requests, legend: "{{service}}" }],
    },
    {
      title: "Response Time (95th percentile)",
      unit: "s",
      queries: [
        {
          expression: `histogram_quantile(0.95, sum by (le, service) (rate(${buckets(metrics.httpRequestDuration)}[5m])))`,
          legend: "{{service}}",
        },
      ],
    },
    {
      title: "Market Data Throughput",
      unit: "short",
      queries: [{ expression: `sum(rate(${series(metrics.marketTicksProcessed)}[1m]))`, legend: "Ticks/second" }],
    },
    {
      title: "Database Performance",
      description: "Connections of all pods of a service.",
      queries: [
        { expression: byService(series(metrics.databaseConnectionsActive)), legend: "{{service}} active" },
        { expression: byService(series(metrics.databaseConnectionsIdle)), legend: "{{service}} idle" },
        { expression: byService(series(metrics.databaseConnectionsWaiting)), legend: "{{service}} waiting" },
      ],
    },
    {
      title: "Error Rate (%)",
      unit: "percent",
      queries: [{ expression: `${errors} / ${requests} * 100`, legend: "{{service}}" }],
    },
  ],
};
