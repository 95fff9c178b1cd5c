import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { metrics } from "../../../../../app/packages/contract/metrics";
import { Dashboards } from "../../../../../constructs/kubernetes/observability/dashboards/dashboards";
import { marketDataDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/market-data-dashboard";
import { databaseDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/database-dashboard";
import { orderDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/order-dashboard";
import { grafanaDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/panels";
import type { Dashboard } from "../../../../../constructs/kubernetes/observability/dashboards/panels";
import { platformDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/platform-dashboard";
import { timeSeriesDashboard } from "../../../../../constructs/kubernetes/observability/dashboards/time-series-dashboard";
import { timeSeriesMetrics } from "../../../../../constructs/kubernetes/observability/time-series-metrics";
import { metricsIn, syntaxErrors } from "../../../../support/promql";
import { resources, testStack } from "../../../../support/template";

const dashboards = [platformDashboard, marketDataDashboard, orderDashboard, databaseDashboard, timeSeriesDashboard];
const queries = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.queries.map(({ expression }) => ({ panel: `${title}: ${panel.title}`, expression }))),
);

/** What tests ask of a panel as Grafana reads it. */
interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
  readonly fieldConfig: { readonly defaults: { readonly unit?: string; readonly thresholds?: object } };
}
const panelsOf = (dashboard: Dashboard) => grafanaDashboard(dashboard).panels as unknown as readonly GrafanaPanel[];

describe("Dashboards", () => {
  test("are config maps that Grafana's side process looks for, one each", () => {
    const stack = testStack();
    new Dashboards(stack, "Dashboards", { namespace: "monitoring", dashboards });
    const found = resources(stack, ConfigMapV1);
    expect(found).toHaveLength(dashboards.length);
    for (const configMap of found) {
      expect(configMap).toMatchObject({ metadata: { namespace: "monitoring", labels: { grafana_dashboard: "1" } } });
    }
  });

  test("show times of Istanbul and cannot be changed in the page", () => {
    for (const dashboard of dashboards) {
      expect(grafanaDashboard(dashboard)).toMatchObject({ timezone: "Europe/Istanbul", editable: false });
    }
  });

  test.each(dashboards)("$title lays its panels side by side, and none over another", (dashboard) => {
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(places).size).toBe(panels.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

describe("the platform's dashboard", () => {
  test("has the setup guide's six panels, the first red where a service does not answer", () => {
    const panels = panelsOf(platformDashboard);
    expect(panels.map(({ title }) => title)).toEqual([
      "Service Health Overview",
      "Request Rate (req/s)",
      "Response Time (95th percentile)",
      "Market Data Throughput",
      "Database Performance",
      "Error Rate (%)",
    ]);
    expect(panels.map(({ type }) => type)).toEqual(["stat", ...Array<string>(5).fill("timeseries")]);
    expect(panels[0]?.fieldConfig.defaults.thresholds).toMatchObject({
      steps: [{ color: "red" }, { color: "green", value: 1 }],
    });
  });
});

describe("the query of a panel", () => {
  test.each(queries)("$panel is PromQL: $expression", ({ expression }) => {
    expect(syntaxErrors(expression)).toEqual([]);
  });

  test("asks for the application's metrics by the names that it exports", () => {
    const own = new Set(Object.values(metrics).flatMap(({ name }) => [name as string, `${name}_bucket`]));
    const timeSeries = new Set<string>(Object.values(timeSeriesMetrics));
    const asked = queries.flatMap(({ expression }) => [...metricsIn(expression)]);
    expect(asked.filter((name) => !own.has(name) && !timeSeries.has(name) && name !== "up")).toEqual([]);
  });
});
