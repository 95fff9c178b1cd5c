import { EksAccessEntry } from "@cdktf/provider-aws/lib/eks-access-entry";
import { EksAccessPolicyAssociation } from "@cdktf/provider-aws/lib/eks-access-policy-association";
import { Construct } from "constructs";
import { check } from "../../support/check";

export interface ClusterAccessProps {
  readonly clusterName: string;
  /** IAM principals that may do everything. */
  readonly administratorArns: readonly string[];
  /** IAM principals that may look at everything but Secrets. */
  readonly viewerArns: readonly string[];
}

/** The group that viewers are in, for what a plan reads and EKS's own view policy leaves out. */
export const VIEWER_GROUP = "platform-viewers";

/** Who may use the cluster's API, and for what. */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, props: ClusterAccessProps) {
    super(scope, id);
    const principals = [...props.administratorArns, ...props.viewerArns];
    const twice = principals.filter((principal, index) => principals.indexOf(principal) !== index);
    check(this, [[twice.length === 0, `${twice.join(", ")} stands twice; EKS takes one entry a principal`]]);

    for (const principal of props.administratorArns) {
      this.allow(props.clusterName, principal, "AmazonEKSClusterAdminPolicy");
    }
    for (const principal of props.viewerArns) {
      this.allow(props.clusterName, principal, "AmazonEKSViewPolicy", [VIEWER_GROUP]);
    }
  }

  private allow(clusterName: string, principalArn: string, policy: string, kubernetesGroups?: string[]): void {
    // Named for the principal: taking one out leaves the others' addresses alone.
    const principal = principalArn.split(":").slice(-2).join("-").replaceAll("/", "-");
    const entry = new EksAccessEntry(this, principal, {
      clusterName,
      principalArn,
      type: "STANDARD",
      kubernetesGroups,
    });
    new EksAccessPolicyAssociation(this, `${principal}-policy`, {
      clusterName,
      principalArn: entry.principalArn,
      policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
      accessScope: { type: "cluster" },
    });
  }
}
