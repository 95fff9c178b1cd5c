import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { timeSeriesMetrics } from "../../../../constructs/kubernetes/observability/time-series-metrics";
import { modules, modulesMissing, sourcesOf } from "../../../../tools/kubernetes/published-definitions";
import { describeWhere } from "../../../support/skip";

/** A query of the operator's, each column of which is a label or a metric. */
interface Query {
  /** Of the metric, where it is not the query's key. */
  readonly name?: string;
  readonly metrics: readonly Readonly<Record<string, { readonly usage: string }>>[];
}

describeWhere(modulesMissing(), "metrics of the time series' server", () => {
  const source = (module: string, path: string) => readFileSync(join(sourcesOf(module, "off") ?? "", path), "utf8");

  const byQueries = () => {
    const { data } = parse(source(modules.operator, "config/manager/default-monitoring.yaml")) as {
      readonly data: { readonly queries: string };
    };
    return Object.entries(parse(data.queries) as Readonly<Record<string, Query>>).flatMap(([key, query]) =>
      query.metrics
        .flatMap((column) => Object.entries(column))
        .filter(([, { usage }]) => usage !== "LABEL")
        .map(([column]) => `cnpg_${query.name ?? key}_${column}`),
    );
  };
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
});
