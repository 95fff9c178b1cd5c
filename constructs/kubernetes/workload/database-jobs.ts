import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { workloadIdentities } from "../../aws/cluster/workload-identities";
import { BOOTSTRAP_JOB } from "../../../config/names";
import { check } from "../../support/check";
import { OneOffJob, ScheduledJob } from "./application-job";
import type { ApplicationJobProps } from "./application-job";
import type { ApplicationContainer } from "./pod";

export interface DatabaseJobsProps extends Pick<ApplicationJobProps, "namespace" | "pod"> {
  readonly image: string;
  /** When partitions are made ahead and dropped, UTC, cron. */
  readonly maintenanceSchedule: string;
  /** When the database is dumped, UTC, cron. */
  readonly dumpSchedule: string;
  /** Days after which the bucket removes a dump. */
  readonly dumpRetentionDays: number;
  readonly backupBucket: string;
  readonly region: string;
  /** How the project's tools reach the cluster: their arguments. */
  readonly reach: string;
  /** What must be there before any of them runs. */
  readonly after: readonly ITerraformDependable[];
}

/** What is done with the rights of an owner. */
export interface DatabaseTask {
  readonly name: string;
  /** Entry point of the image. */
  readonly command: string;
  readonly deadlineSeconds: number;
  readonly resources: Pick<ApplicationContainer, "requests" | "limits">;
}

const SMALL = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } };

/** What is done with the owner's rights. Migrations rewrite nothing big; a day's partitions are dropped whole. */
export const databaseTasks = {
  bootstrap: {
    name: BOOTSTRAP_JOB,
    command: "bootstrap-database.js",
    deadlineSeconds: 15 * 60,
    resources: SMALL,
  },
  maintenance: {
    name: "database-maintenance",
    command: "maintain-database.js",
    deadlineSeconds: 60 * 60,
    resources: SMALL,
  },
  backup: {
    name: "database-backup",
    command: "dump-database.js",
    // About 13 G ticks, and over before the session opens (ADR 181).
    deadlineSeconds: 6 * 60 * 60,
    // Compresses on one core, and holds four parts of an upload.
    resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1500m", memory: "1Gi" } },
  },
} as const satisfies Record<string, DatabaseTask>;

/** What the database's owner does: roles and tables before services change, partitions and a dump day by day. */
export class DatabaseJobs extends Construct {
  /** What a service waits for. */
  readonly bootstrapped: ITerraformDependable;

  constructor(scope: Construct, id: string, props: DatabaseJobsProps) {
    super(scope, id);
    const { namespace, pod, image, reach, after, maintenanceSchedule, dumpSchedule } = props;
    check(this, [
      [
        endsBefore(databaseTasks.maintenance, maintenanceSchedule, dumpSchedule),
        `maintenance at "${maintenanceSchedule}" may take an hour, and the dump begins at "${dumpSchedule}"`,
      ],
      [
        endsBefore(databaseTasks.backup, dumpSchedule, maintenanceSchedule),
        `the dump at "${dumpSchedule}" may take six hours, and maintenance begins at "${maintenanceSchedule}"`,
      ],
    ]);
    const job = ({ name, command, deadlineSeconds, resources }: DatabaseTask): ApplicationJobProps => ({
      name,
      namespace,
      pod,
      container: { image, args: [command], ...resources },
      deadlineSeconds,
    });
    this.bootstrapped = new OneOffJob(this, "Bootstrap", { ...job(databaseTasks.bootstrap), reach, after }).completion;
    new ScheduledJob(this, "Maintenance", { ...job(databaseTasks.maintenance), schedule: maintenanceSchedule });

    const uploader = new ServiceAccountV1(this, "BackupAccount", {
      metadata: { name: workloadIdentities(namespace).databaseBackup.serviceAccount, namespace },
      automountServiceAccountToken: false,
    });
    const backup = job(databaseTasks.backup);
    new ScheduledJob(this, "Backup", {
      ...backup,
      schedule: dumpSchedule,
      pod: { ...pod, serviceAccount: uploader.metadata.name },
      container: {
        ...backup.container,
        env: {
          AWS_REGION: props.region,
          BACKUP_BUCKET: props.backupBucket,
          BACKUP_RETENTION_DAYS: String(props.dumpRetentionDays),
        },
      },
    });
  }
}

const DAY_SECONDS = 24 * 60 * 60;

/** Whether a task is over when another begins, by the times of day: it may be the same day. */
function endsBefore({ deadlineSeconds }: DatabaseTask, schedule: string, next: string): boolean {
  const [begins, follows] = [secondOfDay(schedule), secondOfDay(next)];
  if (begins === undefined || follows === undefined) return true;
  return (follows - begins + DAY_SECONDS) % DAY_SECONDS >= deadlineSeconds;
}

function secondOfDay(schedule: string): number | undefined {
  const [, minute, hour] = /^(\d+) (\d+) /.exec(schedule) ?? [];
  return minute === undefined ? undefined : (Number(hour) * 60 + Number(minute)) * 60;
}
