import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { known, rule } from "../rule";

/** Every cache takes TLS connections only. CKV_AWS_30. */
export const cacheEncryptedInTransit = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_30",
  title: "Every cache takes TLS connections only",
  complies: (cache) =>
    known(cache.transitEncryptionEnabledInput) === true && known(cache.transitEncryptionModeInput) !== "preferred",
  remedy: "leave `transitEncryptionEnabled` to RedisCache, which sets it",
});
