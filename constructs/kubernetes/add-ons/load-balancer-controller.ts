import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { addOnIdentities } from "../../aws/cluster/workload-identities";
import { HelmRelease } from "../helm/helm-release";
import type { Chart } from "../helm/helm-release";
import type { HelmAddOnProps } from "./helm-add-on-props";
import { disruptionBudget, REPLICAS, resources, restricted } from "./pod-values";
import type { Placement, Resources } from "./pod-values";
import type { Toleration } from "../workload/pod";

const chart: Chart = {
  name: "aws-load-balancer-controller",
  repository: "https://aws.github.io/eks-charts",
  version: "3.5.0",
};

const { namespace, serviceAccount } = addOnIdentities.loadBalancerController;

export interface LoadBalancerControllerProps extends HelmAddOnProps {
  readonly clusterName: string;
  readonly region: string;
  readonly vpcId: string;
}

interface Values {
  readonly clusterName: string;
  readonly region: string;
  readonly vpcId: string;
  readonly replicaCount: number;
  readonly serviceAccount: { readonly name: string };
  readonly nodeSelector: Placement["nodeSelector"];
  readonly tolerations: readonly Toleration[];
  readonly resources: Resources;
  readonly podDisruptionBudget: typeof disruptionBudget;
  readonly podSecurityContext: object;
  readonly securityContext: object;
  readonly enableCertManager: boolean;
  readonly createIngressClassResource: boolean;
  readonly ingressClassParams: { readonly create: boolean };
  readonly enableServiceMutatorWebhook: boolean;
  readonly enableBackendSecurityGroup: boolean;
  readonly enableShield: boolean;
  readonly enableWaf: boolean;
  readonly enableWafv2: boolean;
  readonly controllerConfig: { readonly featureGates: Readonly<Record<string, boolean>> };
}

/**
 * Keeps the target groups filled with the pods of their TargetGroupBinding, and does nothing else: load balancers,
 * listeners and security groups are Terraform's.
 */
export class LoadBalancerController extends Construct {
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { charts, placement, after, ...cluster }: LoadBalancerControllerProps) {
    super(scope, id);
    const values: Values = {
      ...cluster,
      ...placement,
      replicaCount: REPLICAS,
      serviceAccount: { name: serviceAccount },
      resources: resources({ cpu: "50m", memory: "128Mi" }, { cpu: "500m", memory: "256Mi" }),
      podDisruptionBudget: disruptionBudget,
      podSecurityContext: { ...restricted.pod, fsGroup: 65534 },
      securityContext: restricted.container,
      // By default the chart signs its webhook's certificate itself, another one at every upgrade.
      enableCertManager: true,
      createIngressClassResource: false,
      ingressClassParams: { create: false },
      enableServiceMutatorWebhook: false,
      enableBackendSecurityGroup: false,
      enableShield: false,
      enableWaf: false,
      enableWafv2: false,
      controllerConfig: {
        featureGates: { EnableServiceController: false, NLBGatewayAPI: false, ALBGatewayAPI: false },
      },
    };
    this.ready = new HelmRelease(this, "Chart", { chart, charts, namespace, values, after }).ready;
  }
}
