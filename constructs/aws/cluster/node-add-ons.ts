import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { PodIdentityRole } from "../iam/pod-identity-role";
import type { Account } from "../../../config/account";
import { EksAddon } from "./eks-addon";
import type { Cluster } from "./cluster";

export interface NodeAddOnsProps {
  readonly account: Account;
  /** The cluster's name in the configuration. */
  readonly name: string;
  readonly cluster: Cluster;
}

/**
 * What a node needs to become ready, there before the first one: addresses for pods with NetworkPolicies enforced,
 * Service routing, and the agent that hands roles to pods.
 */
export class NodeAddOns extends Construct {
  /** For nodes to wait for. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { account, name, cluster }: NodeAddOnsProps) {
    super(scope, id);
    const clusterName = cluster.name;
    const networkRole = new PodIdentityRole(this, "VpcCniRole", {
      name: `${name}-vpc-cni`,
      description: "Gives pods addresses of the VPC",
      pods: { account, clusterName: name, namespace: "kube-system", serviceAccount: "aws-node" },
      managedPolicies: ["AmazonEKS_CNI_Policy"],
    });
    const network = new EksAddon(this, "VpcCni", {
      clusterName,
      name: "vpc-cni",
      role: networkRole,
      settings: {
        // A string: without it NetworkPolicies are accepted and not enforced.
        enableNetworkPolicy: "true",
        // By default each node keeps two interfaces' worth of addresses (30 on an m5.xlarge): 18 nodes would use up two
        // /24 subnets. These keep a few addresses ready instead.
        env: { MINIMUM_IP_TARGET: "10", WARM_IP_TARGET: "5" },
      },
    });
    const proxy = new EksAddon(this, "KubeProxy", { clusterName, name: "kube-proxy" });
    const identity = new EksAddon(this, "PodIdentityAgent", { clusterName, name: "eks-pod-identity-agent" });
    this.ready = [network.resource, proxy.resource, identity.resource];
  }
}
