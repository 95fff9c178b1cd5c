import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** No database instance has a public address. CKV_AWS_17. */
export const databaseNotPublic = rule(DbInstance, {
  id: "CKV_AWS_17",
  title: "No database instance has a public address",
  complies: (database) => known(database.publiclyAccessibleInput) !== true,
  remedy: "remove `publiclyAccessible`; nodes reach the database inside the VPC",
});
