import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import type { Account } from "../../../config/account";
import type { Protection } from "../../support/protection";
import { BackupBucket } from "./backup-bucket";
import { BackupPlan } from "./backup-plan";

export interface BackupsProps {
  /** Starts the names of the buckets, the vault and the plan. */
  readonly prefix: string;
  /** Days that database dumps stay in the bucket. */
  readonly dumpRetentionDays: number;
  /** Days that daily recovery points stay in the vault. */
  readonly recoveryPointRetentionDays: number;
  /** When AWS Backup starts, UTC, AWS cron. */
  readonly schedule: string;
  /** ARNs of what AWS Backup takes snapshots of. */
  readonly protects: readonly string[];
  readonly account: Account;
  readonly protection: Protection;
}

/** What CreateGrant may be used for: by a service on the role's behalf, never by the role for others. */
const FOR_SERVICES = { Bool: { "kms:GrantIsForAWSResource": ["true"] } };

/** Two independent copies outside the database: dumps in a bucket, snapshots in a vault, under one key. */
export class Backups extends Construct {
  readonly bucketName: string;
  readonly vaultName: string;
  readonly keyArn: string;

  constructor(scope: Construct, id: string, props: BackupsProps) {
    super(scope, id);
    const { prefix, account, protection } = props;
    const name = `${prefix}-backups`;
    const role = new ServiceRole(this, "Role", {
      name,
      description: "Takes and restores the platform's snapshots for AWS Backup",
      service: "backup.amazonaws.com",
      actingFor: account,
      managedPolicies: [
        "service-role/AWSBackupServiceRolePolicyForBackup",
        "service-role/AWSBackupServiceRolePolicyForRestores",
      ],
    });
    const key = new EncryptionKey(this, "Key", {
      alias: `${prefix}/backups`,
      description: "Database dumps and recovery points",
      account,
      statements: [
        {
          sid: "BackupRole",
          principals: { AWS: [role.arn] },
          actions: ["kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
          resources: ["*"],
        },
        {
          sid: "BackupRoleGrants",
          principals: { AWS: [role.arn] },
          actions: ["kms:CreateGrant"],
          resources: ["*"],
          conditions: FOR_SERVICES,
        },
      ],
      protection,
    });
    const bucket = new BackupBucket(this, "Bucket", {
      prefix,
      dumpRetentionDays: props.dumpRetentionDays,
      key,
      account,
      protection,
    });
    const plan = new BackupPlan(this, "Plan", {
      name,
      schedule: props.schedule,
      retentionDays: props.recoveryPointRetentionDays,
      protects: props.protects,
      key,
      role,
      protection,
    });
    this.bucketName = bucket.bucketName;
    this.vaultName = plan.vaultName;
    this.keyArn = key.arn;
  }
}
