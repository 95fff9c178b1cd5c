import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Every database instance sends its log to CloudWatch. CKV_AWS_129. */
export const databaseLogsExported = rule(DbInstance, {
  id: "CKV_AWS_129",
  title: "Every database instance sends its log to CloudWatch",
  complies: (database) => (known(database.enabledCloudwatchLogsExportsInput) ?? []).includes("postgresql"),
  remedy: "add `postgresql` to `enabledCloudwatchLogsExports`",
});
