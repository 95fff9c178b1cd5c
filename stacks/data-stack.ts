import type { App } from "cdktf";
import type { Environment } from "../config";
import { clientConnections } from "../config/schema/connections";
import { Alarms } from "../constructs/aws/alarms/alarms";
import { Backups } from "../constructs/aws/backup/backups";
import { RedisCache } from "../constructs/aws/cache/redis-cache";
import { PostgresDatabase } from "../constructs/aws/database/postgres-database";
import { EncryptionKey } from "../constructs/aws/encryption/encryption-key";
import { ApplicationSecrets } from "../constructs/aws/secrets/application-secrets";
import type { SecretReferences } from "../constructs/aws/secrets/application-secrets";
import { secretsOf } from "../config/application-secrets";
import type { NetworkOutputs } from "./network-stack";
import { EnvironmentStack } from "./environment-stack";

export interface DataOutputs {
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly identifier: string;
    /** Immutable id, in the ARNs of IAM database authentication. */
    readonly resourceId: string;
    /** The master user's secret, which RDS rotates: for the bootstrap alone. */
    readonly masterSecretArn: string;
  };
  readonly cache: {
    readonly host: string;
    readonly port: number;
    /** JSON with `username` and `password`. */
    readonly secretArn: string;
  };
  readonly secrets: SecretReferences;
  readonly backupBucket: string;
  readonly backupKeyArn: string;
  readonly alarmTopicArn: string;
}

/** Where the platform keeps what must not be lost, and what may be. */
export class DataStack extends EnvironmentStack {
  readonly outputs: DataOutputs;

  constructor(app: App, environment: Environment, network: NetworkOutputs) {
    super(app, environment, "data");
    const { prefix, aws: account, protectData: protection, operators } = environment;
    const { subnets, securityGroups } = network;

    const secretKey = new EncryptionKey(this, "SecretKey", {
      alias: `${prefix}/secrets`,
      description: "The application's secrets",
      account,
      protection,
    });
    const secrets = new ApplicationSecrets(this, "Secrets", {
      prefix,
      names: secretsOf(environment),
      key: secretKey,
      protection,
    });
    const database = new PostgresDatabase(this, "Database", {
      settings: environment.database,
      subnets: subnets.database,
      securityGroup: securityGroups.database,
      account,
      protection,
    });
    const cache = new RedisCache(this, "Cache", {
      settings: environment.cache,
      subnets: subnets.database,
      securityGroup: securityGroups.cache,
      secretName: `${prefix}/cache`,
      secretKey,
      account,
      protection,
    });
    const backups = new Backups(this, "Backups", {
      prefix,
      dumpRetentionDays: environment.backups.dumpRetentionDays,
      recoveryPointRetentionDays: environment.backups.recoveryPointRetentionDays,
      schedule: environment.backups.schedule,
      protects: [database.arn],
      account,
      protection,
    });
    const alarms = new Alarms(this, "Alarms", {
      prefix,
      emails: operators.alarmEmails,
      endpoints: operators.alarmEndpoints,
      database,
      clientConnections: clientConnections(environment),
      cache,
      backups,
      account,
      protection,
    });

    const { host, port, name, identifier, resourceId, masterSecretArn } = database;
    this.outputs = this.share({
      database: { host, port, name, identifier, resourceId, masterSecretArn },
      cache: { host: cache.host, port: cache.port, secretArn: cache.secretArn },
      secrets: secrets.references,
      backupBucket: backups.bucketName,
      backupKeyArn: backups.keyArn,
      alarmTopicArn: alarms.topicArn,
    });
  }
}
