import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { SecureBucket } from "../../../../constructs/aws/storage/secure-bucket";
import type { SecureBucketProps } from "../../../../constructs/aws/storage/secure-bucket";
import { optOutsOf } from "../../../../constructs/support/protection";
import { children, only, resources, testStack } from "../../../support/template";

const anyBucket = (): SecureBucketProps => ({
  bucketName: "bist-trading-test-backups",
  encryptionKeyArn: "arn:aws:kms:us-east-1:111122223333:key/1",
  protection: true,
  accessLogs: { bucketName: "bist-trading-test-logs", prefix: "backups/" },
});

const bucketWith = (props: Partial<SecureBucketProps> = {}) => {
  const stack = testStack();
  const bucket = new SecureBucket(stack, "Bucket", { ...anyBucket(), ...props });
  return { stack, bucket };
};

describe("SecureBucket", () => {
  test("is private, versioned and owned by its account alone", () => {
    const { stack } = bucketWith();
    expect(only(stack, S3BucketPublicAccessBlock)).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(only(stack, S3BucketVersioningA)).toMatchObject({ versioning_configuration: { status: "Enabled" } });
    expect(only(stack, S3BucketOwnershipControls)).toMatchObject({ rule: { object_ownership: "BucketOwnerEnforced" } });
  });

  test("encrypts with the key it is given", () => {
    const { stack } = bucketWith();
    expect(only(stack, S3BucketServerSideEncryptionConfigurationA)["rule"]).toEqual([
      {
        apply_server_side_encryption_by_default: {
          kms_master_key_id: "arn:aws:kms:us-east-1:111122223333:key/1",
          sse_algorithm: "aws:kms",
        },
        bucket_key_enabled: true,
      },
    ]);
  });

  test("falls back to S3's own key for a reason that is on record", () => {
    const reason = "A load balancer writes its logs with no other.";
    const { stack } = bucketWith({ encryptionKeyArn: { reason } });
    expect(only(stack, S3BucketServerSideEncryptionConfigurationA)["rule"]).toEqual([
      { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" }, bucket_key_enabled: false },
    ]);
    expect(children(stack, S3Bucket).flatMap(optOutsOf)).toEqual([{ setting: "encryptionKeyArn", reason }]);
  });

  test("refuses plain HTTP, whatever else its policy says", () => {
    const { stack } = bucketWith({
      statements: (arn) => [
        {
          sid: "Writers",
          principals: { Service: ["logging.s3.amazonaws.com"] },
          actions: ["s3:PutObject"],
          resources: [`${arn}/*`],
        },
      ],
    });
    const policy = JSON.parse(only(stack, S3BucketPolicy)["policy"] as string) as { Statement: unknown[] };
    expect(policy.Statement).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:*"],
        Resource: [expect.stringMatching(/\.arn}$/), expect.stringMatching(/\.arn}\/\*$/)],
        Condition: { Bool: { "aws:SecureTransport": ["false"] } },
      }),
      expect.objectContaining({ Sid: "Writers", Resource: [expect.stringMatching(/\.arn}\/\*$/)] }),
    ]);
  });

  test("expires what it is told to, and always old versions and unfinished uploads", () => {
    const { stack } = bucketWith({ expiry: [{ prefix: "database/", days: 30 }], previousVersionDays: 5 });
    expect(only(stack, S3BucketLifecycleConfiguration)["rule"]).toEqual([
      { id: "expire-database", status: "Enabled", filter: [{ prefix: "database/" }], expiration: [{ days: 30 }] },
      {
        id: "tidy",
        status: "Enabled",
        filter: [{ prefix: "" }],
        noncurrent_version_expiration: [{ noncurrent_days: 5 }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      },
    ]);
  });

  test("logs access, or says why not", () => {
    const { stack } = bucketWith();
    expect(only(stack, S3BucketLoggingA)).toMatchObject({
      target_bucket: "bist-trading-test-logs",
      target_prefix: "backups/",
    });
    const reason = "It is the bucket that the logs go to.";
    const { stack: silent } = bucketWith({ accessLogs: { reason } });
    expect(resources(silent, S3BucketLoggingA)).toEqual([]);
    expect(children(silent, S3Bucket).flatMap(optOutsOf)).toEqual([{ setting: "accessLogs", reason }]);
  });

  test("survives a destroy unless protection is off, which also empties it", () => {
    expect(only(bucketWith().stack, S3Bucket)).toMatchObject({
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    const { stack } = bucketWith({ protection: { reason: "The emulator's data is disposable." } });
    expect(only(stack, S3Bucket)).toMatchObject({ force_destroy: true });
    expect(only(stack, S3Bucket)["lifecycle"]).toBeUndefined();
  });

  test("names everything that is wrong at once", () => {
    expect(() => bucketWith({ bucketName: "b".repeat(64), expiry: [{ prefix: "database", days: 1 }] })).toThrow(
      /test\/Bucket: .*64 characters.*expiry prefix "database" does not end in "\/"/,
    );
  });
});
