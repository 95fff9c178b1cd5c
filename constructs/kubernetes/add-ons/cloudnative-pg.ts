import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import type { HelmAddOnProps } from "./helm-add-on-props";
import { disruptionBudget, REPLICAS, resources, spread } from "./pod-values";
import type { Placement, Resources, SpreadConstraint } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "cloudnative-pg",
  repository: "https://cloudnative-pg.github.io/charts",
  version: "0.29.0",
};

/** How the chart labels the operator's pods. */
export const cloudNativePgLabels = { "app.kubernetes.io/name": chart.name };

/** Where the chart has the operator listen. */
export const cloudNativePgPorts = { metrics: 8080, webhook: 9443 };

export interface CloudNativePgProps extends HelmAddOnProps {
  /** Where its pods run, and where it finds plugins, as far as it watches it. */
  readonly namespace: string;
  /** Where the Clusters are: it looks at no other namespace beside its own. */
  readonly applicationNamespace: string;
}

interface Values {
  readonly replicaCount: number;
  readonly additionalEnv: readonly { readonly name: string; readonly value: string }[];
  readonly resources: Resources;
  readonly topologySpreadConstraints: readonly SpreadConstraint[];
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
}

/**
 * Runs PostgreSQL in the cluster: makes instances, replicates, fails over. Its pods are `restricted` by the chart's own
 * defaults, and its chart leaves its definitions, and so every database, when it is removed.
 */
export class CloudNativePg extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: CloudNativePgProps) {
    super(scope, id);
    const { charts, placement, namespace, applicationNamespace, after = [] } = props;
    // The chart has none.
    new PodDisruptionBudgetV1(this, "DisruptionBudget", {
      metadata: { name: chart.name, namespace },
      spec: {
        maxUnavailable: String(disruptionBudget.maxUnavailable),
        selector: { matchLabels: cloudNativePgLabels },
      },
    });
    const values: Values = {
      ...placement,
      // One acts until the other takes over; both answer the API server.
      replicaCount: REPLICAS,
      // Of its config map it reads this once it watches everything.
      additionalEnv: [{ name: "WATCH_NAMESPACE", value: [applicationNamespace, namespace].join(",") }],
      resources: resources({ cpu: "50m", memory: "128Mi" }, { cpu: "500m", memory: "512Mi" }),
      topologySpreadConstraints: spread(cloudNativePgLabels),
    };
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace, values, after }).ready;
  }
}
