import { query } from "../core/command";
import { examine } from "../health/checks";

export const health = query({
  name: "health",
  summary:
    "Looks whether everything is well: services, targets, database, time series, cache, feed, certificates, alarms",
  explanation:
    "Asks Kubernetes for the pods of the live colour and for the server of the time series where there is one, the load " +
    "balancer for its targets, AWS for database, cache, certificates and alarms, and market data for how late it is. Ends " +
    "with 7 when anything is not well, or does not answer.",
  examples: [{ line: "health --env production", description: "one line for each thing that was looked at" }],
  async answer(context) {
    const findings = await examine(context);
    const width = Math.max(...findings.map(({ check }) => check.length));
    return {
      lines: findings.map(({ check, healthy, detail }) => `${healthy ? "✔" : "✘"} ${check.padEnd(width)}  ${detail}`),
      data: findings,
      healthy: findings.every(({ healthy }) => healthy),
    };
  },
});
