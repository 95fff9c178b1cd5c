import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { addOnIdentities } from "../../aws/cluster/workload-identities";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import { PlatformNamespace } from "../namespace/platform-namespace";
import { NetworkPolicies } from "../network-policy/network-policies";
import type { AllowedTraffic } from "../network-policy/network-policies";
import type { NamespacedAddOnProps } from "./helm-add-on-props";
import { awsUser, everyPod, webhook } from "./add-on-traffic";
import type { ClusterNetwork } from "./add-on-traffic";
import { disruptionBudget, REPLICAS, resources, spread } from "./pod-values";
import type { Placement, Resources, SpreadConstraint } from "./pod-values";

const chart: Chart = {
  name: "external-secrets",
  repository: "https://charts.external-secrets.io",
  version: "2.9.0",
};

const { namespace, serviceAccount } = addOnIdentities.externalSecrets;

/** How the chart labels the pods of a process. */
const labelsOf = (name: string) => ({ "app.kubernetes.io/name": name });

/** Where the chart's webhook listens. */
const WEBHOOK_PORT = 10250;

function traffic(network: ClusterNetwork): readonly AllowedTraffic[] {
  return [
    ...everyPod(network),
    ...awsUser("controller", labelsOf("external-secrets"), network),
    webhook("webhook", labelsOf("external-secrets-webhook"), WEBHOOK_PORT, network),
  ];
}

/** What its three processes have in common. */
interface ProcessValues {
  readonly replicaCount: number;
  readonly resources: Resources;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly maxUnavailable: number };
  readonly topologySpreadConstraints: readonly SpreadConstraint[];
}

interface Values extends ProcessValues {
  readonly global: Placement;
  readonly serviceAccount: { readonly name: string };
  readonly leaderElect: boolean;
  readonly livenessProbe: { readonly enabled: boolean };
  readonly crds: Readonly<Record<`create${string}`, boolean>>;
  readonly processClusterStore: boolean;
  readonly processClusterExternalSecret: boolean;
  readonly processClusterGenerator: boolean;
  readonly processClusterPushSecret: boolean;
  readonly processPushSecret: boolean;
  readonly webhook: ProcessValues;
  readonly certController: ProcessValues;
}

/**
 * Copies secrets of Secrets Manager into the namespaces that ask for them. Each namespace has a store of its own: the
 * kinds that reach over namespaces, or write back, are turned off.
 */
export class ExternalSecrets extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { charts, placement, network, after = [] }: NamespacedAddOnProps) {
    super(scope, id);
    const processOf = (name: string): ProcessValues => ({
      replicaCount: REPLICAS,
      resources: resources({ cpu: "25m", memory: "128Mi" }, { cpu: "250m", memory: "256Mi" }),
      podDisruptionBudget: { enabled: true, ...disruptionBudget },
      topologySpreadConstraints: spread(labelsOf(name)),
    });
    const values: Values = {
      ...processOf("external-secrets"),
      global: placement,
      serviceAccount: { name: serviceAccount },
      leaderElect: true,
      livenessProbe: { enabled: true },
      crds: {
        createClusterExternalSecret: false,
        createClusterSecretStore: false,
        createClusterGenerator: false,
        createClusterPushSecret: false,
        createPushSecret: false,
      },
      processClusterStore: false,
      processClusterExternalSecret: false,
      processClusterGenerator: false,
      processClusterPushSecret: false,
      processPushSecret: false,
      webhook: processOf("external-secrets-webhook"),
      certController: processOf("external-secrets-cert-controller"),
    };
    const home = new PlatformNamespace(this, "Namespace", { name: namespace });
    new NetworkPolicies(this, "NetworkPolicies", { namespace: home.name, allowed: traffic(network) });
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace: home.name, values, after }).ready;
  }
}
