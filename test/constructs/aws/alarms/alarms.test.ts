import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DbEventSubscription } from "@cdktf/provider-aws/lib/db-event-subscription";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Alarms } from "../../../../constructs/aws/alarms/alarms";
import type { AlarmsProps } from "../../../../constructs/aws/alarms/alarms";
import { only, resources, testStack } from "../../../support/template";

const anyAlarms = (): AlarmsProps => ({
  prefix: "bist-trading-prod",
  emails: ["operations@bist-trading.com"],
  endpoints: ["https://pager.bist-trading.com/hook"],
  database: {
    identifier: "postgres",
    replicaIdentifiers: [],
    instanceClass: "db.r5.2xlarge",
    storageGiB: 500,
  },
  clientConnections: 568,
  cache: { nodeIds: ["redis-001", "redis-002"] },
  backups: { vaultName: "vault" },
  account: { accountId: "111122223333", region: "us-east-1" },
  protection: true,
});
const alarmsWith = (props: Partial<AlarmsProps> = {}) => {
  const stack = testStack();
  new Alarms(stack, "Alarms", { ...anyAlarms(), ...props });
  return stack;
};
const alarm = (stack: ReturnType<typeof alarmsWith>, name: string) =>
  resources(stack, CloudwatchMetricAlarm).find((found) => found["alarm_name"] === `bist-trading-prod-${name}`);

const rises = "GreaterThanThreshold";
const falls = "LessThanThreshold";

describe("Alarms", () => {
  test.each([
    [
      "database-free-storage",
      "AWS/RDS",
      "FreeStorageSpace",
      falls,
      25 * 1024 ** 3,
      { DBInstanceIdentifier: "postgres" },
    ],
    ["database-cpu", "AWS/RDS", "CPUUtilization", rises, 80, { DBInstanceIdentifier: "postgres" }],
    ["database-connections", "AWS/RDS", "DatabaseConnections", rises, 568, { DBInstanceIdentifier: "postgres" }],
    [
      "database-free-memory",
      "AWS/RDS",
      "FreeableMemory",
      falls,
      3276 * 1024 ** 2,
      { DBInstanceIdentifier: "postgres" },
    ],
    [
      "database-transaction-ids",
      "AWS/RDS",
      "MaximumUsedTransactionIDs",
      rises,
      1e9,
      { DBInstanceIdentifier: "postgres" },
    ],
    ["cache-1-evictions", "AWS/ElastiCache", "Evictions", rises, 1000, { CacheClusterId: "redis-001" }],
    ["cache-1-cpu", "AWS/ElastiCache", "EngineCPUUtilization", rises, 80, { CacheClusterId: "redis-001" }],
    ["cache-2-memory", "AWS/ElastiCache", "DatabaseMemoryUsagePercentage", rises, 85, { CacheClusterId: "redis-002" }],
    ["cache-2-replication-lag", "AWS/ElastiCache", "ReplicationLag", rises, 30, { CacheClusterId: "redis-002" }],
    ["backup-failed", "AWS/Backup", "NumberOfBackupJobsFailed", rises, 0, { BackupVaultName: "vault" }],
    ["backup-missing", "AWS/Backup", "NumberOfBackupJobsCompleted", falls, 1, { BackupVaultName: "vault" }],
  ])("raise %s from %s %s", (name, namespace, metric, comparison, threshold, dimensions) => {
    expect(alarm(alarmsWith(), name)).toMatchObject({
      namespace,
      metric_name: metric,
      comparison_operator: comparison,
      threshold,
      dimensions,
    });
  });

  test("watch every replica's lag against the guide's minute", () => {
    const database = { ...anyAlarms().database, replicaIdentifiers: ["replica-a", "replica-b"] };
    const stack = alarmsWith({ database });
    expect(alarm(stack, "database-replica-2-lag")).toMatchObject({
      metric_name: "ReplicaLag",
      threshold: 60,
      dimensions: { DBInstanceIdentifier: "replica-b" },
    });
    expect(only(stack, DbEventSubscription)["source_ids"]).toEqual(["postgres", "replica-a", "replica-b"]);
  });

  test("wait five minutes before they call anybody, and call again when all is well", () => {
    expect(alarm(alarmsWith(), "database-cpu")).toMatchObject({
      period: 60,
      evaluation_periods: 5,
      datapoints_to_alarm: 5,
      alarm_actions: [expect.stringMatching(/^\${aws_sns_topic\./)] as unknown,
      ok_actions: [expect.stringMatching(/^\${aws_sns_topic\./)] as unknown,
    });
  });

  test("take silence for trouble only where a daily backup should have been heard of", () => {
    const silent = resources(alarmsWith(), CloudwatchMetricAlarm)
      .filter((found) => found["treat_missing_data"] === "breaching")
      .map((found) => found["alarm_name"]);
    expect(silent).toEqual(["bist-trading-prod-backup-missing"]);
    expect(alarm(alarmsWith(), "backup-missing")).toMatchObject({ period: 86_400, evaluation_periods: 1 });
  });

  test("stay within the day that CloudWatch evaluates", () => {
    for (const found of resources(alarmsWith(), CloudwatchMetricAlarm)) {
      expect(Number(found["period"]) * Number(found["evaluation_periods"])).toBeLessThanOrEqual(86_400);
    }
  });

  test("say what to do", () => {
    for (const found of resources(alarmsWith(), CloudwatchMetricAlarm)) {
      expect(found["alarm_description"]).toMatch(/\. [A-Z].*\.$/);
    }
  });

  test("hear of failovers from RDS itself", () => {
    expect(only(alarmsWith(), DbEventSubscription)).toMatchObject({
      source_type: "db-instance",
      source_ids: ["postgres"],
      event_categories: ["deletion", "failover", "failure", "low storage", "recovery"],
    });
  });

  test("reach every operator through an encrypted topic that only this account's services publish to", () => {
    const stack = alarmsWith();
    expect(resources(stack, SnsTopicSubscription)).toMatchObject([
      { protocol: "email", endpoint: "operations@bist-trading.com" },
      { protocol: "https", endpoint: "https://pager.bist-trading.com/hook" },
    ]);
    expect(only(stack, SnsTopic)["kms_master_key_id"]).toMatch(/^\${aws_kms_key\./);
    const publishers = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"];
    const own = { StringEquals: { "aws:SourceAccount": ["111122223333"] } };
    const statements = (policy: unknown) =>
      (JSON.parse(policy as string) as { Statement: Record<string, unknown>[] }).Statement;
    expect(statements(only(stack, SnsTopicPolicy)["policy"])[0]).toMatchObject({
      Principal: { Service: publishers },
      Action: ["sns:Publish"],
      Condition: own,
    });
    for (const publisher of publishers) {
      expect(statements(only(stack, KmsKey)["policy"])).toContainEqual(
        expect.objectContaining({ Principal: { Service: [publisher] }, Condition: own }),
      );
    }
  });
});
