import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { relatedResources } from "../related-resources";
import { statementsOf } from "../policy-statements";
import { rule } from "../rule";

/** Every bucket refuses requests without TLS. CKV_AWS_379. */
export const bucketTlsOnly = rule(S3Bucket, {
  id: "CKV_AWS_379",
  title: "Every bucket refuses requests without TLS",
  complies: (bucket, stack) =>
    relatedResources(bucket, stack, S3BucketPolicy, ({ bucketInput }) => bucketInput).some(({ policyInput }) =>
      statementsOf(policyInput).some(
        ({ Effect, Condition }) => Effect === "Deny" && Condition?.["Bool"]?.["aws:SecureTransport"]?.[0] === "false",
      ),
    ),
  remedy: "create buckets with SecureBucket, whose policy says so",
});
