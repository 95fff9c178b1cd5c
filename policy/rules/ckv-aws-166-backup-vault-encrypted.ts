import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { rule } from "../rule";

/** Every backup vault is encrypted with a key of the platform. CKV_AWS_166. */
export const backupVaultEncrypted = rule(BackupVault, {
  id: "CKV_AWS_166",
  title: "Every backup vault is encrypted with a key of the platform",
  complies: (vault) => vault.kmsKeyArnInput !== undefined,
  remedy: "set `kmsKeyArn`",
});
