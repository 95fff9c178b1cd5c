import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import type { Construct } from "constructs";
import { arn } from "../../../config/account";
import type { Account } from "../../../config/account";
import { Role } from "./role";
import type { RoleProps } from "./role";

/** The pods that may assume a role: those of one service account in one cluster. */
export interface PodIdentity {
  readonly account: Account;
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

export interface PodIdentityRoleProps extends Omit<RoleProps, "trust"> {
  readonly pods: PodIdentity;
}

/**
 * A role for the pods of one service account, assumed through EKS Pod Identity. It trusts nobody else: the session tags
 * that EKS sets must name the same cluster, namespace and service account.
 */
export class PodIdentityRole extends Role {
  readonly pods: PodIdentity;

  constructor(scope: Construct, id: string, { pods, ...props }: PodIdentityRoleProps) {
    super(scope, id, {
      ...props,
      trust: [
        {
          sid: "Pods",
          principals: { Service: ["pods.eks.amazonaws.com"] },
          actions: ["sts:AssumeRole", "sts:TagSession"],
          conditions: {
            StringEquals: {
              "aws:RequestTag/eks-cluster-arn": [arn(pods.account, "eks", `cluster/${pods.clusterName}`)],
              "aws:RequestTag/kubernetes-namespace": [pods.namespace],
              "aws:RequestTag/kubernetes-service-account": [pods.serviceAccount],
            },
          },
        },
      ],
    });
    this.pods = pods;
  }

  /** Hands the role to its pods once the cluster exists. An add-on binds its own and needs no association. */
  bind(clusterName: string): void {
    const { namespace, serviceAccount } = this.pods;
    new EksPodIdentityAssociation(this, "Association", { clusterName, namespace, serviceAccount, roleArn: this.arn });
  }
}
