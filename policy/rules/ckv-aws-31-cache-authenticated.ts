import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { rule } from "../rule";

/** Every cache asks for credentials. CKV_AWS_31. */
export const cacheAuthenticated = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_31",
  title: "Every cache asks for credentials",
  complies: (cache) => cache.authTokenInput !== undefined || (cache.userGroupIdsInput ?? []).length > 0,
  remedy: "give the cache a user group or an auth token",
});
