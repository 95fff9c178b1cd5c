import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { known, rule } from "../rule";

/** Every cache keeps snapshots. CKV_AWS_134. */
export const cacheBackedUp = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_134",
  title: "Every cache keeps snapshots",
  complies: (cache) => (known(cache.snapshotRetentionLimitInput) ?? 0) > 0,
  remedy: "set `cache.snapshotRetentionDays`",
});
