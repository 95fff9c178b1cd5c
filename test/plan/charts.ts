import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/paths";
import { CHARTS } from "../../tools/kubernetes/chart-values";

/** A folder of unpacked charts, each named as the chart, with its parts in `charts/`. */
export const chartFolder = process.env["CHARTS"] ?? join(projectRoot, ".local", "charts");

/** Why releases of somebody else's charts cannot be planned; undefined where they can. */
export function chartsMissing(): string | undefined {
  const missing = CHARTS.filter((name) => !existsSync(join(chartFolder, name, "Chart.yaml")));
  return missing.length === 0
    ? undefined
    : `no chart of ${missing.join(", ")} in the folder that CHARTS names, or in .local/charts`;
}

interface Stack {
  readonly resource: {
    readonly helm_release?: Readonly<Record<string, { chart: string; repository?: string }>>;
  };
}

/** Has a written stack take the charts of somebody else from a folder, as Terraform sees it, instead of the Internet. */
export function takeChartsFrom(folder: string, workingFolder: string): void {
  const path = join(workingFolder, "cdk.tf.json");
  const stack = JSON.parse(readFileSync(path, "utf8")) as Stack;
  for (const release of Object.values(stack.resource.helm_release ?? {})) {
    if (release.repository === undefined) continue;
    delete release.repository;
    release.chart = `${folder}/${release.chart}`;
  }
  writeFileSync(path, JSON.stringify(stack));
}
