import type { Statement } from "../iam/policy-document";
import { arn } from "../../../config/account";
import type { Account } from "../../../config/account";
import { alarmTopicName, backupBucketName, backupPrefixes } from "../../../config/names";
import type { WorkloadName } from "./workload-identities";

/** What rights are narrowed to. */
export interface PlatformNames {
  readonly account: Account;
  /** Starts the name of every secret. */
  readonly prefix: string;
  /** Value of the tag `Environment`, which every resource of the platform carries. */
  readonly environment: string;
  readonly clusterName: string;
  /** Identifier of the database, whose master secret RDS names itself. */
  readonly database: string;
  /** Domain of the hosts that certificates are issued for. */
  readonly domain: string;
}

/** The least that each workload can do its work with. */
export function workloadRights(names: PlatformNames): Readonly<Record<WorkloadName, readonly Statement[]>> {
  return {
    loadBalancerController: targetGroupBinding(names),
    clusterAutoscaler: clusterAutoscaling(names),
    externalSecrets: readSecrets(names),
    certManager: dnsChallenges(names),
    alertmanager: publishAlarms(names),
    databaseBackup: uploadDumps(names),
    timeSeries: keepBackups(names),
  };
}

/**
 * The part of the controller's policy that TargetGroupBinding uses: load balancers, listeners and security-group rules
 * are declared elsewhere and are not the controller's. The describing actions have no resource level.
 */
function targetGroupBinding({ account, environment }: PlatformNames): readonly Statement[] {
  return [
    {
      sid: "Look",
      actions: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      resources: ["*"],
    },
    {
      sid: "FillTargetGroups",
      actions: ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
      resources: [arn(account, "elasticloadbalancing", "targetgroup/*")],
      conditions: { StringEquals: { "aws:ResourceTag/Environment": [environment] } },
    },
  ];
}

/** Source: cluster-autoscaler's cloudprovider/aws/README.md. The describing actions have no resource level. */
function clusterAutoscaling({ account, clusterName }: PlatformNames): readonly Statement[] {
  return [
    {
      sid: "Look",
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceTypesFromInstanceRequirements",
      ],
      resources: ["*"],
    },
    {
      sid: "LookAtNodeGroups",
      actions: ["eks:DescribeNodegroup"],
      resources: [arn(account, "eks", `nodegroup/${clusterName}/*`)],
    },
    {
      sid: "Scale",
      actions: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
      resources: [arn(account, "autoscaling", "autoScalingGroup:*:autoScalingGroupName/eks-*")],
      // EKS tags the groups of its node groups so.
      conditions: { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${clusterName}`]: ["owned"] } },
    },
  ];
}

function readSecrets({ account, prefix, database }: PlatformNames): readonly Statement[] {
  const own = arn(account, "secretsmanager", `secret:${prefix}/*`);
  const managedByRds = arn(account, "secretsmanager", "secret:rds!db-*");
  const read = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"];
  return [
    { sid: "PlatformSecrets", actions: read, resources: [own] },
    {
      // RDS chooses the name of the master secret and says by a tag whose it is.
      sid: "DatabaseMasterSecret",
      actions: read,
      resources: [managedByRds],
      conditions: {
        ArnEquals: { "aws:ResourceTag/aws:rds:primaryDBInstanceArn": [arn(account, "rds", `db:${database}`)] },
      },
    },
    useKeyThrough(account, "secretsmanager", ["kms:Decrypt"], {
      "kms:EncryptionContext:SecretARN": [own, managedByRds],
    }),
  ];
}

/** Source: https://cert-manager.io/docs/configuration/acme/dns01/route53/. The zone's id is Route 53's to choose. */
function dnsChallenges({ domain }: PlatformNames): readonly Statement[] {
  const anyZone = "arn:aws:route53:::hostedzone/*";
  return [
    { sid: "FindZone", actions: ["route53:ListHostedZonesByName"], resources: ["*"] },
    { sid: "AwaitChange", actions: ["route53:GetChange"], resources: ["arn:aws:route53:::change/*"] },
    { sid: "LookAtRecords", actions: ["route53:ListResourceRecordSets"], resources: [anyZone] },
    {
      sid: "AnswerChallenges",
      actions: ["route53:ChangeResourceRecordSets"],
      resources: [anyZone],
      conditions: {
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] },
        "ForAllValues:StringLike": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
            `_acme-challenge.${domain}`,
            `_acme-challenge.*.${domain}`,
          ],
        },
      },
    },
  ];
}

function publishAlarms({ account, prefix }: PlatformNames): readonly Statement[] {
  const topic = arn(account, "sns", alarmTopicName(prefix));
  return [
    { sid: "Publish", actions: ["sns:Publish"], resources: [topic] },
    useKeyThrough(account, "sns", ["kms:Decrypt", "kms:GenerateDataKey"], {
      "kms:EncryptionContext:aws:sns:topicArn": [topic],
    }),
  ];
}

/** Writes, and does not read: who takes the job over cannot take the dumps. */
function uploadDumps({ account, prefix }: PlatformNames): readonly Statement[] {
  const bucket = `arn:aws:s3:::${backupBucketName(prefix, account)}`;
  const dumps = `${bucket}/${backupPrefixes.dumps}*`;
  return [
    {
      sid: "Upload",
      actions: ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"],
      resources: [dumps],
    },
    // A multipart upload decrypts its data key for every part.
    useKeyThrough(account, "s3", ["kms:Decrypt", "kms:GenerateDataKey"], {
      "kms:EncryptionContext:aws:s3:arn": [bucket, dumps],
    }),
  ];
}

/**
 * Archives log, takes base backups, removes those that are too old, and reads them for a restore or a new instance. The
 * bucket keeps what was removed for a month. Source: what Barman calls, barman/cloud_providers/aws_s3.py; it asks first
 * whether the bucket is there, which takes the right to list without a prefix.
 */
function keepBackups({ account, prefix }: PlatformNames): readonly Statement[] {
  const bucket = `arn:aws:s3:::${backupBucketName(prefix, account)}`;
  const backups = `${bucket}/${backupPrefixes.timeSeries}*`;
  return [
    { sid: "Find", actions: ["s3:ListBucket"], resources: [bucket] },
    {
      sid: "Keep",
      actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      resources: [backups],
    },
    useKeyThrough(account, "s3", ["kms:Decrypt", "kms:GenerateDataKey"], {
      "kms:EncryptionContext:aws:s3:arn": [bucket, backups],
    }),
  ];
}

/** The use of a key by way of one service and for one thing only; which key it is, the other stack decides. */
function useKeyThrough(
  account: Account,
  service: string,
  actions: readonly string[],
  context: Readonly<Record<string, readonly string[]>>,
): Statement {
  return {
    sid: "UseKey",
    actions,
    resources: [arn(account, "kms", "key/*")],
    conditions: {
      StringEquals: { "kms:ViaService": [`${service}.${account.region}.amazonaws.com`] },
      StringLike: context,
    },
  };
}
