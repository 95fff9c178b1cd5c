import { EksPodIdentityAssociation } from "@cdktf/provider-aws/lib/eks-pod-identity-association";
import type { Construct } from "constructs";
import { type Account, arn } from "../platform/account";
import { Role, type RoleProps } from "./role";

export interface PodIdentityRoleProps extends Omit<RoleProps, "trust"> {
  readonly account: Account;
  readonly clusterName: string;
}

/** A role that pods of one cluster assume through EKS Pod Identity, once a service account is bound to it. */
export class PodIdentityRole extends Role {
  private readonly clusterName: string;

  constructor(scope: Construct, id: string, { account, clusterName, ...props }: PodIdentityRoleProps) {
    super(scope, id, {
      ...props,
      trust: [
        {
          sid: "Pods",
          principals: { Service: ["pods.eks.amazonaws.com"] },
          actions: ["sts:AssumeRole", "sts:TagSession"],
          conditions: {
            StringEquals: { "aws:SourceAccount": [account.accountId] },
            ArnEquals: { "aws:SourceArn": [arn(account, "eks", `cluster/${clusterName}`)] },
          },
        },
      ],
    });
    this.clusterName = clusterName;
  }

  /** Gives the role to the pods of a service account. */
  bindTo(namespace: string, serviceAccount: string): EksPodIdentityAssociation {
    return new EksPodIdentityAssociation(this, "Association", {
      clusterName: this.clusterName,
      namespace,
      serviceAccount,
      roleArn: this.arn,
    });
  }
}
