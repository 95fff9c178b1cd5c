import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { known, rule } from "../rule";

/** Every cache fails over to another zone by itself. CKV2_AWS_50. */
export const cacheFailsOver = rule(ElasticacheReplicationGroup, {
  id: "CKV2_AWS_50",
  title: "Every cache fails over to another zone by itself",
  complies: (cache) => known(cache.automaticFailoverEnabledInput) === true && known(cache.multiAzEnabledInput) === true,
  remedy: "leave `automaticFailoverEnabled` and `multiAzEnabled` to RedisCache, which sets them",
});
