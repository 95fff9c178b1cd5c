import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { environment } from "../../../../config";
import { PostgresDatabase } from "../../../../constructs/aws/database/postgres-database";
import type { PostgresDatabaseProps } from "../../../../constructs/aws/database/postgres-database";
import { optOutsOf } from "../../../../constructs/support/protection";
import { children, only, resources, testStack } from "../../../support/template";

const production = environment("production");
const databaseWith = (
  settings: Partial<PostgresDatabaseProps["settings"]> = {},
  protection: PostgresDatabaseProps["protection"] = true,
) => {
  const stack = testStack();
  const database = new PostgresDatabase(stack, "Database", {
    settings: { ...production.database, ...settings },
    subnets: ["subnet-1", "subnet-2"],
    securityGroup: "sg-1",
    account: production.aws,
    protection,
  });
  return { stack, database };
};

describe("PostgresDatabase", () => {
  test("has every value of the setup guide", () => {
    expect(only(databaseWith().stack, DbInstance)).toMatchObject({
      identifier: "bist-trading-postgres-prod",
      engine: "postgres",
      engine_version: "15",
      instance_class: "db.r5.2xlarge",
      allocated_storage: 500,
      max_allocated_storage: 2000,
      storage_type: "gp3",
      storage_encrypted: true,
      db_name: "bist_trading",
      port: 5432,
      vpc_security_group_ids: ["sg-1"],
      publicly_accessible: false,
      backup_retention_period: 7,
      backup_window: "03:00-04:00",
      maintenance_window: "sun:04:00-sun:05:00",
      multi_az: true,
      monitoring_interval: 60,
      performance_insights_enabled: true,
      performance_insights_retention_period: 7,
    });
  });

  test("leaves the master password to RDS", () => {
    const instance = only(databaseWith().stack, DbInstance);
    expect(instance).toMatchObject({ manage_master_user_password: true, username: "bist_admin" });
    expect(Object.keys(instance)).not.toEqual(expect.arrayContaining(["password"]));
    expect(instance["master_user_secret_kms_key_id"]).toBe(instance["kms_key_id"]);
  });

  test("keeps to its major version, takes minor ones, and never pays for extended support", () => {
    expect(only(databaseWith().stack, DbInstance)).toMatchObject({
      auto_minor_version_upgrade: true,
      allow_major_version_upgrade: false,
      engine_lifecycle_support: "open-source-rds-extended-support-disabled",
    });
  });

  test("encrypts performance data and logs with its key, and keeps logs for a year", () => {
    const { stack } = databaseWith();
    const instance = only(stack, DbInstance);
    expect(instance).toMatchObject({
      performance_insights_kms_key_id: instance["kms_key_id"],
      enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
      iam_database_authentication_enabled: true,
      ca_cert_identifier: "rds-ca-rsa2048-g1",
      copy_tags_to_snapshot: true,
    });
    expect(resources(stack, CloudwatchLogGroup)).toEqual(
      ["postgresql", "upgrade"].map((log) => ({
        name: `/aws/rds/instance/bist-trading-postgres-prod/${log}`,
        retention_in_days: 365,
        kms_key_id: instance["kms_key_id"],
      })),
    );
  });

  test("exists only after its log groups and the rights of its monitoring role", () => {
    const { stack } = databaseWith();
    expect(only(stack, DbInstance)["depends_on"]).toEqual([
      expect.stringMatching(/^aws_iam_role_policy_attachment\./),
      expect.stringMatching(/^aws_cloudwatch_log_group\..*postgresql/),
      expect.stringMatching(/^aws_cloudwatch_log_group\..*upgrade/),
    ]);
    expect(only(stack, IamRolePolicyAttachment)["policy_arn"]).toMatch(/AmazonRDSEnhancedMonitoringRole$/);
    expect(only(stack, IamRole)["assume_role_policy"]).toContain("monitoring.rds.amazonaws.com");
  });

  test("has a parameter group of its family, replaced without a gap", () => {
    expect(only(databaseWith({ majorVersion: "17" }).stack, DbParameterGroup)).toMatchObject({
      name: "bist-trading-postgres-prod-postgres17",
      family: "postgres17",
      lifecycle: { create_before_destroy: true },
      parameter: expect.arrayContaining([
        { name: "shared_buffers", value: "1048576", apply_method: "pending-reboot" },
      ]) as unknown,
    });
  });

  test("cannot be deleted, and leaves a snapshot and its backups if it is", () => {
    expect(only(databaseWith().stack, DbInstance)).toMatchObject({
      deletion_protection: true,
      skip_final_snapshot: false,
      final_snapshot_identifier: "bist-trading-postgres-prod-final",
      delete_automated_backups: false,
      lifecycle: { prevent_destroy: true },
    });
  });

  test("can be deleted for a reason that is on record", () => {
    const reason = "The emulator's data is disposable.";
    const { stack } = databaseWith({}, { reason });
    const instance = only(stack, DbInstance);
    expect(instance).toMatchObject({
      deletion_protection: false,
      skip_final_snapshot: true,
      delete_automated_backups: true,
    });
    expect(instance["lifecycle"]).toBeUndefined();
    expect(instance["final_snapshot_identifier"]).toBeUndefined();
    expect(children(stack, DbInstance).flatMap(optOutsOf)).toEqual([
      { setting: "prevent_destroy", reason },
      { setting: "deletion_protection", reason },
    ]);
  });

  test("has as many replicas as it is told, encrypted, private and guarded like itself", () => {
    const { stack, database } = databaseWith({ readReplicas: 2 });
    expect(database.replicaIdentifiers).toEqual([
      "bist-trading-postgres-prod-replica-1",
      "bist-trading-postgres-prod-replica-2",
    ]);
    const [, ...replicas] = resources(stack, DbInstance);
    expect(replicas).toHaveLength(2);
    expect(replicas[1]).toMatchObject({
      identifier: "bist-trading-postgres-prod-replica-2",
      replicate_source_db: expect.stringMatching(/\.identifier}$/) as unknown,
      storage_encrypted: true,
      publicly_accessible: false,
      deletion_protection: true,
      lifecycle: { prevent_destroy: true },
    });
    for (const taken of [
      "kms_key_id",
      "allocated_storage",
      "username",
      "db_name",
      "engine",
      "manage_master_user_password",
    ]) {
      expect(replicas[1]).not.toHaveProperty(taken);
    }
  });

  test("names everything that is wrong at once", () => {
    const { parameters } = production.database;
    expect(() =>
      databaseWith({
        instanceClass: "db.r5.large",
        parameters: { ...parameters, sharedBuffersMiB: 8192, effectiveCacheSizeMiB: 24576 },
        identifier: "a".repeat(63),
        readReplicas: 1,
      }),
    ).toThrow(
      /test\/Database: parameters.sharedBuffersMiB is 8192, but db.r5.large has 16384 MiB; use at most 6553; .*effectiveCacheSizeMiB is 24576.*replica identifier a+-replica-1 is 73 characters/,
    );
  });

  test("refuses more sessions than its memory is for", () => {
    const parameters = { ...production.database.parameters, maxConnections: 2000 };
    expect(() => databaseWith({ parameters })).toThrow(
      /maxConnections is 2000, but db.r5.2xlarge has 65536 MiB, and a session takes 40 beside .*; use at most 1433/,
    );
  });

  test("refuses a class whose memory it cannot check", () => {
    expect(() => databaseWith({ instanceClass: "db.z1d.large" })).toThrow(/db\.z1d\.large is not in .*instance-memory/);
  });
});
