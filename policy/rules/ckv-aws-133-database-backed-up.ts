import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Every primary database keeps backups of a week or more. CKV_AWS_133. */
export const databaseBackedUp = rule(DbInstance, {
  id: "CKV_AWS_133",
  title: "Every primary database keeps backups of a week or more",
  complies: (database) =>
    database.replicateSourceDbInput !== undefined || (known(database.backupRetentionPeriodInput) ?? 0) >= 7,
  remedy: "set `database.backupRetentionDays` to at least 7",
});
