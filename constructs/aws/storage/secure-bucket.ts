import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { policyDocument } from "../iam/policy-document";
import type { Statement } from "../iam/policy-document";
import { check } from "../../support/check";
import { isProtected, noteOptOut, protect } from "../../support/protection";
import type { OptOut, Protection } from "../../support/protection";

export interface SecureBucketProps {
  /** Globally unique, at most 63 characters. */
  readonly bucketName: string;
  /** ARN of the key that encrypts objects, or why S3's own key does: load balancers write their logs to no other. */
  readonly encryptionKeyArn: string | OptOut;
  readonly protection: Protection;
  /** When objects go away. @default they stay */
  readonly expiry?: readonly ExpiryRule[];
  /** Days that an object survives after it was overwritten or deleted. @default 30 */
  readonly previousVersionDays?: number;
  /** Where S3 logs who reads and writes, or why it does not. */
  readonly accessLogs: AccessLogs | OptOut;
  /** What the bucket's policy says beside "TLS only", given the ARN of the bucket. @default nothing */
  readonly statements?: (bucketArn: string) => readonly Statement[];
}

export interface ExpiryRule {
  /** Key prefix, with its slash; `""` is every object. */
  readonly prefix: string;
  readonly days: number;
}

export interface AccessLogs {
  readonly bucketName: string;
  /** With its slash. */
  readonly prefix: string;
}

/** Parts of an upload that never finished cost money and show nowhere. */
const UNFINISHED_UPLOAD_DAYS = 7;

/**
 * A bucket that is private, versioned, encrypted and reached by TLS only, without access control lists.
 * An unprotected one is emptied when it is destroyed.
 */
export class SecureBucket extends Construct {
  readonly arn: string;
  readonly bucketName: string;
  /** What must exist before something writes to the bucket: its policy. */
  readonly grants: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: SecureBucketProps) {
    super(scope, id);
    const { expiry = [], statements = () => [] } = props;
    check(this, [
      [
        props.bucketName.length >= 3 && props.bucketName.length <= 63,
        `bucket name "${props.bucketName}" is ${props.bucketName.length} characters; S3 takes 3 to 63`,
      ],
      ...expiry.map(({ prefix }): [boolean, string] => [
        prefix === "" || prefix.endsWith("/"),
        `expiry prefix "${prefix}" does not end in "/": it would also match "${prefix}-other"`,
      ]),
    ]);

    const bucket = new S3Bucket(this, "Resource", {
      bucket: props.bucketName,
      forceDestroy: !isProtected(props.protection),
    });
    protect(bucket, props.protection);
    this.arn = bucket.arn;
    this.bucketName = bucket.bucket;

    new S3BucketOwnershipControls(this, "Ownership", {
      bucket: bucket.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const privacy = new S3BucketPublicAccessBlock(this, "PublicAccess", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const versioning = new S3BucketVersioningA(this, "Versioning", {
      bucket: bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
    this.encrypt(bucket, props.encryptionKeyArn);
    this.log(bucket, props.accessLogs);
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      bucket: bucket.id,
      rule: [...expiry.map(expire), tidy(props.previousVersionDays ?? 30)],
      // S3 refuses rules about previous versions of a bucket that keeps none yet.
      dependsOn: [versioning],
    });
    const policy = new S3BucketPolicy(this, "Policy", {
      bucket: bucket.id,
      policy: policyDocument([tlsOnly(bucket.arn), ...statements(bucket.arn)]),
      // Both change the bucket's policy status; S3 answers 409 when they come together.
      dependsOn: [privacy],
    });
    this.grants = [policy];
  }

  private encrypt(bucket: S3Bucket, key: string | OptOut): void {
    const customerKey = typeof key === "string";
    if (!customerKey) noteOptOut(bucket, "encryptionKeyArn", key);
    new S3BucketServerSideEncryptionConfigurationA(this, "Encryption", {
      bucket: bucket.id,
      rule: [
        {
          applyServerSideEncryptionByDefault: customerKey
            ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: key }
            : { sseAlgorithm: "AES256" },
          bucketKeyEnabled: customerKey,
        },
      ],
    });
  }

  private log(bucket: S3Bucket, target: AccessLogs | OptOut): void {
    if ("reason" in target) {
      noteOptOut(bucket, "accessLogs", target);
      return;
    }
    new S3BucketLoggingA(this, "AccessLogs", {
      bucket: bucket.id,
      targetBucket: target.bucketName,
      targetPrefix: target.prefix,
    });
  }
}

function expire({ prefix, days }: ExpiryRule) {
  return {
    id: `expire-${prefix === "" ? "all" : prefix.slice(0, -1).replaceAll("/", "-")}`,
    status: "Enabled",
    filter: [{ prefix }],
    expiration: [{ days }],
  };
}

function tidy(previousVersionDays: number) {
  return {
    id: "tidy",
    status: "Enabled",
    filter: [{ prefix: "" }],
    noncurrentVersionExpiration: [{ noncurrentDays: previousVersionDays }],
    abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_UPLOAD_DAYS }],
  };
}

function tlsOnly(bucketArn: string): Statement {
  return {
    sid: "TlsOnly",
    effect: "Deny",
    principals: "*",
    actions: ["s3:*"],
    resources: [bucketArn, `${bucketArn}/*`],
    conditions: { Bool: { "aws:SecureTransport": ["false"] } },
  };
}
