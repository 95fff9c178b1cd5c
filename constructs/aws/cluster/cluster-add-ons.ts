import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { PodIdentityRole } from "../iam/pod-identity-role";
import type { Account } from "../../../config/account";
import { EksAddon } from "./eks-addon";
import type { Cluster } from "./cluster";

export interface ClusterAddOnsProps {
  readonly account: Account;
  /** The cluster's name in the configuration. */
  readonly name: string;
  readonly cluster: Cluster;
  /** Labels of nodes without taints: the add-ons stay pending without one. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** ARN of the key that encrypts volumes. */
  readonly diskKeyArn: string;
  /** The nodes that they run on. */
  readonly after: readonly ITerraformDependable[];
}

/** What runs on nodes like any other pod, and is not active before one is there: names and volumes. */
export class ClusterAddOns extends Construct {
  constructor(scope: Construct, id: string, props: ClusterAddOnsProps) {
    super(scope, id);
    const { cluster, after, diskKeyArn } = props;
    const nodeSelector = props.nodeLabels;
    new EksAddon(this, "CoreDns", { clusterName: cluster.name, name: "coredns", settings: { nodeSelector }, after });
    const volumeRole = new PodIdentityRole(this, "EbsCsiRole", {
      name: `${props.name}-ebs-csi`,
      description: "Makes, attaches and deletes the volumes that pods claim",
      pods: {
        account: props.account,
        clusterName: props.name,
        namespace: "kube-system",
        serviceAccount: "ebs-csi-controller-sa",
      },
      managedPolicies: ["service-role/AmazonEBSCSIDriverPolicy"],
      statements: [
        {
          sid: "EncryptVolumes",
          actions: ["kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*", "kms:DescribeKey"],
          resources: [diskKeyArn],
        },
        {
          sid: "AttachVolumes",
          actions: ["kms:CreateGrant"],
          resources: [diskKeyArn],
          conditions: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
        },
      ],
    });
    new EksAddon(this, "EbsCsi", {
      clusterName: cluster.name,
      name: "aws-ebs-csi-driver",
      role: volumeRole,
      settings: { controller: { nodeSelector } },
      after,
    });
  }
}
