import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { relatedResources } from "../related-resources";
import { known, rule } from "../rule";

/** Every bucket blocks public access in all four ways. CKV2_AWS_6. */
export const bucketNotPublic = rule(S3Bucket, {
  id: "CKV2_AWS_6",
  title: "Every bucket blocks public access in all four ways",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketPublicAccessBlock, ({ bucketInput }) => bucketInput).some(
      (block) =>
        known(block.blockPublicAclsInput) === true &&
        known(block.blockPublicPolicyInput) === true &&
        known(block.ignorePublicAclsInput) === true &&
        known(block.restrictPublicBucketsInput) === true,
    ),
  remedy: "create buckets with SecureBucket",
});
