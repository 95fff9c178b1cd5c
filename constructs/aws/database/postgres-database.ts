import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { Construct } from "constructs";
import { EncryptionKey } from "../encryption/encryption-key";
import { ServiceRole } from "../iam/service-role";
import { EncryptedLogGroup } from "../logs/log-group";
import type { Account } from "../../../config/account";
import { check } from "../../support/check";
import { isProtected, noteOptOut, protect } from "../../support/protection";
import type { Protection } from "../../support/protection";
import { instanceMemoryMiB } from "./instance-memory";
import { postgresParameters } from "./parameters";
import type { PostgresSettings } from "./parameters";

export interface PostgresDatabaseProps {
  /** Instance identifier, at most 63 characters; replicas add `-replica-1`, `-replica-2`. */
  readonly identifier: string;
  /** PostgreSQL major version; AWS picks and updates the minor. */
  readonly majorVersion: string;
  /** For example `db.r5.2xlarge`. */
  readonly instanceClass: string;
  /** Initial storage, GiB. */
  readonly storageGiB: number;
  /** Storage grows by itself up to this, GiB. */
  readonly maxStorageGiB: number;
  /** The database that is created with the instance. */
  readonly name: string;
  readonly masterUsername: string;
  readonly port: number;
  /** A standby in another zone that takes over within a minute or two. */
  readonly multiAz: boolean;
  /** Asynchronous copies for reporting. */
  readonly readReplicas: number;
  readonly backupRetentionDays: number;
  /** `hh:mm-hh:mm`, UTC. */
  readonly backupWindow: string;
  /** `ddd:hh:mm-ddd:hh:mm`, UTC. */
  readonly maintenanceWindow: string;
  /** Seconds between two readings of enhanced monitoring. */
  readonly monitoringIntervalSeconds: number;
  readonly performanceInsightsRetentionDays: number;
  readonly parameters: PostgresSettings;
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
  readonly maxConnections: number;

  private readonly props: PostgresDatabaseProps;
  private readonly key: EncryptionKey;
  private readonly parameterGroup: DbParameterGroup;
  private readonly monitoring: ServiceRole;

  constructor(scope: Construct, id: string, props: PostgresDatabaseProps) {
    super(scope, id);
    check(this, [...memoryChecks(props), ...replicaChecks(props)]);
    this.props = props;

    this.key = new EncryptionKey(this, "Key", {
      alias: props.identifier,
      description: `Storage, logs, master password and performance data of ${props.identifier}`,
      account: props.account,
      services: [`logs.${props.account.region}.amazonaws.com`],
      protection: props.protection,
    });
    const subnetGroup = new DbSubnetGroup(this, "Subnets", {
      name: props.identifier,
      description: `Isolated subnets of ${props.identifier}`,
      subnetIds: [...props.subnets],
    });
    this.parameterGroup = new DbParameterGroup(this, "Parameters", {
      // The name carries the family: a new major version needs a group beside the old one.
      name: `${props.identifier}-postgres${props.majorVersion}`,
      family: `postgres${props.majorVersion}`,
      description: `Settings of ${props.identifier}`,
      parameter: [...postgresParameters(props.parameters, props.name)],
      lifecycle: { createBeforeDestroy: true },
    });
    this.monitoring = new ServiceRole(this, "Monitoring", {
      name: `${props.identifier}-monitoring`,
      description: `Enhanced monitoring of ${props.identifier}`,
      service: "monitoring.rds.amazonaws.com",
      actingFor: props.account,
      managedPolicies: ["service-role/AmazonRDSEnhancedMonitoringRole"],
    });

    const primary = this.primary(subnetGroup);
    const replicas = Array.from({ length: props.readReplicas }, (_, index) => this.replica(primary, index + 1));

    this.identifier = props.identifier;
    this.arn = primary.arn;
    this.resourceId = primary.resourceId;
    this.host = primary.address;
    this.port = props.port;
    this.name = props.name;
    this.masterSecretArn = primary.masterUserSecret.get(0).secretArn;
    this.replicaIdentifiers = replicas;
    this.instanceClass = props.instanceClass;
    this.storageGiB = props.storageGiB;
    this.maxConnections = props.parameters.maxConnections;
  }

  private primary(subnetGroup: DbSubnetGroup): DbInstance {
    const { props } = this;
    const kept = isProtected(props.protection);
    const instance = new DbInstance(this, "Primary", {
      ...this.common(props.identifier),
      kmsKeyId: this.key.arn,
      engine: "postgres",
      engineVersion: props.majorVersion,
      // Past standard support AWS upgrades instead of charging for the extension.
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
      allowMajorVersionUpgrade: false,
      allocatedStorage: props.storageGiB,
      dbName: props.name,
      username: props.masterUsername,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: this.key.arn,
      port: props.port,
      multiAz: props.multiAz,
      dbSubnetGroupName: subnetGroup.name,
      backupRetentionPeriod: props.backupRetentionDays,
      backupWindow: props.backupWindow,
      deleteAutomatedBackups: !kept,
      skipFinalSnapshot: !kept,
      ...(kept ? { finalSnapshotIdentifier: `${props.identifier}-final` } : {}),
      dependsOn: [...this.monitoring.grants, ...this.logGroups("Primary", props.identifier)],
    });
    this.guard(instance);
    return instance;
  }

  private replica(primary: DbInstance, number: number): string {
    const identifier = `${this.props.identifier}-replica-${number}`;
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
    const { props } = this;
    return {
      identifier,
      instanceClass: props.instanceClass,
      maxAllocatedStorage: props.maxStorageGiB,
      storageType: "gp3",
      storageEncrypted: true,
      vpcSecurityGroupIds: [props.securityGroup],
      parameterGroupName: this.parameterGroup.name,
      publiclyAccessible: false,
      iamDatabaseAuthenticationEnabled: true,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      maintenanceWindow: props.maintenanceWindow,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: true,
      monitoringInterval: props.monitoringIntervalSeconds,
      monitoringRoleArn: this.monitoring.arn,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: this.key.arn,
      performanceInsightsRetentionPeriod: props.performanceInsightsRetentionDays,
      enabledCloudwatchLogsExports: [...LOGS],
      deletionProtection: isProtected(props.protection),
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

function memoryChecks({ instanceClass, parameters }: PostgresDatabaseProps): [boolean, string][] {
  const memory = instanceMemoryMiB(instanceClass);
  if (memory === undefined) {
    return [
      [false, `instanceClass ${instanceClass} is not in constructs/aws/database/instance-memory.ts; add its memory`],
    ];
  }
  const most = Math.floor(memory * LARGEST_SHARED_BUFFERS);
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
  ];
}

function replicaChecks({ identifier, readReplicas }: PostgresDatabaseProps): [boolean, string][] {
  const longest = `${identifier}-replica-${readReplicas}`;
  return [
    [
      readReplicas === 0 || longest.length <= 63,
      `replica identifier ${longest} is ${longest.length} characters; RDS takes at most 63`,
    ],
  ];
}
