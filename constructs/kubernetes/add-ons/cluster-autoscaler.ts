import { Construct } from "constructs";
import { addOnIdentities } from "../../aws/cluster/workload-identities";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import type { HelmAddOnProps } from "./helm-add-on-props";
import { disruptionBudget, REPLICAS, resources, restricted, spread } from "./pod-values";
import type { Placement, Resources, SpreadConstraint } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "cluster-autoscaler",
  repository: "https://kubernetes.github.io/autoscaler",
  version: "9.59.0",
};

const { namespace, serviceAccount } = addOnIdentities.clusterAutoscaler;

export interface ClusterAutoscalerProps extends HelmAddOnProps {
  readonly clusterName: string;
  readonly region: string;
}

interface Values {
  readonly fullnameOverride: string;
  readonly autoDiscovery: { readonly clusterName: string };
  readonly awsRegion: string;
  readonly replicaCount: number;
  readonly rbac: { readonly serviceAccount: { readonly name: string } };
  readonly resources: Resources;
  readonly podDisruptionBudget: typeof disruptionBudget;
  readonly topologySpreadConstraints: readonly SpreadConstraint[];
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
  readonly securityContext: object;
  readonly containerSecurityContext: object;
  readonly extraArgs: Readonly<Record<string, string | boolean | number>>;
}

/** Adds a node when a pod finds no place, and takes one away that is not needed. */
export class ClusterAutoscaler extends Construct {
  constructor(scope: Construct, id: string, props: ClusterAutoscalerProps) {
    super(scope, id);
    const { charts, placement, after, clusterName, region } = props;
    const values: Values = {
      ...placement,
      fullnameOverride: chart.name,
      autoDiscovery: { clusterName },
      awsRegion: region,
      replicaCount: REPLICAS,
      rbac: { serviceAccount: { name: serviceAccount } },
      resources: resources({ cpu: "100m", memory: "300Mi" }, { cpu: "500m", memory: "600Mi" }),
      podDisruptionBudget: disruptionBudget,
      topologySpreadConstraints: spread({ "app.kubernetes.io/instance": chart.name }),
      securityContext: { ...restricted.pod, runAsUser: 65534 },
      containerSecurityContext: restricted.container,
      extraArgs: {
        // Both zones grow alike, whichever of the groups that fit is cheaper to fill.
        "balance-similar-node-groups": true,
        expander: "least-waste",
        // CoreDNS and the controllers have disruption budgets: their nodes may go as any other.
        "skip-nodes-with-system-pods": false,
        logtostderr: true,
        stderrthreshold: "info",
        v: 2,
      },
    };
    new HelmRelease(this, "Chart", { chart, charts, namespace, values, after });
  }
}
