import { CloudformationStack } from "@cdktf/provider-aws/lib/cloudformation-stack";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { ElasticacheParameterGroup } from "@cdktf/provider-aws/lib/elasticache-parameter-group";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheUser } from "@cdktf/provider-aws/lib/elasticache-user";
import { ElasticacheUserGroup } from "@cdktf/provider-aws/lib/elasticache-user-group";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { environment } from "../../../../config";
import { RedisCache } from "../../../../constructs/aws/cache/redis-cache";
import type { RedisCacheProps } from "../../../../constructs/aws/cache/redis-cache";
import { EncryptionKey } from "../../../../constructs/aws/encryption/encryption-key";
import { only, resources, synthesize, testStack } from "../../../support/template";

const production = environment("production");

const cacheWith = (
  settings: Partial<RedisCacheProps["settings"]> = {},
  protection: RedisCacheProps["protection"] = true,
) => {
  const stack = testStack();
  const account = production.aws;
  const secretKey = new EncryptionKey(stack, "SecretKey", {
    alias: "test/secrets",
    description: "Secrets",
    account,
    protection: true,
  });
  const cache = new RedisCache(stack, "Cache", {
    settings: { ...production.cache, ...settings },
    subnets: ["subnet-1", "subnet-2"],
    securityGroup: "sg-1",
    secretName: "bist-trading-prod/cache",
    secretKey,
    account,
    protection,
  });
  return { stack, cache };
};

interface UserTemplate {
  readonly Resources: { readonly User: { readonly Type: string; readonly Properties: Record<string, unknown> } };
}

describe("RedisCache", () => {
  test("has every value of the setup guide", () => {
    expect(only(cacheWith().stack, ElasticacheReplicationGroup)).toMatchObject({
      replication_group_id: "bist-trading-redis-prod",
      engine: "redis",
      engine_version: "7.1",
      node_type: "cache.r6g.xlarge",
      port: 6379,
      num_cache_clusters: 3,
      automatic_failover_enabled: true,
      multi_az_enabled: true,
      security_group_ids: ["sg-1"],
      at_rest_encryption_enabled: "true",
      transit_encryption_enabled: true,
      snapshot_retention_limit: 5,
      snapshot_window: "03:00-05:00",
      maintenance_window: "sun:05:00-sun:07:00",
    });
  });

  test("takes TLS only, and encrypts data and logs with its own key", () => {
    const { stack } = cacheWith();
    const group = only(stack, ElasticacheReplicationGroup);
    expect(group).toMatchObject({ transit_encryption_mode: "required", auto_minor_version_upgrade: "true" });
    const logs = resources(stack, CloudwatchLogGroup);
    expect(logs.map(({ name }) => name)).toEqual([
      "/aws/elasticache/bist-trading-redis-prod/engine-log",
      "/aws/elasticache/bist-trading-redis-prod/slow-log",
    ]);
    for (const log of logs) expect(log).toMatchObject({ retention_in_days: 365, kms_key_id: group["kms_key_id"] });
    expect(group["log_delivery_configuration"]).toEqual(
      ["slow-log", "engine-log"].map((logType) => ({
        destination: expect.stringContaining(logType) as unknown,
        destination_type: "cloudwatch-logs",
        log_format: "json",
        log_type: logType,
      })),
    );
  });

  test("forgets when it is full instead of refusing writes", () => {
    expect(only(cacheWith().stack, ElasticacheParameterGroup)).toMatchObject({
      family: "redis7",
      parameter: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    });
  });

  test("turns the user without a password off and lets in the services' own", () => {
    const { stack } = cacheWith();
    expect(only(stack, ElasticacheUser)).toMatchObject({ user_name: "default", access_string: "off -@all" });
    expect(only(stack, ElasticacheUserGroup)).toMatchObject({
      user_ids: [expect.stringMatching(/^\${aws_elasticache_user\./), "bist-trading-redis-prod-app"] as unknown,
      depends_on: [expect.stringMatching(/^aws_cloudformation_stack\./)] as unknown,
    });
    expect(only(stack, ElasticacheReplicationGroup)["user_group_ids"]).toEqual([
      expect.stringMatching(/aws_elasticache_user_group\./),
    ]);
    expect(only(stack, ElasticacheReplicationGroup)).not.toHaveProperty("auth_token");
  });

  test("lets CloudFormation read the password by its version, so that Terraform never does", () => {
    const { stack } = cacheWith();
    const template = JSON.parse(only(stack, CloudformationStack)["template_body"] as string) as UserTemplate;
    const { Type, Properties } = template.Resources.User;
    expect(Type).toBe("AWS::ElastiCache::User");
    expect(Properties).toEqual({
      Engine: "redis",
      UserId: "bist-trading-redis-prod-app",
      UserName: "application",
      AccessString: "on ~* &* +@all -@dangerous +info",
      Passwords: [
        expect.stringMatching(
          /^{{resolve:secretsmanager:\${aws_secretsmanager_secret\.\w+\.arn}:SecretString:password::\${aws_secretsmanager_secret_version\.\w+\.version_id}}}$/,
        ),
      ],
    });
    expect(JSON.stringify(synthesize(stack).resource)).not.toMatch(/"passwords":/);
  });

  test("gives CloudFormation that one user and that one secret, through Secrets Manager's use of the key", () => {
    const { Statement } = JSON.parse(only(cacheWith().stack, IamRolePolicy)["policy"] as string) as {
      Statement: { Sid: string; Action: string[]; Resource: string[]; Condition?: object }[];
    };
    const byId = Object.fromEntries(Statement.map((statement) => [statement.Sid, statement]));
    expect(byId["User"]?.Resource).toEqual([
      "arn:aws:elasticache:us-east-1:111122223333:user:bist-trading-redis-prod-app",
    ]);
    expect(byId["Password"]).toMatchObject({
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [expect.stringMatching(/^\${aws_secretsmanager_secret\..*\.arn}$/)],
    });
    expect(byId["Decrypt"]).toMatchObject({
      Action: ["kms:Decrypt"],
      Condition: { StringEquals: { "kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"] } },
    });
  });

  test("leaves a snapshot and is not destroyed, unless protection is off", () => {
    expect(only(cacheWith().stack, ElasticacheReplicationGroup)).toMatchObject({
      final_snapshot_identifier: "bist-trading-redis-prod-final",
      lifecycle: { prevent_destroy: true },
    });
    const { stack } = cacheWith({}, { reason: "The emulator's data is disposable." });
    const group = only(stack, ElasticacheReplicationGroup);
    expect(group["lifecycle"]).toBeUndefined();
    expect(group["final_snapshot_identifier"]).toBeUndefined();
  });

  test("names its nodes as CloudWatch does", () => {
    expect(cacheWith().cache.nodeIds).toEqual([
      "bist-trading-redis-prod-001",
      "bist-trading-redis-prod-002",
      "bist-trading-redis-prod-003",
    ]);
  });

  test("names everything that is wrong at once", () => {
    const engineVersion = "6.2" as string as RedisCacheProps["settings"]["engineVersion"];
    expect(() => cacheWith({ identifier: "r".repeat(33), engineVersion, nodes: 1 })).toThrow(
      /test\/Cache: identifier "r+" is 33 characters; use at most 32; engineVersion is 6\.2; .* nodes is 1: .* at least 2/,
    );
  });
});
