import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { timeSeriesAlerts } from "../../../../constructs/kubernetes/observability/alerts/time-series-alerts";
import { timeSeriesDashboard } from "../../../../constructs/kubernetes/observability/dashboards/time-series-dashboard";
import { timeSeriesMetrics } from "../../../../constructs/kubernetes/observability/time-series-metrics";
import { modules, modulesMissing, sourcesOf } from "../../../../tools/kubernetes/published-definitions";
import { describeWhere } from "../../../support/skip";
import { timescaledb } from "../../../support/time-series";

/** A query of the operator's, each column of which is a label or a metric. */
interface Query {
  /** Of the metric, where it is not the query's key. */
  readonly name?: string;
  readonly metrics: readonly Readonly<Record<string, { readonly usage: string }>>[];
}

describeWhere(modulesMissing(), "metrics of the time series' server", () => {
  const source = (module: string, path: string) => readFileSync(join(sourcesOf(module, "off") ?? "", path), "utf8");

  const queries = () => {
    const { data } = parse(source(modules.operator, "config/manager/default-monitoring.yaml")) as {
      readonly data: { readonly queries: string };
    };
    return Object.entries(parse(data.queries) as Readonly<Record<string, Query>>).map(([key, { name, metrics }]) => {
      const columns = metrics.flatMap((column) => Object.entries(column));
      const named = (isLabel: boolean) =>
        columns.filter(([, { usage }]) => (usage === "LABEL") === isLabel).map(([column]) => column);
      return { metrics: named(false).map((column) => `cnpg_${name ?? key}_${column}`), labels: named(true) };
    });
  };
  const byQueries = () => queries().flatMap(({ metrics }) => metrics);
  const named = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name);
  const byInstances = () => {
    const collector = source(modules.operator, "pkg/management/postgres/webserver/metricserver/pg_collector.go");
    return named(collector, /Name: +"(\w+)"/g).map((name) => `cnpg_collector_${name}`);
  };
  const byPlugin = () => {
    const name = /PluginName = "([^"]+)"/.exec(source(modules.plugin, "internal/cnpgi/metadata/constants.go"))?.[1];
    const collector = source(modules.plugin, "internal/cnpgi/instance/metrics.go");
    return named(collector, /buildFqName\("(\w+)"\)/g).map((metric) => `${name?.replace(/[.-]/g, "_")}_${metric}`);
  };

  test("have the names that the operator and its plugin export", () => {
    const exported = new Set([...byQueries(), ...byInstances(), ...byPlugin()]);
    const own = Object.values(timeSeriesMetrics).filter((name) => !/^kube(let)?_/.test(name));
    expect(own.filter((name) => !exported.has(name))).toEqual([]);
  });

  /** Those that a metric has itself, beside those that its scrape adds. */
  const labelsOf = (metric: string): readonly string[] => {
    if (metric === timeSeriesMetrics.walSegments) return ["value"];
    return queries().find(({ metrics }) => metrics.includes(metric))?.labels ?? [];
  };

  test("have the labels by which alerts and the dashboard select and group them", () => {
    const alerts = timeSeriesAlerts(timescaledb, "trading").flatMap((group) => group.alerts);
    const shown = timeSeriesDashboard.panels.flatMap((panel) => panel.queries);
    const used = [...alerts, ...shown].flatMap(({ expression }) => [
      ...[...expression.matchAll(/(cnpg_\w+)\{([^}]*)\}/g)].map(([, metric = "", matchers = ""]) => ({
        metric,
        labels: named(matchers, /(\w+)=/g),
      })),
      ...[...expression.matchAll(/by \(([^)]*)\) \((cnpg_\w+)/g)].map(([, grouped = "", metric = ""]) => ({
        metric,
        labels: grouped.split(", "),
      })),
    ]);
    expect(used.flatMap(({ labels }) => labels)).toEqual(
      expect.arrayContaining(["name", "value", "usename", "datname"]),
    );
    const scraped = ["namespace", "pod", "cluster"];
    const unknown = used.flatMap(({ metric, labels }) =>
      labels.filter((label) => ![...scraped, ...labelsOf(metric)].includes(label)).map((label) => `${metric} ${label}`),
    );
    expect(unknown).toEqual([]);
  });

  test("that are compared by all of their labels have those of their pod alone", () => {
    const { inRecovery, replicationLag, streamingReplicas } = timeSeriesMetrics;
    for (const metric of [inRecovery, replicationLag, streamingReplicas])
      expect([metric, labelsOf(metric)]).toEqual([metric, []]);
  });

  test("of instances say which segments of WAL they count", () => {
    const folder = "pkg/management/postgres/webserver/metricserver";
    const collector = source(modules.operator, `${folder}/pg_collector.go`);
    expect(/"pg_wal_archive_status",[^}]*\}, \[\]string\{"(\w+)"\}\)/.exec(collector)?.[1]).toBe("value");
    expect(source(modules.operator, `${folder}/wal.go`)).toContain('PgWALArchiveStatus.WithLabelValues("ready")');
  });
});
