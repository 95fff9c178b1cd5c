import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { relatedResources } from "../related-resources";
import { known, rule } from "../rule";

/** Every bucket is encrypted with a key of the platform. CKV_AWS_145, with CKV_AWS_19. */
export const bucketEncryptedWithOwnKey = rule(S3Bucket, {
  id: "CKV_AWS_145",
  title: "Every bucket is encrypted with a key of the platform",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketServerSideEncryptionConfigurationA, ({ bucketInput }) => bucketInput).some(
      ({ ruleInput }) =>
        known(ruleInput)?.every(
          ({ applyServerSideEncryptionByDefault: encryption }) => encryption?.kmsMasterKeyId !== undefined,
        ) === true,
    ),
  remedy: "give SecureBucket its `encryptionKeyArn`, or an opt-out with its reason",
  optOut: "encryptionKeyArn",
});
