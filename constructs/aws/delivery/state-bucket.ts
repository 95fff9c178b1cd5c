import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import type { Statement } from "../iam/policy-document";
import type { Account } from "../../../config/account";
import { AccessLogBucket } from "../storage/access-log-bucket";
import { SecureBucket } from "../storage/secure-bucket";
import type { Protection } from "../../support/protection";

export interface StateBucketProps {
  readonly bucketName: string;
  /** Starts the alias of the key. */
  readonly prefix: string;
  readonly account: Account;
  readonly protection: Protection;
}

/** Days that an overwritten state can be fetched back, and that the record of who read which is kept. */
const RECOVERY_DAYS = 365;

/** Where Terraform keeps what it knows of every stack; a lock is a second object beside the state. */
export class StateBucket extends Construct {
  readonly bucketName: string;
  readonly arn: string;
  readonly keyArn: string;

  constructor(scope: Construct, id: string, { bucketName, prefix, account, protection }: StateBucketProps) {
    super(scope, id);
    const key = new EncryptionKey(this, "Key", {
      alias: `${prefix}/terraform-state`,
      description: "Terraform state",
      account,
      protection,
    });
    const accessLogs = new AccessLogBucket(this, "AccessLogs", {
      bucketName: `${bucketName}-access`,
      account,
      retentionDays: RECOVERY_DAYS,
      protection,
    });
    const bucket = new SecureBucket(this, "Bucket", {
      bucketName,
      encryptionKeyArn: key.arn,
      accessLogs: { bucketName: accessLogs.bucketName, prefix: "state/" },
      previousVersionDays: RECOVERY_DAYS,
      protection,
    });
    this.bucketName = bucket.bucketName;
    this.arn = bucket.arn;
    this.keyArn = key.arn;
  }

  /** What reading every state takes. */
  readStatements(): readonly Statement[] {
    return [
      { sid: "FindState", actions: ["s3:ListBucket"], resources: [this.arn] },
      { sid: "ReadState", actions: ["s3:GetObject"], resources: [`${this.arn}/*.tfstate`, `${this.arn}/*.tflock`] },
      { sid: "DecryptState", actions: ["kms:Decrypt"], resources: [this.keyArn] },
    ];
  }

  /** What holding a lock takes, which a plan does: without it a plan may read a state that is half written. */
  lockStatements(): readonly Statement[] {
    return [
      { sid: "LockState", actions: ["s3:PutObject", "s3:DeleteObject"], resources: [`${this.arn}/*.tflock`] },
      { sid: "EncryptLock", actions: ["kms:GenerateDataKey"], resources: [this.keyArn] },
    ];
  }

  /** What keeping the result of a look for drift takes, for `ops status`. */
  driftStatements(): readonly Statement[] {
    return [
      {
        sid: "RecordDrift",
        actions: ["s3:GetObject", "s3:PutObject"],
        resources: [`${this.arn}/operations/drift.json`],
      },
    ];
  }

  writeStatements(): readonly Statement[] {
    return [{ sid: "WriteState", actions: ["s3:PutObject"], resources: [`${this.arn}/*.tfstate`] }];
  }
}
