import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { known, rule } from "../rule";

/** PostgreSQL takes TLS connections only. CKV2_AWS_69. */
export const databaseForcesTls = rule(DbParameterGroup, {
  id: "CKV2_AWS_69",
  title: "PostgreSQL takes TLS connections only",
  complies: (group) =>
    known(group.parameterInput)?.some(({ name, value }) => name === "rds.force_ssl" && value === "1") === true,
  remedy: "set the parameter `rds.force_ssl` to 1",
});
