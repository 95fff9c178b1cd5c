import type { App } from "cdktf";
import type { Environment } from "../config";
import type { NodeGroupSettings } from "../config/schema/cluster";
import { Cluster } from "../constructs/aws/cluster/cluster";
import { ClusterAccess } from "../constructs/aws/cluster/cluster-access";
import { ClusterAddOns } from "../constructs/aws/cluster/cluster-add-ons";
import { DiskKey } from "../constructs/aws/cluster/disk-key";
import { NodeAddOns } from "../constructs/aws/cluster/node-add-ons";
import { NodeGroup } from "../constructs/aws/cluster/node-group";
import { NodeRole } from "../constructs/aws/cluster/node-role";
import { WorkloadRoles } from "../constructs/aws/cluster/workload-roles";
import { EncryptionKey } from "../constructs/aws/encryption/encryption-key";
import { deliveryRoles } from "../config/names";
import { iamArn } from "../config/account";
import { pascalCase } from "../constructs/support/pascal-case";
import type { NetworkOutputs } from "./network-stack";
import { EnvironmentStack } from "./environment-stack";

/** How to reach the cluster, and what may be attached to it. */
export interface ClusterOutputs {
  readonly name: string;
  readonly endpoint: string;
  /** PEM in base64. */
  readonly certificateAuthority: string;
  readonly oidcProviderArn: string;
  /** The group that EKS makes for control plane and nodes. */
  readonly clusterSecurityGroup: string;
  readonly nodeRoleArn: string;
  /** Key of the nodes' volumes and of the volumes that pods claim. */
  readonly diskKeyArn: string;
}

/** Where the application runs: the control plane, its nodes, and who may do what in it. */
export class ClusterStack extends EnvironmentStack {
  readonly outputs: ClusterOutputs;

  constructor(app: App, environment: Environment, network: NetworkOutputs) {
    super(app, environment, "cluster");
    const { aws: account, prefix, cluster: config, protectData: protection } = environment;
    const { application, database, system } = config.nodeGroups;

    const secretsKey = new EncryptionKey(this, "SecretsKey", {
      alias: `${prefix}/cluster-secrets`,
      description: "Encrypts Kubernetes Secrets in etcd",
      account,
      protection,
    });
    const logKey = new EncryptionKey(this, "LogKey", {
      alias: `${prefix}/cluster-logs`,
      description: "Encrypts the logs of the control plane",
      account,
      services: [`logs.${account.region}.amazonaws.com`],
      protection,
    });
    const diskKey = new DiskKey(this, "DiskKey", {
      alias: `${prefix}/cluster-disks`,
      description: "Encrypts the volumes of nodes and pods",
      account,
      protection,
    });

    const cluster = new Cluster(this, "Cluster", {
      name: config.name,
      kubernetesVersion: config.kubernetesVersion,
      publicEndpointCidrs: config.publicEndpointCidrs,
      serviceCidr: config.serviceCidr,
      logRetentionDays: config.logRetentionDays,
      account,
      subnets: network.subnets.private,
      secretsKey,
      logKey,
      protection,
    });
    new ClusterAccess(this, "Access", {
      clusterName: cluster.name,
      administratorArns: [...config.administratorArns, iamArn(account, `role/${deliveryRoles(prefix).deploy}`)],
      viewerArns: [iamArn(account, `role/${deliveryRoles(prefix).plan}`)],
    });
    const nodeAddOns = new NodeAddOns(this, "NodeAddOns", { account, name: config.name, cluster });

    const nodeRole = new NodeRole(this, "NodeRole", config.name);
    const nodeGroup = (purpose: string, settings: NodeGroupSettings, securityGroup: string) =>
      new NodeGroup(this, `${pascalCase(purpose)}Nodes`, {
        purpose,
        settings,
        cluster,
        subnets: network.subnets.private,
        securityGroup,
        roleArn: nodeRole.arn,
        diskKeyArn: diskKey.arn,
        tags: this.tags,
        after: [...nodeRole.grants, ...nodeAddOns.ready],
      });
    nodeGroup("application", application, network.securityGroups.applicationNodes);
    nodeGroup("database", database, network.securityGroups.platformNodes);
    const systemNodes = nodeGroup("system", system, network.securityGroups.platformNodes);

    new ClusterAddOns(this, "ClusterAddOns", {
      account,
      name: config.name,
      cluster,
      nodeLabels: system.labels,
      diskKeyArn: diskKey.arn,
      after: [systemNodes.resource],
    });
    new WorkloadRoles(this, "WorkloadRoles", {
      account,
      prefix,
      environment: environment.name,
      clusterName: config.name,
      database: environment.database.identifier,
      domain: environment.edge.domain,
      applicationNamespace: environment.trading.namespace,
      timeSeries: environment.timeSeries,
      cluster,
    });

    this.outputs = this.share({
      name: cluster.name,
      endpoint: cluster.endpoint,
      certificateAuthority: cluster.certificateAuthority,
      oidcProviderArn: cluster.oidcProviderArn,
      clusterSecurityGroup: cluster.securityGroup,
      nodeRoleArn: nodeRole.arn,
      diskKeyArn: diskKey.arn,
    });
  }
}
