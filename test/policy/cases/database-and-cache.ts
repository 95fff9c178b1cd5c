import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import type { DbParameterGroupParameter } from "@cdktf/provider-aws/lib/db-parameter-group";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import type { ElasticacheReplicationGroupConfig } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import type { Build, Cases } from "./case";

const database =
  (config: Partial<DbInstanceConfig>): Build =>
  (stack) =>
    new DbInstance(stack, "Database", { instanceClass: "db.r5.large", ...config });

const parameters =
  (parameter: DbParameterGroupParameter[]): Build =>
  (stack) =>
    new DbParameterGroup(stack, "Parameters", { family: "postgres15", parameter });

const cache =
  (config: Partial<ElasticacheReplicationGroupConfig>): Build =>
  (stack) =>
    new ElasticacheReplicationGroup(stack, "Cache", { replicationGroupId: "cache", description: "A cache", ...config });

export const cases: Cases = {
  CKV_AWS_16: {
    complies: [database({ storageEncrypted: true })],
    violates: [database({ storageEncrypted: false }), database({})],
  },
  CKV_AWS_17: {
    complies: [database({ publiclyAccessible: false }), database({})],
    violates: [database({ publiclyAccessible: true })],
  },
  CKV_AWS_133: {
    complies: [database({ backupRetentionPeriod: 7 }), database({ replicateSourceDb: "primary" })],
    violates: [database({ backupRetentionPeriod: 6 }), database({})],
  },
  CKV_AWS_157: {
    complies: [database({ multiAz: true }), database({ replicateSourceDb: "primary" })],
    violates: [database({ multiAz: false }), database({})],
  },
  CKV_AWS_293: {
    complies: [database({ deletionProtection: true })],
    violates: [database({ deletionProtection: false }), database({})],
  },
  CKV_AWS_118: {
    complies: [database({ monitoringInterval: 60 })],
    violates: [database({ monitoringInterval: 0 }), database({})],
  },
  CKV_AWS_129: {
    complies: [database({ enabledCloudwatchLogsExports: ["postgresql", "upgrade"] })],
    violates: [database({ enabledCloudwatchLogsExports: ["upgrade"] }), database({})],
  },
  CKV2_AWS_69: {
    complies: [parameters([{ name: "rds.force_ssl", value: "1" }])],
    violates: [parameters([{ name: "rds.force_ssl", value: "0" }]), parameters([])],
  },
  CKV_AWS_29: {
    complies: [cache({ atRestEncryptionEnabled: "true" })],
    violates: [cache({ atRestEncryptionEnabled: "false" }), cache({})],
  },
  CKV_AWS_30: {
    complies: [
      cache({ transitEncryptionEnabled: true }),
      cache({ transitEncryptionEnabled: true, transitEncryptionMode: "required" }),
    ],
    violates: [
      cache({ transitEncryptionEnabled: false }),
      cache({ transitEncryptionEnabled: true, transitEncryptionMode: "preferred" }),
      cache({}),
    ],
  },
  CKV_AWS_31: {
    complies: [cache({ userGroupIds: ["application"] })],
    violates: [cache({ userGroupIds: [] }), cache({})],
  },
  CKV_AWS_134: {
    complies: [cache({ snapshotRetentionLimit: 5 })],
    violates: [cache({ snapshotRetentionLimit: 0 }), cache({})],
  },
  CKV2_AWS_50: {
    complies: [cache({ automaticFailoverEnabled: true, multiAzEnabled: true })],
    violates: [cache({ automaticFailoverEnabled: true }), cache({ multiAzEnabled: true }), cache({})],
  },
  BIST_1: {
    complies: [database({ lifecycle: { preventDestroy: true } }), cache({ lifecycle: { preventDestroy: true } })],
    violates: [database({}), cache({ lifecycle: { preventDestroy: false } })],
  },
};
