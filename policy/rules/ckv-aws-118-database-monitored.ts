import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Every database instance reports enhanced monitoring. CKV_AWS_118. */
export const databaseMonitored = rule(DbInstance, {
  id: "CKV_AWS_118",
  title: "Every database instance reports enhanced monitoring",
  complies: (database) => (known(database.monitoringIntervalInput) ?? 0) > 0,
  remedy: "set `database.monitoringIntervalSeconds`",
});
