import { BackupPlan as AwsBackupPlan } from "@cdktf/provider-aws/lib/backup-plan";
import { BackupSelection } from "@cdktf/provider-aws/lib/backup-selection";
import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { BackupVaultPolicy } from "@cdktf/provider-aws/lib/backup-vault-policy";
import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import { policyDocument } from "../iam/policy-document";
import type { ServiceRole } from "../iam/service-role";
import { isProtected, noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";

export interface BackupPlanProps {
  /** Of the vault and the plan. */
  readonly name: string;
  /** When a backup starts, UTC, AWS cron. */
  readonly schedule: string;
  /** Days that a recovery point is kept. */
  readonly retentionDays: number;
  /** ARNs of what is backed up. */
  readonly protects: readonly string[];
  readonly key: EncryptionKey;
  /** What AWS Backup acts as; see `backupRole`. */
  readonly role: ServiceRole;
  readonly protection: Protection;
}

/** A backup that has not started by then is late, one that has not finished is stuck. */
const START_WITHIN_MINUTES = 60;
const FINISH_WITHIN_MINUTES = 300;

/**
 * Daily snapshots in a vault from which nobody deletes them before their time. They are the second line: continuous
 * backups belong to the database itself, see docs/adr/024.
 */
export class BackupPlan extends Construct {
  readonly vaultName: string;

  constructor(scope: Construct, id: string, props: BackupPlanProps) {
    super(scope, id);
    const { protection } = props;
    const vault = new BackupVault(this, "Vault", {
      name: props.name,
      kmsKeyArn: props.key.arn,
      forceDestroy: !isProtected(protection),
    });
    protect(vault, protection);
    this.vaultName = vault.name;
    this.keep(vault, protection);

    const plan = new AwsBackupPlan(this, "Resource", {
      name: props.name,
      rule: [
        {
          ruleName: "daily",
          targetVaultName: vault.name,
          schedule: props.schedule,
          startWindow: START_WITHIN_MINUTES,
          completionWindow: FINISH_WITHIN_MINUTES,
          // Continuous backups would take the backup window and retention out of the database's own hands.
          enableContinuousBackup: false,
          lifecycle: { deleteAfter: props.retentionDays },
        },
      ],
    });
    new BackupSelection(this, "Selection", {
      name: props.name,
      planId: plan.id,
      iamRoleArn: props.role.arn,
      resources: [...props.protects],
      dependsOn: [...props.role.grants],
    });
  }

  /** Not even an administrator deletes a recovery point without changing the vault's policy first, which is on record. */
  private keep(vault: BackupVault, protection: Protection): void {
    if (protection !== true) {
      noteOptOut(vault, "vault_policy", protection);
      return;
    }
    new BackupVaultPolicy(this, "VaultPolicy", {
      backupVaultName: vault.name,
      policy: policyDocument([
        {
          sid: "KeepRecoveryPoints",
          effect: "Deny",
          principals: "*",
          actions: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
          resources: ["*"],
        },
      ]),
    });
  }
}
