import type { Construct } from "constructs";
import type { Account } from "../../../config/account";
import type { Protection } from "../../support/protection";
import { SecureBucket } from "./secure-bucket";

export interface AccessLogBucketProps {
  readonly bucketName: string;
  readonly account: Account;
  /** Days that logs are kept. */
  readonly retentionDays: number;
  readonly protection: Protection;
}

/** Where S3 writes who read and wrote the account's other buckets. */
export class AccessLogBucket extends SecureBucket {
  constructor(scope: Construct, id: string, { bucketName, account, retentionDays, protection }: AccessLogBucketProps) {
    super(scope, id, {
      bucketName,
      protection,
      encryptionKeyArn: { reason: "S3 delivers its access logs to no bucket with a customer key." },
      accessLogs: { reason: "A bucket that logs into itself never stops." },
      expiry: [{ prefix: "", days: retentionDays }],
      statements: (bucketArn) => [
        {
          sid: "AccessLogs",
          principals: { Service: ["logging.s3.amazonaws.com"] },
          actions: ["s3:PutObject"],
          resources: [`${bucketArn}/*`],
          conditions: {
            StringEquals: { "aws:SourceAccount": [account.accountId] },
            ArnLike: { "aws:SourceArn": ["arn:aws:s3:::*"] },
          },
        },
      ],
    });
  }
}
