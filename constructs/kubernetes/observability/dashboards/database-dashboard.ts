import { metrics } from "../../../../app/packages/contract/metrics";
import { series } from "../promql";
import type { Dashboard } from "./panels";

/** Each pod that reads the database's statistics tells the same. */
const rateOf = (metric: typeof metrics.databaseStatementSeconds | typeof metrics.databaseStatementCalls) =>
  `max by (database, statement, id) (rate(${series(metric)}[5m]))`;
const seconds = rateOf(metrics.databaseStatementSeconds);
const calls = rateOf(metrics.databaseStatementCalls);
const legend = "{{database}}: {{statement}}";

/** What the services' statements cost the database, by its own statistics. */
export const databaseDashboard: Dashboard = {
  uid: "bist-trading-database",
  title: "Database",
  tags: ["bist-trading", "database"],
  panels: [
    {
      title: "Statements that take the most time",
      description: "Seconds of execution in a second, all calls together: the database's processors.",
      unit: "s",
      queries: [{ expression: `topk(10, ${seconds})`, legend }],
    },
    {
      title: "Slowest statements",
      description: "Mean time of a call.",
      unit: "s",
      queries: [{ expression: `topk(10, ${seconds} / (${calls} > 0))`, legend }],
    },
    {
      title: "Calls of the most frequent statements",
      unit: "ops",
      queries: [{ expression: `topk(10, ${calls})`, legend }],
    },
    {
      title: "Connections",
      description:
        "Of all pods of a service to each of the two databases; docs/connections.md has how many there may be.",
      queries: [
        {
          expression: `sum by (service, database) (${series(metrics.databaseConnectionsActive)} + ${series(metrics.databaseConnectionsIdle)})`,
          legend: "{{service}}: {{database}}",
        },
      ],
    },
  ],
};
