import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { known, rule } from "../rule";

/** Every primary database has a standby in another zone. CKV_AWS_157. */
export const databaseMultiAz = rule(DbInstance, {
  id: "CKV_AWS_157",
  title: "Every primary database has a standby in another zone",
  complies: (database) => database.replicateSourceDbInput !== undefined || known(database.multiAzInput) === true,
  remedy: "set `database.multiAz` to true",
});
