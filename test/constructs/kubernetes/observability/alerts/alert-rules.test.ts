import { metrics } from "../../../../../app/packages/contract/metrics";
import type { Alert } from "../../../../../constructs/kubernetes/observability/alerts/alert";
import { alertGroups } from "../../../../../constructs/kubernetes/observability/alerts/alert-groups";
import { timeSeriesMetrics } from "../../../../../constructs/kubernetes/observability/time-series-metrics";
import { AlertRules } from "../../../../../constructs/kubernetes/observability/alerts/alert-rules";
import { valuesOf } from "../../../../support/helm";
import { metricsIn, syntaxErrors } from "../../../../support/promql";
import { testStack } from "../../../../support/template";
import { timescaledb } from "../../../../support/time-series";

const groups = alertGroups({ namespace: "trading", feedDelaySeconds: 0, timeSeries: timescaledb });
const alerts = groups.flatMap((group) => group.alerts);
const alert: Alert = {
  name: "HighCPUUsage",
  expression: "vector(1)",
  forMinutes: 0,
  severity: "warning",
  summary: "Something is wrong",
};
const rules = (...extra: readonly Alert[]) => {
  const stack = testStack();
  const props = { namespace: "monitoring", project: "https://example.com/platform", after: [] };
  new AlertRules(stack, "Alerts", { ...props, groups: [{ name: "test", alerts: extra }] });
  return valuesOf(stack, "alert-rules")["objects"];
};

describe("AlertRules", () => {
  test("writes an alert with its severity, its summary and the page about it", () => {
    expect(rules({ ...alert, forMinutes: 5 })).toMatchObject([
      {
        kind: "PrometheusRule",
        spec: {
          groups: [
            {
              rules: [
                {
                  alert: "HighCPUUsage",
                  expr: "vector(1)",
                  for: "5m",
                  labels: { severity: "warning" },
                  annotations: {
                    summary: "Something is wrong",
                    runbook_url: "https://example.com/platform/docs/runbooks/high-cpu-usage.md",
                  },
                },
              ],
            },
          ],
        },
      },
    ]);
  });

  test("refuses an alert that nobody has written a page about, and one that stands twice", () => {
    expect(() => rules({ ...alert, name: "NobodyKnows" })).toThrow(
      "test/Alerts: the alert NobodyKnows has no runbook; write docs/runbooks/nobody-knows.md",
    );
    expect(() => rules(alert, alert)).toThrow("the alert HighCPUUsage stands twice");
  });
});

describe("the platform's alerts", () => {
  test("have the setup guide's six by name", () => {
    expect(alerts.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "HighCPUUsage",
        "HighMemoryUsage",
        "ServiceDown",
        "HighErrorRate",
        "MarketDataLag",
        "DatabaseConnectionPoolExhausted",
      ]),
    );
  });

  test.each(alerts)("$name is PromQL", ({ expression }) => {
    expect(syntaxErrors(expression)).toEqual([]);
    expect(metricsIn(expression).size).toBeGreaterThan(0);
  });

  test("that are not PromQL would be found", () => {
    expect(syntaxErrors("sum(rate(x[5mm]))")).not.toEqual([]);
    expect(syntaxErrors("sum(rate(x[5m])")).not.toEqual([]);
  });

  test("ask for the application's metrics and for those of the charts, by the names that they have", () => {
    const own = new Set(Object.values(metrics).map(({ name }) => name as string));
    // Those of the time series' server are compared with their sources.
    const timeSeries = new Set<string>(Object.values(timeSeriesMetrics));
    const others = /^(up$|node_|kube_|certmanager_)/;
    const asked = alerts.flatMap(({ expression }) => [...metricsIn(expression)]);
    expect(asked.filter((name) => !own.has(name) && !timeSeries.has(name) && !others.test(name))).toEqual([]);
  });
});
