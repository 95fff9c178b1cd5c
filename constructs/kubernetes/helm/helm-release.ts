import { Release } from "@cdktf/provider-helm/lib/release";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Charts } from "../../../config/schema/platform";
import { check } from "../../support/check";

/** A chart of somebody else, at one version. */
export interface Chart {
  readonly name: string;
  /** Address of the chart's own repository: `https://` or `oci://`. */
  readonly repository: string;
  /** Exact, without a range. */
  readonly version: string;
}

export interface HelmReleaseProps {
  readonly chart: Chart;
  readonly namespace: string;
  /** The chart's values, typed by the add-on's own file. */
  readonly values: object;
  /** Where the environment takes charts from. */
  readonly charts: Charts;
  /** What it needs first. @default nothing */
  readonly after?: readonly ITerraformDependable[];
  /** Seconds until a rollout that does not complete is undone. @default 600 */
  readonly timeoutSeconds?: number;
}

/**
 * An add-on of the cluster: a Helm release under its chart's name, installed whole or not at all, at a version that is
 * pinned. An environment without charts has none.
 */
export class HelmRelease extends Construct {
  /** What waits for the add-on. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: HelmReleaseProps) {
    super(scope, id);
    const { chart, charts, namespace, timeoutSeconds = 600 } = props;
    check(this, [
      [
        /^v?\d+\.\d+\.\d+$/.test(chart.version),
        `chart version "${chart.version}" is not pinned; use one exact version`,
      ],
    ]);
    if (charts.from === "nowhere") {
      this.ready = [];
      return;
    }
    const release = new Release(this, "Resource", {
      name: chart.name,
      namespace,
      ...source(chart, charts),
      values: [JSON.stringify(props.values)],
      createNamespace: false,
      atomic: true,
      cleanupOnFail: true,
      waitForJobs: true,
      timeout: timeoutSeconds,
      maxHistory: 5,
      dependsOn: [...(props.after ?? [])],
    });
    this.ready = [release];
  }
}

function source({ name, repository, version }: Chart, charts: Exclude<Charts, { from: "nowhere" }>) {
  switch (charts.from) {
    case "publishers":
      return { chart: name, repository, version };
    case "repository":
      return { chart: name, repository: charts.address, version };
    case "folder":
      // Terraform runs in cdktf.out/stacks/<stack>. Helm compares no version with that of a folder.
      return { chart: `../../../${charts.path}/${name}`, version };
  }
}
