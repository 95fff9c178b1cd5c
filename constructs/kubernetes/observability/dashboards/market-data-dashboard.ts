import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { Dashboard } from "./panels";

/** From the broker's feed to the clients' sockets. */
export const marketDataDashboard: Dashboard = {
  uid: "bist-trading-market-data",
  title: "Market data",
  tags: ["bist-trading", "market-data"],
  panels: [
    {
      title: "Feed",
      description: "Whether one replica holds the broker's feed and is connected, and whether the exchange trades.",
      health: true,
      queries: [
        { expression: `sum(${series(metrics.marketFeedHeld)})`, legend: "held" },
        { expression: `max(${series(metrics.marketFeedUp)})`, legend: "connected" },
        { expression: `max(${series(metrics.marketSessionOpen)})`, legend: "exchange open" },
      ],
    },
    {
      title: "Ticks per second",
      queries: [
        { expression: `sum(rate(${series(metrics.marketTicksProcessed)}[1m]))`, legend: "stored" },
        { expression: `sum(rate(${series(metrics.marketTicksRepeated)}[1m]))`, legend: "repeated" },
        { expression: `sum by (reason) (rate(${series(metrics.marketTicksRejected)}[1m]))`, legend: "{{reason}}" },
      ],
    },
    {
      title: "From the trade to the database",
      description: "Near 900 s all day: the broker's account has no contract for live data.",
      unit: "s",
      queries: [{ expression: `max(${series(metrics.marketDataLag)})`, legend: "newest tick" }],
    },
    {
      title: "Received and not yet stored",
      queries: [{ expression: `sum(${series(metrics.marketTicksBacklog)})`, legend: "ticks" }],
    },
    {
      title: "Connections to the feed that ended",
      queries: [
        {
          expression: `sum by (reason) (increase(${series(metrics.marketFeedReconnections)}[5m]))`,
          legend: "{{reason}}",
        },
      ],
    },
    {
      title: "Clients",
      queries: [
        { expression: `sum by (endpoint) (${series(metrics.webSocketConnections)})`, legend: "{{endpoint}} open" },
        {
          expression: `sum by (endpoint, reason) (increase(${series(metrics.webSocketRefusals)}[5m]))`,
          legend: "{{endpoint}} refused: {{reason}}",
        },
      ],
    },
    {
      title: "Messages to clients per second",
      queries: [
        {
          expression: `sum by (endpoint) (rate(${series(metrics.webSocketMessagesSent)}[1m]))`,
          legend: "{{endpoint}}",
        },
      ],
    },
    {
      title: "Ticks that fan-out had not brought",
      description: "Each time they were read from the database instead.",
      queries: [{ expression: `sum(increase(${series(metrics.marketCatchUps)}[5m]))`, legend: "catch-ups" }],
    },
  ],
};
