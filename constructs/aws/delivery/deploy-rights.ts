import type { Statement } from "../iam/policy-document";
import { arn, iamArn } from "../../../config/account";
import type { Account } from "../../../config/account";
import { readActions } from "./reads";

export interface DeployRightsProps {
  readonly prefix: string;
  readonly account: Account;
  /** How the names of the roles begin that the stacks declare, each before a hyphen. */
  readonly roleNames: readonly string[];
  /** ARN of the policy that every role carries which a deploy creates. */
  readonly boundaryArn: string;
  readonly imageRepositoryArn: string;
}

/** Services whose resources all lie within the account and a region, and carry no name that says whose they are. */
const REGIONAL = [
  "acm",
  "autoscaling",
  "backup",
  "cloudformation",
  "cloudwatch",
  "eks",
  "elasticache",
  "elasticloadbalancing",
  "kms",
  "logs",
  "rds",
  "sns",
  "wafv2",
];

/** Where CloudFront's certificates, web ACLs and their logs live, whatever the environment's own region is. */
const GLOBAL_REGION = "us-east-1";

/** Verbs of EC2 by which networks, groups, endpoints and launch templates come and go. Instances are EKS's to run. */
const NETWORK_VERBS = [
  "Allocate*",
  "Associate*",
  "Attach*",
  "Authorize*",
  "Create*",
  "Delete*",
  "Detach*",
  "Disassociate*",
  "Modify*",
  "Release*",
  "Replace*",
  "Revoke*",
  "RunInstances",
];

/** Services that take a role of ours to act with. */
const ROLE_TAKERS = [
  "backup.amazonaws.com",
  "cloudformation.amazonaws.com",
  "ec2.amazonaws.com",
  "eks.amazonaws.com",
  "monitoring.rds.amazonaws.com",
  "pods.eks.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
];

/** What declaring the stacks takes, identities aside. */
export function resourceRights({ prefix, account, imageRepositoryArn }: DeployRightsProps): readonly Statement[] {
  const regions = [...new Set([account.region, GLOBAL_REGION])];
  const everywhere = (service: string) => regions.map((region) => arn({ ...account, region }, service, "*"));
  return [
    { sid: "Read", actions: readActions, resources: ["*"] },
    {
      sid: "Regional",
      actions: REGIONAL.map((service) => `${service}:*`),
      resources: REGIONAL.flatMap(everywhere),
    },
    {
      // Creating has no resource yet to name.
      sid: "Create",
      actions: [
        "acm:RequestCertificate",
        "backup-storage:MountCapsule",
        "cloudfront:Create*",
        "kms:CreateKey",
        "logs:*LogDelivery",
        "logs:PutResourcePolicy",
        "route53:CreateHostedZone",
      ],
      resources: ["*"],
    },
    {
      sid: "Network",
      actions: NETWORK_VERBS.map((verb) => `ec2:${verb}`),
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": regions } },
    },
    {
      sid: "Dns",
      actions: ["route53:ChangeResourceRecordSets", "route53:ChangeTagsForResource", "route53:DeleteHostedZone"],
      resources: ["arn:aws:route53:::hostedzone/*"],
    },
    {
      sid: "Distribution",
      actions: ["cloudfront:*"],
      resources: [`arn:aws:cloudfront::${account.accountId}:*`],
    },
    { sid: "Buckets", actions: ["s3:*"], resources: [`arn:aws:s3:::${prefix}-*`] },
    {
      sid: "Secrets",
      actions: ["secretsmanager:*"],
      resources: [arn(account, "secretsmanager", `secret:${prefix}/*`)],
    },
    {
      // RDS makes the master user's secret in the name of whoever asks for the database.
      sid: "MasterSecret",
      actions: ["secretsmanager:CreateSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource"],
      resources: [arn(account, "secretsmanager", "secret:rds!*")],
    },
    // None is about anything that has a name. A release watches figures.
    {
      sid: "Nameless",
      actions: ["cloudwatch:GetMetricData", "ecr:GetAuthorizationToken", "secretsmanager:GetRandomPassword"],
      resources: ["*"],
    },
    { sid: "Parameters", actions: ["ssm:*"], resources: [arn(account, "ssm", `parameter/${prefix}/*`)] },
    {
      sid: "PushImages",
      actions: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:DescribeImageScanFindings",
        "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ],
      resources: [imageRepositoryArn],
    },
  ];
}

/**
 * What declaring roles takes. A role that is created, or given rights, must carry the boundary: so nobody gets more
 * out of this role than the boundary allows, by way of a role of their own making.
 */
export function identityRights({ account, roleNames, boundaryArn }: DeployRightsProps): readonly Statement[] {
  const named = (kind: string) => roleNames.map((start) => iamArn(account, `${kind}/${start}-*`));
  const roles = named("role");
  return [
    {
      sid: "BoundedRoles",
      actions: [
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
      ],
      resources: roles,
      conditions: { StringEquals: { "iam:PermissionsBoundary": [boundaryArn] } },
    },
    {
      sid: "Roles",
      actions: [
        "iam:DeleteRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ],
      resources: roles,
    },
    {
      sid: "PassRoles",
      actions: ["iam:PassRole"],
      resources: roles,
      conditions: { StringEquals: { "iam:PassedToService": ROLE_TAKERS } },
    },
    {
      sid: "InstanceProfiles",
      actions: ["iam:*InstanceProfile"],
      resources: named("instance-profile"),
    },
    {
      sid: "ClusterIssuer",
      actions: ["iam:*OpenIDConnectProvider*"],
      resources: [iamArn(account, "oidc-provider/oidc.eks.*")],
    },
    {
      sid: "ServiceLinkedRoles",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [iamArn(account, "role/aws-service-role/*")],
    },
  ];
}

/** What stays with the administrators: the ground that a deploy stands on, and the way out of its bounds. */
export function denials(props: {
  readonly account: Account;
  readonly stateBucketArn: string;
  readonly stateKeyArn: string;
  /** Names of the roles of the delivery itself. */
  readonly roles: readonly string[];
}): readonly Statement[] {
  const { account, stateBucketArn, stateKeyArn, roles } = props;
  return [
    {
      sid: "KeepDeliveryRoles",
      effect: "Deny",
      actions: ["iam:*Role", "iam:*RolePolicy", "iam:*AssumeRolePolicy", "iam:*PermissionsBoundary"],
      resources: roles.map((role) => iamArn(account, `role/${role}`)),
    },
    { sid: "KeepBounds", effect: "Deny", actions: ["iam:DeleteRolePermissionsBoundary"], resources: ["*"] },
    {
      sid: "KeepState",
      effect: "Deny",
      actions: ["s3:Delete*", "s3:PutBucket*", "s3:PutEncryption*", "s3:PutLifecycle*", "s3:PutReplication*"],
      resources: [stateBucketArn, `${stateBucketArn}/*.tfstate`, `${stateBucketArn}/operations/audit/*`],
    },
    {
      sid: "KeepStateKey",
      effect: "Deny",
      actions: ["kms:CreateGrant", "kms:Disable*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
      resources: [stateKeyArn],
    },
  ];
}
