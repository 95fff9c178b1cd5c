import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { Aspects } from "cdktf";
import { Construct } from "constructs";
import type { IConstruct } from "constructs";
import { policyDocument } from "../iam/policy-document";
import { iamArn } from "../../../config/account";
import type { Account } from "../../../config/account";

export interface WorkloadBoundaryProps {
  readonly prefix: string;
  readonly account: Account;
  readonly stateBucketArn: string;
}

/** Services that the platform's own roles work with. */
const WORKLOAD_SERVICES = [
  "acm",
  "autoscaling",
  "backup",
  "backup-storage",
  "cloudwatch",
  "ec2",
  "ecr",
  "eks",
  "eks-auth",
  "elasticache",
  "elasticloadbalancing",
  "events",
  "kms",
  "logs",
  "rds",
  "route53",
  "s3",
  "secretsmanager",
  "sns",
  "ssm",
  "wafv2",
];

/** What these services do for the account as a whole, or about what is nobody's. */
const WITHOUT_RESOURCE = [
  "acm:List*",
  "autoscaling:Describe*",
  "cloudwatch:Get*",
  "cloudwatch:List*",
  "cloudwatch:PutMetricData",
  "ec2:Describe*",
  "ec2:Get*",
  // Session Manager's own channels.
  "ec2messages:AcknowledgeMessage",
  "ec2messages:DeleteMessage",
  "ec2messages:FailMessage",
  "ec2messages:GetEndpoint",
  "ec2messages:GetMessages",
  "ec2messages:SendReply",
  "ssmmessages:Create*Channel",
  "ssmmessages:Open*Channel",
  // Images of EKS's add-ons lie in an account of AWS's.
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:GetAuthorizationToken",
  "ecr:GetDownloadUrlForLayer",
  "eks:Describe*",
  "elasticloadbalancing:Describe*",
  "logs:Describe*",
  "rds:Describe*",
  "route53:List*",
  "s3:ListAllMyBuckets",
  "sts:GetCallerIdentity",
  "tag:GetResources",
  "wafv2:List*",
];

/** Name that the roles of the other stacks know the boundary by; they live in states of their own. */
export function workloadBoundaryArn(prefix: string, account: Account): string {
  return iamArn(account, `policy/${boundaryName(prefix)}`);
}

function boundaryName(prefix: string): string {
  return `${prefix}-workload-boundary`;
}

/**
 * The most that any role of the platform can do, whatever it is granted: work with its own account's things, but
 * neither make identities nor touch the states. It grants nothing.
 */
export class WorkloadBoundary extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { prefix, account, stateBucketArn }: WorkloadBoundaryProps) {
    super(scope, id);
    const { accountId } = account;
    const policy = new IamPolicy(this, "Resource", {
      name: boundaryName(prefix),
      description: "Bounds every role that a deploy creates",
      policy: policyDocument([
        {
          sid: "OwnResources",
          actions: WORKLOAD_SERVICES.map((service) => `${service}:*`),
          resources: [
            `arn:aws:*:*:${accountId}:*`,
            "arn:aws:s3:::*",
            "arn:aws:route53:::*",
            // Public machine images, and their snapshots, have no account in their names.
            "arn:aws:ec2:*::image/*",
            "arn:aws:ec2:*::snapshot/*",
          ],
        },
        { sid: "WithoutResource", actions: WITHOUT_RESOURCE, resources: ["*"] },
        {
          sid: "ServiceRoles",
          actions: ["iam:CreateServiceLinkedRole", "iam:GetRole", "iam:ListRoles", "iam:PassRole"],
          resources: [`arn:aws:iam::${accountId}:role/*`],
        },
        {
          sid: "NoStates",
          effect: "Deny",
          actions: ["s3:*"],
          resources: [stateBucketArn, `${stateBucketArn}/*`],
        },
      ]),
    });
    this.arn = policy.arn;
  }
}

/** Bounds every role below a construct that has no boundary of its own. */
export function boundRoles(scope: IConstruct, boundaryArn: string): void {
  Aspects.of(scope).add({
    visit(node) {
      if (node instanceof IamRole && node.permissionsBoundaryInput === undefined) {
        node.permissionsBoundary = boundaryArn;
      }
    },
  });
}
