import { ElasticacheParameterGroup } from "@cdktf/provider-aws/lib/elasticache-parameter-group";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { ElasticacheUser } from "@cdktf/provider-aws/lib/elasticache-user";
import { ElasticacheUserGroup } from "@cdktf/provider-aws/lib/elasticache-user-group";
import { Construct } from "constructs";
import type { Environment } from "../../../config";
import { EncryptionKey } from "../encryption/encryption-key";
import { EncryptedLogGroup } from "../logs/log-group";
import type { Account } from "../../../config/account";
import { GeneratedSecret } from "../secrets/generated-secret";
import { check } from "../../support/check";
import { isProtected, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";
import { ApplicationUser } from "./application-user";

export interface RedisCacheProps {
  /** Of the identifier at most 32 characters: the ids of its users are made from it and end at 40. */
  readonly settings: Environment["cache"];
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  /** Path of the secret with the services' user name and password. */
  readonly secretName: string;
  /** What that secret is encrypted with. */
  readonly secretKey: EncryptionKey;
  readonly account: Account;
  readonly protection: Protection;
}

/** User name of the services. */
export const cacheUser = "application";

/**
 * Redis ACL rules of the services: every key and channel, every command but those that administer or endanger the server.
 * INFO is among the latter, yet clients commonly ask it whether the server is ready.
 */
export const applicationRights = "on ~* &* +@all -@dangerous +info";

/** Raise it to rotate the password of the services; they reconnect with the new one after a restart. */
const PASSWORD_VERSION = 1;

const LOGS = ["slow-log", "engine-log"] as const;
const LOG_RETENTION_DAYS = 365;

/**
 * A replicated Redis that fails over by itself, encrypted in transit and at rest.
 * The built-in user without a password is off; the services' own has a password that only Secrets Manager holds.
 */
export class RedisCache extends Construct {
  readonly identifier: string;
  readonly host: string;
  readonly port: number;
  readonly secretArn: string;
  /** Ids of the nodes, under which CloudWatch counts. */
  readonly nodeIds: readonly string[];

  constructor(scope: Construct, id: string, props: RedisCacheProps) {
    super(scope, id);
    const { settings, account, protection } = props;
    const { identifier } = settings;
    check(this, [
      [identifier.length <= 32, `identifier "${identifier}" is ${identifier.length} characters; use at most 32`],
      [
        settings.engineVersion.startsWith("7."),
        `engineVersion is ${settings.engineVersion}; the parameter family is redis7`,
      ],
      [settings.nodes >= 2, `nodes is ${settings.nodes}: a cache that fails over needs at least 2`],
    ]);

    const key = new EncryptionKey(this, "Key", {
      alias: identifier,
      description: `Data, snapshots and logs of ${identifier}`,
      account,
      services: [`logs.${account.region}.amazonaws.com`],
      protection,
    });
    const subnetGroup = new ElasticacheSubnetGroup(this, "Subnets", {
      name: identifier,
      description: `Isolated subnets of ${identifier}`,
      subnetIds: [...props.subnets],
    });
    const parameters = new ElasticacheParameterGroup(this, "Parameters", {
      name: `${identifier}-redis7`,
      family: "redis7",
      description: `Settings of ${identifier}`,
      // Whatever Redis holds may be lost: a full cache forgets what was used least instead of refusing writes.
      parameter: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    });
    const logs = LOGS.map((logType) => ({
      logType,
      logFormat: "json",
      destinationType: "cloudwatch-logs",
      destination: new EncryptedLogGroup(this, logType, {
        name: `/aws/elasticache/${identifier}/${logType}`,
        retentionDays: LOG_RETENTION_DAYS,
        key,
      }).name,
    }));
    const secret = this.applicationSecret(props);
    const group = new ElasticacheReplicationGroup(this, "Resource", {
      replicationGroupId: identifier,
      description: `Redis of ${identifier}`,
      engine: "redis",
      engineVersion: settings.engineVersion,
      nodeType: settings.nodeType,
      port: settings.port,
      numCacheClusters: settings.nodes,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      parameterGroupName: parameters.name,
      subnetGroupName: subnetGroup.name,
      securityGroupIds: [props.securityGroup],
      atRestEncryptionEnabled: "true",
      kmsKeyId: key.arn,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      userGroupIds: [this.users(props, secret)],
      snapshotRetentionLimit: settings.snapshotRetentionDays,
      snapshotWindow: settings.snapshotWindow,
      maintenanceWindow: settings.maintenanceWindow,
      autoMinorVersionUpgrade: "true",
      ...(isProtected(protection) ? { finalSnapshotIdentifier: `${identifier}-final` } : {}),
      logDeliveryConfiguration: logs,
    });
    protect(group, protection);

    this.identifier = identifier;
    this.host = group.primaryEndpointAddress;
    this.port = settings.port;
    this.secretArn = secret.arn;
    this.nodeIds = Array.from({ length: settings.nodes }, (_, index) => `${identifier}-${nodeNumber(index + 1)}`);
  }

  private applicationSecret(props: RedisCacheProps): GeneratedSecret {
    return new GeneratedSecret(this, "Secret", {
      name: props.secretName,
      description: `Redis user of the services in ${props.settings.identifier}`,
      key: props.secretKey,
      protection: props.protection,
      fixed: { username: cacheUser },
      random: { password: { length: 48 } },
      version: PASSWORD_VERSION,
    });
  }

  private users({ settings, secretKey, account }: RedisCacheProps, secret: GeneratedSecret): string {
    const { identifier } = settings;
    // A group must have a user of this name: it is who connects without naming anybody.
    const nobody = new ElasticacheUser(this, "Nobody", {
      userId: `${identifier}-default`,
      userName: "default",
      engine: "redis",
      accessString: "off -@all",
      noPasswordRequired: true,
    });
    const application = new ApplicationUser(this, "Application", {
      userId: `${identifier}-app`,
      userName: cacheUser,
      accessString: applicationRights,
      secret,
      secretKey,
      account,
    });
    const group = new ElasticacheUserGroup(this, "Users", {
      userGroupId: `${identifier}-users`,
      engine: "redis",
      userIds: [nobody.userId, application.userId],
      dependsOn: [application.resource],
    });
    return group.userGroupId;
  }
}

/** ElastiCache counts its nodes 001, 002 and so on. */
const nodeNumber = (position: number): string => String(position).padStart(3, "0");
