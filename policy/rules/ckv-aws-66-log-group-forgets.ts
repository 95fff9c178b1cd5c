import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { known, rule } from "../rule";

/** Every log group says how long it keeps events. CKV_AWS_66. */
export const logGroupForgets = rule(CloudwatchLogGroup, {
  id: "CKV_AWS_66",
  title: "Every log group says how long it keeps events",
  complies: (group) => (known(group.retentionInDaysInput) ?? 0) > 0,
  remedy: "set `retentionInDays`",
});
