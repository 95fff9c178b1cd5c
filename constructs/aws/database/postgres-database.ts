import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { Construct } from "constructs";
import type { Environment } from "../../../config";
import { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import { EncryptedLogGroup } from "../logs/log-group";
import type { Account } from "../../../config/account";
import { check } from "../../support/check";
import { isProtected, noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";
import { instanceMemoryMiB } from "./instance-memory";
import { postgresParameters } from "./parameters";

type Settings = Environment["database"];

export interface PostgresDatabaseProps {
  /** Replicas add `-replica-1`, `-replica-2` to the identifier. */
  readonly settings: Settings;
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  readonly account: Account;
  readonly protection: Protection;
}

/** What RDS writes to CloudWatch Logs: statements and errors, and major upgrades. */
const LOGS = ["postgresql", "upgrade"] as const;
const LOG_RETENTION_DAYS = 365;

/** More than this fraction of memory in shared_buffers takes it from the operating system's cache: PostgreSQL manual, 20.4.1. */
const LARGEST_SHARED_BUFFERS = 0.4;

/** Memory of a session's own, measured: plans of a dozen statements over a year's 371 partitions take 34 MiB. */
const SESSION_MIB = 40;

/**
 * PostgreSQL on RDS: private, encrypted with its own key, reached by TLS only, with a master password that RDS
 * generates, keeps in Secrets Manager and rotates. Parameters, monitoring and backups are those of the setup guide.
 */
export class PostgresDatabase extends Construct {
  readonly identifier: string;
  readonly arn: string;
  /** Immutable id, in IAM database authentication's ARNs. */
  readonly resourceId: string;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly masterSecretArn: string;
  readonly replicaIdentifiers: readonly string[];
  readonly instanceClass: string;
  readonly storageGiB: number;

  private readonly props: PostgresDatabaseProps;
  private readonly key: EncryptionKey;
  private readonly parameterGroup: DbParameterGroup;
  private readonly monitoring: ServiceRole;

  constructor(scope: Construct, id: string, props: PostgresDatabaseProps) {
    super(scope, id);
    const { settings } = props;
    check(this, [...memoryChecks(settings), ...replicaChecks(settings)]);
    this.props = props;

    this.key = new EncryptionKey(this, "Key", {
      alias: settings.identifier,
      description: `Storage, logs, master password and performance data of ${settings.identifier}`,
      account: props.account,
      services: [`logs.${props.account.region}.amazonaws.com`],
      protection: props.protection,
    });
    const subnetGroup = new DbSubnetGroup(this, "Subnets", {
      name: settings.identifier,
      description: `Isolated subnets of ${settings.identifier}`,
      subnetIds: [...props.subnets],
    });
    this.parameterGroup = new DbParameterGroup(this, "Parameters", {
      // The name carries the family: a new major version needs a group beside the old one.
      name: `${settings.identifier}-postgres${settings.majorVersion}`,
      family: `postgres${settings.majorVersion}`,
      description: `Settings of ${settings.identifier}`,
      parameter: [...postgresParameters(settings.parameters)],
      lifecycle: { createBeforeDestroy: true },
    });
    this.monitoring = new ServiceRole(this, "Monitoring", {
      name: `${settings.identifier}-monitoring`,
      description: `Enhanced monitoring of ${settings.identifier}`,
      service: "monitoring.rds.amazonaws.com",
      actingFor: props.account,
      managedPolicies: ["service-role/AmazonRDSEnhancedMonitoringRole"],
    });

    const primary = this.primary(subnetGroup);
    const replicas = Array.from({ length: settings.readReplicas }, (_, index) => this.replica(primary, index + 1));

    this.identifier = settings.identifier;
    this.arn = primary.arn;
    this.resourceId = primary.resourceId;
    this.host = primary.address;
    this.port = settings.port;
    this.name = settings.name;
    this.masterSecretArn = primary.masterUserSecret.get(0).secretArn;
    this.replicaIdentifiers = replicas;
    this.instanceClass = settings.instanceClass;
    this.storageGiB = settings.storageGiB;
  }

  private primary(subnetGroup: DbSubnetGroup): DbInstance {
    const { settings, protection } = this.props;
    const kept = isProtected(protection);
    const instance = new DbInstance(this, "Primary", {
      ...this.common(settings.identifier),
      kmsKeyId: this.key.arn,
      engine: "postgres",
      engineVersion: settings.majorVersion,
      // Past standard support AWS upgrades instead of charging for the extension.
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
      allowMajorVersionUpgrade: false,
      allocatedStorage: settings.storageGiB,
      dbName: settings.name,
      username: settings.masterUsername,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: this.key.arn,
      port: settings.port,
      multiAz: settings.multiAz,
      dbSubnetGroupName: subnetGroup.name,
      backupRetentionPeriod: settings.backupRetentionDays,
      backupWindow: settings.backupWindow,
      deleteAutomatedBackups: !kept,
      skipFinalSnapshot: !kept,
      ...(kept ? { finalSnapshotIdentifier: `${settings.identifier}-final` } : {}),
      dependsOn: [...this.monitoring.grants, ...this.logGroups("Primary", settings.identifier)],
    });
    this.guard(instance);
    return instance;
  }

  private replica(primary: DbInstance, number: number): string {
    const identifier = `${this.props.settings.identifier}-replica-${number}`;
    const name = `Replica${number}`;
    const instance = new DbInstance(this, name, {
      ...this.common(identifier),
      // In one region a replica takes the key of its source, and RDS wants none named.
      replicateSourceDb: primary.identifier,
      backupRetentionPeriod: 0,
      // It holds nothing that the primary does not.
      skipFinalSnapshot: true,
      dependsOn: this.logGroups(name, identifier),
    });
    this.guard(instance);
    return identifier;
  }

  /** What primary and replicas share. */
  private common(identifier: string): Omit<DbInstanceConfig, "backupRetentionPeriod"> {
    const { settings, securityGroup, protection } = this.props;
    return {
      identifier,
      instanceClass: settings.instanceClass,
      maxAllocatedStorage: settings.maxStorageGiB,
      storageType: "gp3",
      storageEncrypted: true,
      vpcSecurityGroupIds: [securityGroup],
      parameterGroupName: this.parameterGroup.name,
      publiclyAccessible: false,
      iamDatabaseAuthenticationEnabled: true,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      maintenanceWindow: settings.maintenanceWindow,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      monitoringInterval: settings.monitoringIntervalSeconds,
      monitoringRoleArn: this.monitoring.arn,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: this.key.arn,
      performanceInsightsRetentionPeriod: settings.performanceInsightsRetentionDays,
      enabledCloudwatchLogsExports: [...LOGS],
      deletionProtection: isProtected(protection),
    };
  }

  /** RDS would create the groups by itself, without key and without end. */
  private logGroups(instance: string, identifier: string) {
    return LOGS.map(
      (log) =>
        new EncryptedLogGroup(this, `${instance}-${log}`, {
          name: `/aws/rds/instance/${identifier}/${log}`,
          retentionDays: LOG_RETENTION_DAYS,
          key: this.key,
        }).resource,
    );
  }

  private guard(instance: DbInstance): void {
    const { protection } = this.props;
    protect(instance, protection);
    if (protection !== true) noteOptOut(instance, "deletion_protection", protection);
  }
}

function memoryChecks({ instanceClass, parameters }: Settings): [boolean, string][] {
  const memory = instanceMemoryMiB(instanceClass);
  if (memory === undefined) {
    return [
      [false, `instanceClass ${instanceClass} is not in constructs/aws/database/instance-memory.ts; add its memory`],
    ];
  }
  const most = Math.floor(memory * LARGEST_SHARED_BUFFERS);
  const mostSessions = Math.floor((memory - parameters.sharedBuffersMiB) / SESSION_MIB);
  const holds = `${instanceClass} has ${memory} MiB`;
  return [
    [
      parameters.sharedBuffersMiB <= most,
      `parameters.sharedBuffersMiB is ${parameters.sharedBuffersMiB}, but ${holds}; use at most ${most}`,
    ],
    [
      parameters.effectiveCacheSizeMiB <= memory,
      `parameters.effectiveCacheSizeMiB is ${parameters.effectiveCacheSizeMiB}, but ${holds}; use less`,
    ],
    [
      parameters.maxConnections <= mostSessions,
      `parameters.maxConnections is ${parameters.maxConnections}, but ${holds}, and a session takes ${SESSION_MIB} beside ` +
        `parameters.sharedBuffersMiB; use at most ${mostSessions}`,
    ],
  ];
}

function replicaChecks({ identifier, readReplicas }: Settings): [boolean, string][] {
  const longest = `${identifier}-replica-${readReplicas}`;
  return [
    [
      readReplicas === 0 || longest.length <= 63,
      `replica identifier ${longest} is ${longest.length} characters; RDS takes at most 63`,
    ],
  ];
}
