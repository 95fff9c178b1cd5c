import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { databaseUsers, databaseVariables } from "../../../app/packages/contract/database";
import { TIME_SERIES } from "../../../config/names";
import { accessTo } from "../time-series/time-series-database";
import type { TimeSeriesServer } from "../time-series/time-series-database";
import type { SecretFiles } from "../secrets/application-secret-files";
import { OneOffJob, ScheduledJob } from "./application-job";
import type { ApplicationJobProps } from "./application-job";
import { databaseTasks } from "./database-jobs";
import type { DatabaseTask } from "./database-jobs";
import { TIME_SERIES_AUTHORITY } from "./pod";

export interface TimeSeriesJobsProps {
  readonly namespace: string;
  readonly pod: Omit<ApplicationJobProps["pod"], "secrets" | "timeSeriesAuthority">;
  /** The time series' own server; there are no jobs where there is none. */
  readonly server: TimeSeriesServer | undefined;
  /** The files that jobs read at it. */
  readonly secrets: () => SecretFiles;
  readonly image: string;
  /** When candles that are too old are deleted, UTC, cron. */
  readonly maintenanceSchedule: string;
  /** How the project's tools reach the cluster: their arguments. */
  readonly reach: string;
  /** What must be there before any of them runs. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The first run starts with the server, whose volumes, image and files come first: runs follow each other after 10 s,
 * 20 s and so on, 10 minutes in all.
 */
const BOOTSTRAP = { retries: 6, deadlineSeconds: 20 * 60 };

/**
 * What the owner does at the time series' own server: the same commands as at the database on RDS, which prepare the same
 * tables. There is no dump: the server's operator takes backups (ADR 190).
 */
export class TimeSeriesJobs extends Construct {
  /** What a service waits for. */
  readonly bootstrapped: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: TimeSeriesJobsProps) {
    super(scope, id);
    const { server, reach, after, maintenanceSchedule: schedule } = props;
    if (server === undefined) {
      this.bootstrapped = [];
      return;
    }
    const bootstrap = new OneOffJob(this, "Bootstrap", {
      ...job("bootstrap", databaseTasks.bootstrap, props, server),
      ...BOOTSTRAP,
      reach,
      after: [server.ready, ...after],
    });
    new ScheduledJob(this, "Maintenance", {
      ...job("maintenance", databaseTasks.maintenance, props, server),
      schedule,
    });
    this.bootstrapped = [bootstrap.completion];
  }
}

function job(
  name: string,
  task: DatabaseTask,
  props: TimeSeriesJobsProps,
  server: TimeSeriesServer,
): ApplicationJobProps {
  const { namespace, pod, image } = props;
  return {
    name: `${TIME_SERIES}-${name}`,
    namespace,
    pod: { ...pod, secrets: props.secrets(), timeSeriesAuthority: server.authoritySecret },
    container: {
      image,
      args: [task.command],
      ...task.resources,
      env: {
        ...databaseVariables({ ...accessTo(server), username: databaseUsers.application }),
        DB_OWNER_USERNAME: server.owner,
        // In place of RDS's, which every pod's settings have.
        DB_SSL_AUTHORITIES: "",
        DB_SSL_AUTHORITIES_FILE: TIME_SERIES_AUTHORITY,
      },
    },
    deadlineSeconds: task.deadlineSeconds,
  };
}
