import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { rule } from "../rule";

/** Every log group is encrypted with a key of the platform. CKV_AWS_158. */
export const logGroupEncrypted = rule(CloudwatchLogGroup, {
  id: "CKV_AWS_158",
  title: "Every log group is encrypted with a key of the platform",
  complies: (group) => group.kmsKeyIdInput !== undefined,
  remedy: "create log groups with EncryptedLogGroup",
});
