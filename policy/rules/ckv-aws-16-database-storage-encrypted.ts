import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Storage of every database instance is encrypted. CKV_AWS_16. */
export const databaseStorageEncrypted = rule(DbInstance, {
  id: "CKV_AWS_16",
  title: "Storage of every database instance is encrypted",
  complies: (database) => known(database.storageEncryptedInput) === true,
  remedy: "leave `storageEncrypted` to PostgresDatabase, which sets it",
});
