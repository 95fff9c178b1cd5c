import { readFileSync } from "node:fs";
import { join } from "node:path";
import { selectEnvironments } from "../../config";
import { environmentStacks } from "../../stacks/environment-stacks";
import { KubernetesStack } from "../../stacks/kubernetes-stack";
import { CHARTS, unknownValues } from "../../tools/kubernetes/chart-values";
import type { RecordedChart } from "../../tools/kubernetes/chart-values";
import { releases } from "../support/helm";
import { testApp } from "../support/template";
import { withTimescaledb } from "../support/time-series";

const recorded = new Map(
  CHARTS.map((name) => [
    name as string,
    JSON.parse(readFileSync(join(__dirname, "../fixtures/charts", `${name}.json`), "utf8")) as RecordedChart,
  ]),
);

/** The charts of somebody else in all stacks of the environments that have charts, with either keeper of time series. */
const environments = [...selectEnvironments("production,staging"), withTimescaledb()];
const installed = environments.flatMap((each) =>
  Object.values(environmentStacks(testApp(), each))
    .filter((stack) => stack instanceof KubernetesStack)
    .flatMap((stack) =>
      [...releases(stack).values()]
        .filter(({ chart }) => !chart.startsWith("../"))
        .map((release) => ({ stack: stack.node.id, ...release })),
    ),
);

describe("the values of a chart", () => {
  test("are recorded for every chart that is installed, and for no other", () => {
    expect([...new Set(installed.map(({ chart }) => chart))].sort()).toEqual([...CHARTS].sort());
  });

  test.each(installed)("$name in $stack are keys that version $version takes", ({ chart, version, values }) => {
    const found = recorded.get(chart);
    // `npm run kubernetes:values` records those of another version.
    expect(found?.version).toBe(version);
    expect(unknownValues(JSON.parse(values[0]), found?.keys ?? {})).toEqual([]);
  });

  test("are refused where a key is misspelt, at any depth, or holds something else", () => {
    const { keys } = recorded.get("cert-manager") ?? { keys: {} };
    expect(unknownValues({ replicas: 2 }, keys)).toEqual(["replicas is no key of the chart"]);
    expect(unknownValues({ webhook: { podDisruptionBudgets: { enabled: true } } }, keys)).toEqual([
      "webhook.podDisruptionBudgets is no key of the chart",
    ]);
    expect(unknownValues({ crds: { keep: "yes" } }, keys)).toEqual(["crds.keep is text where the chart takes boolean"]);
    expect(unknownValues({ crds: true }, keys)).toEqual(["crds is boolean where the chart takes keys"]);
  });
});
