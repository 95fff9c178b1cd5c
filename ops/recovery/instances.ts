import {
  CreateDBSnapshotCommand,
  DBInstanceNotFoundFault,
  DBSnapshotAlreadyExistsFault,
  DBSnapshotNotFoundFault,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  InvalidDBInstanceStateFault,
  ModifyDBInstanceCommand,
  paginateDescribeDBSnapshots,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from "@aws-sdk/client-rds";
import type { DBInstance, RDSClient } from "@aws-sdk/client-rds";
import { MINUTE_MS } from "../core/clock";
import { until } from "../core/until";
import type { WaitContext } from "../core/until";

/** Where an instance comes from: a snapshot, or any moment that its logs reach. */
export type Origin = { readonly snapshot: string } | { readonly of: string; /** ISO 8601 */ readonly time: string };

export interface RestorableWindow {
  readonly from: string;
  readonly until: string;
}

/** Restoring hundreds of GiB takes RDS tens of minutes. */
const TIMEOUT_MS = 3 * 60 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The database instances of RDS and their snapshots. */
export class Instances {
  constructor(private readonly rds: RDSClient) {}

  async find(DBInstanceIdentifier: string): Promise<DBInstance | undefined> {
    try {
      const { DBInstances } = await this.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
      return DBInstances?.[0];
    } catch (error) {
      if (error instanceof DBInstanceNotFoundFault) return undefined;
      throw error;
    }
  }

  /** Snapshots that can be restored, automatic ones too, the newest first. */
  async snapshots(DBInstanceIdentifier: string): Promise<readonly string[]> {
    const found: { readonly id: string; readonly at: number }[] = [];
    for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots(
      { client: this.rds },
      { DBInstanceIdentifier },
    )) {
      for (const { DBSnapshotIdentifier: id = "", SnapshotCreateTime, Status } of DBSnapshots) {
        if (Status === "available") found.push({ id, at: SnapshotCreateTime?.getTime() ?? 0 });
      }
    }
    return found.sort((one, other) => other.at - one.at).map(({ id }) => id);
  }

  /** Moments that the instance can be restored to; undefined where it keeps no logs. */
  async restorable(identifier: string): Promise<RestorableWindow | undefined> {
    const { LatestRestorableTime, BackupRetentionPeriod = 0, InstanceCreateTime } = (await this.find(identifier)) ?? {};
    if (LatestRestorableTime === undefined || BackupRetentionPeriod === 0) return undefined;
    const kept = LatestRestorableTime.getTime() - BackupRetentionPeriod * DAY_MS;
    const from = new Date(Math.max(kept, InstanceCreateTime?.getTime() ?? 0));
    return { from: from.toISOString(), until: LatestRestorableTime.toISOString() };
  }

  async takeSnapshot(DBInstanceIdentifier: string, DBSnapshotIdentifier: string): Promise<void> {
    try {
      await this.rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
    } catch (error) {
      if (!(error instanceof DBSnapshotAlreadyExistsFault)) throw error;
    }
  }

  async deleteSnapshot(DBSnapshotIdentifier: string): Promise<void> {
    try {
      await this.rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));
    } catch (error) {
      if (!(error instanceof DBSnapshotNotFoundFault)) throw error;
    }
  }

  async snapshotTaken(context: WaitContext, DBSnapshotIdentifier: string): Promise<string> {
    return until(context, { what: `the snapshot ${DBSnapshotIdentifier}`, timeoutMs: TIMEOUT_MS }, async () => {
      const { DBSnapshots } = await this.rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }));
      const { Status = "not there", PercentProgress = 0, AllocatedStorage = 0 } = DBSnapshots?.[0] ?? {};
      if (Status === "failed") throw new Error(`RDS could not take the snapshot ${DBSnapshotIdentifier}`);
      context.progress.note(`${PercentProgress} %`);
      return Status === "available" ? `${AllocatedStorage} GiB` : undefined;
    });
  }

  /** Makes an instance beside another, with its settings: class, network, parameters. Does nothing where it is. */
  async restore(origin: Origin, target: string, like: DBInstance): Promise<void> {
    if ((await this.find(target)) !== undefined) return;
    const settings = {
      DBInstanceClass: like.DBInstanceClass,
      DBSubnetGroupName: like.DBSubnetGroup?.DBSubnetGroupName,
      VpcSecurityGroupIds: like.VpcSecurityGroups?.map(({ VpcSecurityGroupId = "" }) => VpcSecurityGroupId),
      DBParameterGroupName: like.DBParameterGroups?.[0]?.DBParameterGroupName,
      MultiAZ: like.MultiAZ,
      PubliclyAccessible: false,
      StorageType: like.StorageType,
      EnableIAMDatabaseAuthentication: like.IAMDatabaseAuthenticationEnabled,
      EnableCloudwatchLogsExports: like.EnabledCloudwatchLogsExports,
      CopyTagsToSnapshot: true,
      DeletionProtection: false,
    };
    if ("snapshot" in origin) {
      const ids = { DBInstanceIdentifier: target, DBSnapshotIdentifier: origin.snapshot };
      await this.rds.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...settings, ...ids }));
    } else {
      const ids = { TargetDBInstanceIdentifier: target, SourceDBInstanceIdentifier: origin.of };
      await this.rds.send(
        new RestoreDBInstanceToPointInTimeCommand({ ...settings, ...ids, RestoreTime: new Date(origin.time) }),
      );
    }
  }

  async delete(DBInstanceIdentifier: string): Promise<void> {
    if ((await this.find(DBInstanceIdentifier)) === undefined) return;
    await this.rds.send(
      new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true, DeleteAutomatedBackups: true }),
    );
  }

  /** @returns the address that it answers at */
  async available(context: WaitContext, identifier: string): Promise<DBInstance> {
    return until(context, { what: `the instance ${identifier}`, timeoutMs: TIMEOUT_MS, everyMs: 15_000 }, async () => {
      const found = await this.find(identifier);
      context.progress.note(found?.DBInstanceStatus ?? "not there yet");
      return found?.DBInstanceStatus === "available" && found.Endpoint !== undefined ? found : undefined;
    });
  }

  /** Gives an instance another name, and with it another address. Done already, it does nothing. */
  async rename(from: string, to: string): Promise<void> {
    if ((await this.find(from)) === undefined && (await this.find(to)) !== undefined) return;
    await this.rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: from, NewDBInstanceIdentifier: to, ApplyImmediately: true }),
    );
  }

  /** What a restored instance does not take over from the one that it replaces. */
  async finishSettings(identifier: string, like: DBInstance): Promise<void> {
    await this.rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        ApplyImmediately: true,
        BackupRetentionPeriod: like.BackupRetentionPeriod,
        PreferredBackupWindow: like.PreferredBackupWindow,
        PreferredMaintenanceWindow: like.PreferredMaintenanceWindow,
        DeletionProtection: like.DeletionProtection,
        MaxAllocatedStorage: like.MaxAllocatedStorage,
        MonitoringInterval: like.MonitoringInterval,
        MonitoringRoleArn: like.MonitoringRoleArn,
        // Its owner's password is of the time that it was restored to, and kept nowhere any more.
        ManageMasterUserPassword: true,
        MasterUserSecretKmsKeyId: like.MasterUserSecret?.KmsKeyId,
      }),
    );
  }

  /** Lets the standby take over. Does nothing while it is being done. */
  async failOver(DBInstanceIdentifier: string): Promise<void> {
    try {
      await this.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ForceFailover: true }));
    } catch (error) {
      if (!(error instanceof InvalidDBInstanceStateFault)) throw error;
    }
  }
}
