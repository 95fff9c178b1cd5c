import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { rule } from "../rule";

/** Every topic is encrypted. CKV_AWS_26. */
export const topicEncrypted = rule(SnsTopic, {
  id: "CKV_AWS_26",
  title: "Every topic is encrypted",
  complies: (topic) => topic.kmsMasterKeyIdInput !== undefined,
  remedy: "set `kmsMasterKeyId`",
});
