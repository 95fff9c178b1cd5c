import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { companions } from "../companions";
import { rule } from "../rule";

/** Every bucket says how it is encrypted. CKV_AWS_19. */
export const bucketEncrypted = rule(S3Bucket, {
  id: "CKV_AWS_19",
  title: "Every bucket says how it is encrypted",
  complies: (bucket, stack) =>
    companions(bucket, stack, S3BucketServerSideEncryptionConfigurationA, ({ bucketInput }) => bucketInput).length > 0,
  remedy: "create buckets with SecureBucket",
});
