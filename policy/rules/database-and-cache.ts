import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { EksCluster } from "@cdktf/provider-aws/lib/eks-cluster";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { known, rule } from "../rule";

export const databaseStorageEncrypted = rule(DbInstance, {
  id: "CKV_AWS_16",
  title: "Storage of every database instance is encrypted",
  complies: (database) => known(database.storageEncryptedInput) === true,
  remedy: "leave `storageEncrypted` to PostgresDatabase, which sets it",
});

export const databaseNotPublic = rule(DbInstance, {
  id: "CKV_AWS_17",
  title: "No database instance has a public address",
  complies: (database) => known(database.publiclyAccessibleInput) !== true,
  remedy: "remove `publiclyAccessible`; nodes reach the database inside the VPC",
});

export const databaseBackedUp = rule(DbInstance, {
  id: "CKV_AWS_133",
  title: "Every primary database keeps backups of a week or more",
  complies: (database) =>
    database.replicateSourceDbInput !== undefined || (known(database.backupRetentionPeriodInput) ?? 0) >= 7,
  remedy: "set `database.backupRetentionDays` to at least 7",
});

export const databaseMultiAz = rule(DbInstance, {
  id: "CKV_AWS_157",
  title: "Every primary database has a standby in another zone",
  complies: (database) => database.replicateSourceDbInput !== undefined || known(database.multiAzInput) === true,
  remedy: "set `database.multiAz` to true",
});

export const databaseDeletionProtected = rule(DbInstance, {
  id: "CKV_AWS_293",
  title: "Every database instance is protected from deletion",
  complies: (database) => known(database.deletionProtectionInput) === true,
  remedy: "pass `protection: true`, or an opt-out with its reason",
  optOut: "deletion_protection",
});

export const databaseMonitored = rule(DbInstance, {
  id: "CKV_AWS_118",
  title: "Every database instance reports enhanced monitoring",
  complies: (database) => (known(database.monitoringIntervalInput) ?? 0) > 0,
  remedy: "set `database.monitoringIntervalSeconds`",
});

export const databaseLogsExported = rule(DbInstance, {
  id: "CKV_AWS_129",
  title: "Every database instance sends its log to CloudWatch",
  complies: (database) => (known(database.enabledCloudwatchLogsExportsInput) ?? []).includes("postgresql"),
  remedy: "add `postgresql` to `enabledCloudwatchLogsExports`",
});

export const databaseForcesTls = rule(DbParameterGroup, {
  id: "CKV2_AWS_69",
  title: "PostgreSQL takes TLS connections only",
  complies: (group) =>
    known(group.parameterInput)?.some(({ name, value }) => name === "rds.force_ssl" && value === "1") === true,
  remedy: "set the parameter `rds.force_ssl` to 1",
});

export const cacheEncryptedAtRest = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_29",
  title: "Every cache is encrypted at rest",
  complies: (cache) => String(known(cache.atRestEncryptionEnabledInput)) === "true",
  remedy: "leave `atRestEncryptionEnabled` to RedisCache, which sets it",
});

export const cacheEncryptedInTransit = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_30",
  title: "Every cache takes TLS connections only",
  complies: (cache) =>
    known(cache.transitEncryptionEnabledInput) === true && known(cache.transitEncryptionModeInput) !== "preferred",
  remedy: "leave `transitEncryptionEnabled` to RedisCache, which sets it",
});

export const cacheAuthenticated = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_31",
  title: "Every cache asks for credentials",
  complies: (cache) => cache.authTokenInput !== undefined || (cache.userGroupIdsInput ?? []).length > 0,
  remedy: "give the cache a user group or an auth token",
});

export const cacheBackedUp = rule(ElasticacheReplicationGroup, {
  id: "CKV_AWS_134",
  title: "Every cache keeps snapshots",
  complies: (cache) => (known(cache.snapshotRetentionLimitInput) ?? 0) > 0,
  remedy: "set `cache.snapshotRetentionDays`",
});

export const cacheFailsOver = rule(ElasticacheReplicationGroup, {
  id: "CKV2_AWS_50",
  title: "Every cache fails over to another zone by itself",
  complies: (cache) => known(cache.automaticFailoverEnabledInput) === true && known(cache.multiAzEnabledInput) === true,
  remedy: "leave `automaticFailoverEnabled` and `multiAzEnabled` to RedisCache, which sets them",
});

type Stateful = BackupVault | DbInstance | EksCluster | ElasticacheReplicationGroup | KmsKey | Route53Zone | S3Bucket;

/** Also for what cannot be made again as it was: keys, zones, clusters. */
export const dataPreventsDestroy = rule<Stateful>(
  [BackupVault, DbInstance, EksCluster, ElasticacheReplicationGroup, KmsKey, Route53Zone, S3Bucket],
  {
    id: "BIST_1",
    title: "Terraform refuses to destroy what holds data",
    complies: ({ lifecycle }) => lifecycle?.preventDestroy === true,
    remedy: "pass `protection: true`, or an opt-out with its reason",
    optOut: "prevent_destroy",
  },
);
