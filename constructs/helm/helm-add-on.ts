import { Release } from "@cdktf/provider-helm/lib/release";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { check } from "../support/check";

/** A chart of somebody else, at one version. */
export interface Chart {
  readonly name: string;
  /** Address of the chart repository: `https://` or `oci://`. */
  readonly repository: string;
  /** Exact, without a range. */
  readonly version: string;
}

export interface HelmAddOnProps {
  readonly chart: Chart;
  readonly namespace: string;
  /** @default the chart's name */
  readonly releaseName?: string;
  /** The chart's values, typed by the add-on's own file. */
  readonly values: object;
  /** What it needs first. @default nothing */
  readonly after?: readonly ITerraformDependable[];
  /** Seconds until a rollout that does not complete is undone. @default 600 */
  readonly timeoutSeconds?: number;
  /** Folder or repository to take the charts from instead of their own. @default the chart's repository */
  readonly chartSource?: string;
}

/**
 * An add-on of the cluster: a Helm release that is installed whole or not at all, at a version that is pinned.
 */
export class HelmAddOn extends Construct {
  readonly release: Release;

  constructor(scope: Construct, id: string, props: HelmAddOnProps) {
    super(scope, id);
    const { chart, namespace, releaseName = chart.name, timeoutSeconds = 600 } = props;
    check(this, [
      [
        /^v?\d+\.\d+\.\d+$/.test(chart.version),
        `chart version "${chart.version}" is not pinned; use one exact version`,
      ],
      [releaseName.length <= 53, `release name "${releaseName}" has ${releaseName.length} characters; Helm takes 53`],
    ]);
    this.release = new Release(this, "Resource", {
      name: releaseName,
      namespace,
      chart: chart.name,
      repository: props.chartSource ?? chart.repository,
      version: chart.version,
      values: [JSON.stringify(props.values)],
      createNamespace: false,
      atomic: true,
      cleanupOnFail: true,
      waitForJobs: true,
      timeout: timeoutSeconds,
      maxHistory: 5,
      dependsOn: [...(props.after ?? [])],
    });
  }
}
