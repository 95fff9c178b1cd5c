import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import type { TerraformResource } from "cdktf";
import { environment } from "../../config";
import type { Environment } from "../../config";
import { optOutsOf } from "../../constructs/support/protection";
import { DataStack } from "../../stacks/data-stack";
import { anyNetwork } from "../support/any-network";
import { children, resources, synthesize, testApp } from "../support/template";

const dataStack = (of: Environment = environment("production")) => new DataStack(testApp(), of, anyNetwork);

/** Whatever would take data with it. */
const stateful = [BackupVault, DbInstance, ElasticacheReplicationGroup, KmsKey, S3Bucket, SecretsmanagerSecret];

describe("DataStack", () => {
  test("shares its outputs under the names of the contract", () => {
    expect(Object.keys(synthesize(dataStack()).output ?? {}).sort()).toEqual([
      "alarm_topic_arn",
      "backup_bucket",
      "backup_key_arn",
      "cache_host",
      "cache_port",
      "cache_secret_arn",
      "database_host",
      "database_identifier",
      "database_master_secret_arn",
      "database_name",
      "database_port",
      "database_resource_id",
      "secrets_algolab_arn",
      "secrets_algolab_name",
      "secrets_algolab_sessions_arn",
      "secrets_algolab_sessions_name",
      "secrets_database_application_arn",
      "secrets_database_application_name",
      "secrets_database_readonly_arn",
      "secrets_database_readonly_name",
      "secrets_encryption_arn",
      "secrets_encryption_name",
      "secrets_grafana_arn",
      "secrets_grafana_name",
      "secrets_jwt_arn",
      "secrets_jwt_name",
    ]);
  });

  test("places database and cache in the isolated subnets, behind their own groups", () => {
    const stack = dataStack();
    expect(resources(stack, DbInstance)).toMatchObject([
      { vpc_security_group_ids: [anyNetwork.securityGroups.database] },
    ]);
    expect(resources(stack, ElasticacheReplicationGroup)).toMatchObject([
      { security_group_ids: [anyNetwork.securityGroups.cache] },
    ]);
    const { resource } = synthesize(stack);
    for (const type of ["aws_db_subnet_group", "aws_elasticache_subnet_group"]) {
      expect(Object.values(resource?.[type] ?? {})).toMatchObject([{ subnet_ids: anyNetwork.subnets.database }]);
    }
  });

  test.each(["production", "staging"])("lets nothing that holds data be destroyed in %s", (name) => {
    const { resource } = synthesize(dataStack(environment(name)));
    for (const { tfResourceType } of stateful) {
      const found = Object.values(resource?.[tfResourceType] ?? {});
      expect(found.length).toBeGreaterThan(0);
      for (const one of found) expect(one).toMatchObject({ lifecycle: { prevent_destroy: true } });
    }
  });

  test("can be destroyed in local, each resource saying why", () => {
    const stack = dataStack(environment("local"));
    for (const type of stateful) {
      for (const resource of children<TerraformResource>(stack, type)) {
        expect(resource.lifecycle?.preventDestroy).toBeUndefined();
        expect(optOutsOf(resource)).toContainEqual({
          setting: "prevent_destroy",
          reason: "The emulator's data is disposable and is destroyed by every test run.",
        });
      }
    }
  });

  test("has a password in no attribute but the write-only ones", () => {
    const text = JSON.stringify(synthesize(dataStack()).resource, (key: string, value: unknown) =>
      key === "secret_string_wo" ? undefined : value,
    );
    expect(text).not.toContain("ephemeral.");
    expect(text).not.toMatch(/"(password|passwords|auth_token|secret_string)":/);
  });

  test("follows its configuration to the replica and its alarms", () => {
    const production = environment("production");
    const stack = dataStack({ ...production, database: { ...production.database, readReplicas: 1 } });
    expect(resources(stack, DbInstance)).toHaveLength(2);
    const alarms = Object.values(synthesize(stack).resource?.["aws_cloudwatch_metric_alarm"] ?? {});
    expect(alarms.map((alarm) => alarm["alarm_name"])).toContain("bist-trading-prod-database-replica-1-lag");
  });
});
