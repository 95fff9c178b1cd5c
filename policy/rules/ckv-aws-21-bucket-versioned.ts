import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

/** Every bucket keeps previous versions. CKV_AWS_21. */
export const bucketVersioned = rule(S3Bucket, {
  id: "CKV_AWS_21",
  title: "Every bucket keeps previous versions",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketVersioningA, ({ bucketInput }) => bucketInput).some(
      ({ versioningConfigurationInput }) => versioningConfigurationInput?.status === "Enabled",
    ),
  remedy: "create buckets with SecureBucket",
});
