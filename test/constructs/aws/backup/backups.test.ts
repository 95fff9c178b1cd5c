import { backupPrefixes } from "../../../../config/names";
import { BackupPlan } from "@cdktf/provider-aws/lib/backup-plan";
import { BackupSelection } from "@cdktf/provider-aws/lib/backup-selection";
import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { BackupVaultPolicy } from "@cdktf/provider-aws/lib/backup-vault-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { Backups } from "../../../../constructs/aws/backup/backups";
import type { BackupsProps } from "../../../../constructs/aws/backup/backups";
import { optOutsOf } from "../../../../constructs/support/protection";
import { children, only, resources, testStack } from "../../../support/template";

const database = "arn:aws:rds:us-east-1:111122223333:db:bist-trading-postgres-prod";

const backupsWith = (props: Partial<BackupsProps> = {}) => {
  const stack = testStack();
  const backups = new Backups(stack, "Backups", {
    prefix: "bist-trading-prod",
    dumpRetentionDays: 30,
    recoveryPointRetentionDays: 35,
    schedule: "cron(0 1 * * ? *)",
    protects: [database],
    account: { accountId: "111122223333", region: "us-east-1" },
    protection: true,
    ...props,
  });
  return { stack, backups };
};

interface Policy {
  readonly Statement: Record<string, unknown>[];
}

describe("Backups", () => {
  test("keep dumps for the guide's 30 days in a bucket of the account's own", () => {
    const { stack } = backupsWith();
    expect(resources(stack, S3Bucket).map(({ bucket }) => bucket)).toEqual([
      "bist-trading-prod-backup-access-111122223333",
      "bist-trading-prod-backups-111122223333",
    ]);
    expect(resources(stack, S3BucketLifecycleConfiguration)[1]?.["rule"]).toContainEqual({
      id: "expire-database",
      status: "Enabled",
      filter: [{ prefix: "database/" }],
      expiration: [{ days: 30 }],
    });
  });

  test("leave base backups and log of the time series to their operator, which knows what a restore needs", () => {
    const rules = resources(backupsWith().stack, S3BucketLifecycleConfiguration)[1]?.["rule"] as readonly {
      readonly filter: readonly [{ readonly prefix: string }];
      readonly expiration?: unknown;
    }[];
    const expired = rules.filter(({ expiration }) => expiration !== undefined).map(({ filter }) => filter[0].prefix);
    expect(expired.filter((prefix) => backupPrefixes.timeSeries.startsWith(prefix))).toEqual([]);
  });

  test("put on record who read a dump", () => {
    const { stack } = backupsWith();
    expect(only(stack, S3BucketLoggingA)).toMatchObject({
      bucket: expect.stringMatching(/Dumps/) as unknown,
      target_bucket: expect.stringMatching(/AccessLogs/) as unknown,
      target_prefix: "backups/",
    });
    const policy = resources(stack, S3BucketPolicy)[0]?.["policy"] as string;
    expect((JSON.parse(policy) as Policy).Statement).toContainEqual(
      expect.objectContaining({
        Principal: { Service: ["logging.s3.amazonaws.com"] },
        Action: ["s3:PutObject"],
        Condition: expect.objectContaining({
          StringEquals: { "aws:SourceAccount": ["111122223333"] },
        }) as unknown,
      }),
    );
  });

  test("take a daily snapshot of the database and leave its continuous backups to itself", () => {
    const { stack } = backupsWith();
    expect(only(stack, BackupPlan)["rule"]).toEqual([
      {
        rule_name: "daily",
        target_vault_name: expect.stringMatching(/^\${aws_backup_vault\./) as unknown,
        schedule: "cron(0 1 * * ? *)",
        start_window: 60,
        completion_window: 300,
        enable_continuous_backup: false,
        lifecycle: { delete_after: 35 },
      },
    ]);
    expect(only(stack, BackupSelection)).toMatchObject({
      resources: [database],
      depends_on: [expect.stringMatching(/ForBackup_/), expect.stringMatching(/ForRestores_/)] as unknown,
    });
    expect(resources(stack, IamRolePolicyAttachment)).toHaveLength(2);
  });

  test("are encrypted with one key that the backup role may use, and may share with services only", () => {
    const { stack } = backupsWith();
    const key = only(stack, KmsKey);
    const { Statement } = JSON.parse(key["policy"] as string) as Policy;
    const role = { AWS: [expect.stringMatching(/^\${aws_iam_role\..*\.arn}$/) as unknown] };
    expect(Statement).toContainEqual(expect.objectContaining({ Sid: "BackupRole", Principal: role }));
    expect(Statement).toContainEqual(
      expect.objectContaining({
        Sid: "BackupRoleGrants",
        Action: ["kms:CreateGrant"],
        Condition: { Bool: { "kms:GrantIsForAWSResource": ["true"] } },
      }),
    );
    expect(only(stack, BackupVault)["kms_key_arn"]).toMatch(/^\${aws_kms_key\./);
  });

  test("are deleted by nobody before their time", () => {
    const { stack } = backupsWith();
    expect(only(stack, BackupVault)).toMatchObject({ force_destroy: false, lifecycle: { prevent_destroy: true } });
    expect((JSON.parse(only(stack, BackupVaultPolicy)["policy"] as string) as Policy).Statement).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Principal: "*",
        Action: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
      }),
    ]);
  });

  test("can be deleted for a reason that is on record", () => {
    const reason = "The emulator's data is disposable.";
    const { stack } = backupsWith({ protection: { reason } });
    expect(only(stack, BackupVault)).toMatchObject({ force_destroy: true });
    expect(resources(stack, BackupVaultPolicy)).toEqual([]);
    expect(children(stack, BackupVault).flatMap(optOutsOf)).toEqual([
      { setting: "prevent_destroy", reason },
      { setting: "vault_policy", reason },
    ]);
  });
});
