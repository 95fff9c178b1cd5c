import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import type { HelmAddOnProps } from "./helm-add-on-props";
import { resources } from "./pod-values";
import type { Placement, Resources } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "plugin-barman-cloud",
  repository: "https://cloudnative-pg.github.io/charts",
  version: "0.7.0",
};

/** How the chart labels its pod. */
export const barmanCloudLabels = { "app.kubernetes.io/name": chart.name };

/** Where the plugin answers the operator. */
export const BARMAN_CLOUD_PORT = 9090;

export interface BarmanCloudPluginProps extends HelmAddOnProps {
  /** That of the operator, which looks for plugins nowhere else. */
  readonly namespace: string;
}

interface Values {
  readonly replicaCount: 1;
  readonly resources: Resources;
  readonly additionalArgs: readonly string[];
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
}

/**
 * Puts a side process that archives WAL, backs up and restores into the pods of every Cluster that asks for it. Its
 * chart leaves its definition, and so every ObjectStore, when it is removed.
 */
export class BarmanCloudPlugin extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { charts, placement, namespace, after = [] }: BarmanCloudPluginProps) {
    super(scope, id);
    const values: Values = {
      ...placement,
      // A second one would be ready and answer nobody: only the elected one listens.
      replicaCount: 1,
      resources: resources({ cpu: "25m", memory: "64Mi" }, { cpu: "250m", memory: "256Mi" }),
      // The chart has it log every call.
      additionalArgs: ["--log-level=info"],
    };
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace, values, after }).ready;
  }
}
