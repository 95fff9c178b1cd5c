import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { addOnIdentities } from "../../aws/cluster/workload-identities";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import { PlatformNamespace } from "../namespace/platform-namespace";
import { NetworkPolicies } from "../network-policy/network-policies";
import type { AllowedTraffic } from "../network-policy/network-policies";
import type { NamespacedAddOnProps } from "./helm-add-on-props";
import { awsUser, everyPod, monitored, nameServers, webhook } from "./add-on-traffic";
import type { ClusterNetwork } from "./add-on-traffic";
import { disruptionBudget, REPLICAS, resources, spread } from "./pod-values";
import type { Placement, Resources, SpreadConstraint } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "cert-manager",
  repository: "https://charts.jetstack.io",
  version: "v1.21.1",
};

const { namespace, serviceAccount } = addOnIdentities.certManager;

/** How the chart labels the pods of a process. */
const labelsOf = (component: string) => ({
  "app.kubernetes.io/instance": chart.name,
  "app.kubernetes.io/component": component,
});

/** What its three processes have in common; the pods are `restricted` by the chart's own defaults. */
interface ProcessValues {
  readonly replicaCount: number;
  readonly resources: Resources;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly maxUnavailable: number };
  readonly topologySpreadConstraints: readonly SpreadConstraint[];
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
}

interface Values extends ProcessValues {
  readonly crds: { readonly enabled: boolean; readonly keep: boolean };
  readonly global: { readonly leaderElection: { readonly namespace: string } };
  readonly serviceAccount: { readonly name: string };
  readonly webhook: ProcessValues;
  readonly cainjector: ProcessValues;
  readonly startupapicheck: Pick<ProcessValues, "resources" | "nodeSelector" | "tolerations">;
}

/** Ports of the chart's own. */
const PORTS = { metrics: 9402, webhook: 10250 };

/** Before it has a challenge looked at, it asks the zone's own name servers whether they have its answer. */
function traffic(network: ClusterNetwork): readonly AllowedTraffic[] {
  const controller = labelsOf("controller");
  return [
    ...everyPod(network),
    ...awsUser("controller", controller, network),
    ...nameServers("controller", controller, network),
    monitored("controller", controller, PORTS.metrics),
    webhook("webhook", labelsOf("webhook"), PORTS.webhook, network),
  ];
}

/** Has certificates issued and renewed. Its rights in AWS answer DNS-01 challenges of the platform's own domain. */
export class CertManager extends Construct {
  readonly namespace: string;
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { charts, placement, network, after = [] }: NamespacedAddOnProps) {
    super(scope, id);
    const small = resources({ cpu: "25m", memory: "64Mi" }, { cpu: "250m", memory: "256Mi" });
    const processOf = (component: string): ProcessValues => ({
      ...placement,
      replicaCount: REPLICAS,
      resources: small,
      podDisruptionBudget: { enabled: true, ...disruptionBudget },
      topologySpreadConstraints: spread(labelsOf(component)),
    });
    const values: Values = {
      ...processOf("controller"),
      // Removed with the chart they would take every certificate with them.
      crds: { enabled: true, keep: true },
      global: { leaderElection: { namespace } },
      serviceAccount: { name: serviceAccount },
      webhook: processOf("webhook"),
      cainjector: processOf("cainjector"),
      startupapicheck: { ...placement, resources: small },
    };
    const home = new PlatformNamespace(this, "Namespace", { name: namespace });
    this.namespace = home.name;
    new NetworkPolicies(this, "NetworkPolicies", { namespace: home.name, allowed: traffic(network) });
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace: home.name, values, after }).ready;
  }
}
