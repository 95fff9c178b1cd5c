import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Every database instance is protected from deletion. CKV_AWS_293. */
export const databaseDeletionProtected = rule(DbInstance, {
  id: "CKV_AWS_293",
  title: "Every database instance is protected from deletion",
  complies: (database) => known(database.deletionProtectionInput) === true,
  remedy: "pass `protection: true`, or an opt-out with its reason",
  optOut: "deletion_protection",
});
