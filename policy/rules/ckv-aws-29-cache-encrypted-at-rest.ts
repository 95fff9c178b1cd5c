import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { known, rule } from "../rule";

/** Every cache is encrypted at rest. CKV_AWS_29. */
export const cacheEncryptedAtRest = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_29",
  title: "Every cache is encrypted at rest",
  complies: (cache) => String(known(cache.atRestEncryptionEnabledInput)) === "true",
  remedy: "leave `atRestEncryptionEnabled` to RedisCache, which sets it",
});
