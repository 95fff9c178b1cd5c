import type { App } from "cdktf";
import type { Environment } from "../config";
import { CertManager } from "../constructs/kubernetes/add-ons/cert-manager";
import { ClusterAutoscaler } from "../constructs/kubernetes/add-ons/cluster-autoscaler";
import { ExternalSecrets } from "../constructs/kubernetes/add-ons/external-secrets";
import { LoadBalancerController } from "../constructs/kubernetes/add-ons/load-balancer-controller";
import { MetricsServer } from "../constructs/kubernetes/add-ons/metrics-server";
import { PostgresOperator } from "../constructs/kubernetes/add-ons/postgres-operator";
import { ClusterIssuer } from "../constructs/kubernetes/certificates/cluster-issuer";
import { ViewerRights } from "../constructs/aws/cluster/viewer-rights";
import { CustomResourceDefinitions } from "../constructs/kubernetes/custom-objects/custom-resource-definitions";
import { DefaultStorageClass } from "../constructs/kubernetes/storage/default-storage-class";
import { placementOn } from "../constructs/kubernetes/workload/placement";
import type { ClusterOutputs } from "./cluster-stack";
import type { EdgeOutputs } from "./edge-stack";
import { KubernetesStack } from "./kubernetes-stack";
import type { NetworkOutputs } from "./network-stack";

interface PlatformInputs {
  readonly network: NetworkOutputs;
  readonly cluster: ClusterOutputs;
  readonly edge: EdgeOutputs;
}

/** What the cluster needs before the application can run in it. */
export class PlatformStack extends KubernetesStack {
  constructor(app: App, environment: Environment, { network, cluster, edge }: PlatformInputs) {
    super(app, environment, "platform", cluster);
    const { region } = environment.aws;
    const addresses = {
      vpcCidr: environment.network.cidr,
      privateSubnets: environment.network.privateSubnets,
      serviceCidr: environment.cluster.serviceCidr,
    };
    const { charts, authority } = environment.platform;
    const placement = placementOn(environment.cluster.nodeGroups.system);

    const kinds = new CustomResourceDefinitions(this, "CustomResourceDefinitions", { charts });
    new ViewerRights(this, "ViewerRights");
    new DefaultStorageClass(this, "StorageClass", { keyArn: cluster.diskKeyArn });

    const certManager = new CertManager(this, "CertManager", { charts, placement, network: addresses });
    new ClusterIssuer(this, "Issuer", {
      name: environment.trading.certificate.issuer,
      authority,
      namespace: certManager.namespace,
      zone: { domain: environment.edge.domain, zoneId: edge.zoneId, region },
      after: [...kinds.ready, ...certManager.ready],
    });
    const loadBalancerController = new LoadBalancerController(this, "LoadBalancerController", {
      charts,
      placement,
      clusterName: cluster.name,
      region,
      vpcId: network.vpcId,
      after: certManager.ready,
    });
    // Its webhook looks at every new pod: what comes later waits until it answers.
    const after = loadBalancerController.ready;
    new ExternalSecrets(this, "ExternalSecrets", { charts, placement, network: addresses, after });
    new PostgresOperator(this, "PostgresOperator", {
      timeSeries: environment.timeSeries,
      charts,
      placement,
      network: addresses,
      applicationNamespace: environment.trading.namespace,
      after: [...certManager.ready, ...after],
    });
    new MetricsServer(this, "MetricsServer", { charts, placement, after: [...certManager.ready, ...after] });
    new ClusterAutoscaler(this, "ClusterAutoscaler", { charts, placement, clusterName: cluster.name, region, after });
  }
}
