import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { relatedResources } from "../related-resources";
import { rule } from "../rule";

/** Who reads and writes a bucket is logged. CKV_AWS_18. */
export const bucketLogged = rule(S3Bucket, {
  id: "CKV_AWS_18",
  title: "Who reads and writes a bucket is logged",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketLoggingA, ({ bucketInput }) => bucketInput).length > 0,
  remedy: "give SecureBucket its `accessLogs`, or an opt-out with its reason",
  optOut: "accessLogs",
});
