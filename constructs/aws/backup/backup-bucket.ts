import { Construct } from "constructs";
import type { EncryptionKey } from "../encryption/encryption-key";
import type { Account } from "../../../config/account";
import { backupBucketName, backupPrefixes } from "../../../config/names";
import { AccessLogBucket } from "../storage/access-log-bucket";
import { SecureBucket } from "../storage/secure-bucket";
import type { Protection } from "../../support/protection";

export interface BackupBucketProps {
  /** Starts the names of the bucket and of its access logs. */
  readonly prefix: string;
  /** Days that database dumps stay. */
  readonly dumpRetentionDays: number;
  readonly key: EncryptionKey;
  readonly account: Account;
  readonly protection: Protection;
}

/** How long it stays on record who read a dump. */
const ACCESS_LOG_RETENTION_DAYS = 365;

/** Where database dumps are kept, until they are too old to be of use. */
export class BackupBucket extends Construct {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: BackupBucketProps) {
    super(scope, id);
    const { prefix, account, protection } = props;
    const accessLogs = new AccessLogBucket(this, "AccessLogs", {
      bucketName: `${prefix}-backup-access-${account.accountId}`,
      account,
      retentionDays: ACCESS_LOG_RETENTION_DAYS,
      protection,
    });
    const bucket = new SecureBucket(this, "Dumps", {
      bucketName: backupBucketName(prefix, account),
      encryptionKeyArn: props.key.arn,
      protection,
      // Base backups and log belong together: only their operator knows which of them a restore still needs.
      expiry: [{ prefix: backupPrefixes.dumps, days: props.dumpRetentionDays }],
      accessLogs: { bucketName: accessLogs.bucketName, prefix: "backups/" },
    });
    this.bucketName = bucket.bucketName;
  }
}
