/**
 * What Terraform asks AWS when it refreshes the stacks, by service. Only the settings of things: no object of a bucket
 * but the state, no secret's value, no data.
 */
export const reads = {
  acm: ["DescribeCertificate", "ListTagsForCertificate", "ListCertificates"],
  autoscaling: ["Describe*"],
  backup: ["Describe*", "GetBackupPlan", "GetBackupSelection", "GetBackupVault*", "List*"],
  cloudformation: ["DescribeStacks", "GetTemplate", "ListStackResources"],
  cloudfront: ["Get*", "List*"],
  cloudwatch: ["DescribeAlarms", "ListTagsForResource"],
  ec2: ["Describe*", "GetManagedPrefixListEntries", "GetEbsEncryptionByDefault"],
  ecr: ["DescribeImages", "DescribeRepositories", "GetLifecyclePolicy", "GetRepositoryPolicy", "ListTagsForResource"],
  eks: ["Describe*", "List*"],
  elasticache: ["Describe*", "ListTagsForResource"],
  elasticloadbalancing: ["Describe*"],
  iam: ["Get*", "List*"],
  kms: ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListAliases", "ListGrants", "ListResourceTags"],
  logs: ["DescribeLogGroups", "DescribeMetricFilters", "DescribeResourcePolicies", "ListTags*"],
  rds: ["Describe*", "ListTagsForResource"],
  route53: ["Get*", "List*"],
  s3: [
    "GetAccelerateConfiguration",
    "GetBucket*",
    "GetEncryptionConfiguration",
    "GetLifecycleConfiguration",
    "GetReplicationConfiguration",
    "ListAllMyBuckets",
    "ListBucket",
  ],
  // A plan opens ephemeral passwords, which are nobody's and are thrown away.
  secretsmanager: ["DescribeSecret", "GetRandomPassword", "GetResourcePolicy", "ListSecretVersionIds"],
  sns: ["GetSubscriptionAttributes", "GetTopicAttributes", "List*"],
  ssm: ["DescribeParameters", "GetParameter", "GetParameters", "ListTagsForResource"],
  wafv2: ["Get*", "List*"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const readActions: readonly string[] = Object.entries(reads).flatMap(([service, actions]) =>
  actions.map((action) => `${service}:${action}`),
);
