import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type ApplicationJobProps, OneOffJob, ScheduledJob } from "./application-job";

export interface DatabaseJobsProps extends Pick<ApplicationJobProps, "namespace" | "pod"> {
  readonly image: string;
  /** When partitions are made ahead and dropped, UTC, cron. */
  readonly maintenanceSchedule: string;
  /** How the project's tools reach the cluster: their arguments. */
  readonly reach: string;
  /** What must be there before any of them runs. */
  readonly after: readonly ITerraformDependable[];
}

/** Migrations rewrite nothing big and wait for locks; a day's partitions are dropped whole. */
const DEADLINE_SECONDS = { bootstrap: 900, maintenance: 3600 };

const RESOURCES = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** What the database's owner does: roles and tables before services change, and partitions day by day. */
export class DatabaseJobs extends Construct {
  /** What a service waits for. */
  readonly bootstrapped: ITerraformDependable;

  constructor(scope: Construct, id: string, props: DatabaseJobsProps) {
    super(scope, id);
    const { namespace, pod, image, after } = props;
    const job = (name: string, command: string, deadlineSeconds: number): ApplicationJobProps => ({
      name,
      namespace,
      pod,
      container: { image, args: [command], ...RESOURCES },
      deadlineSeconds,
    });
    this.bootstrapped = new OneOffJob(this, "Bootstrap", {
      ...job("database-bootstrap", "bootstrap-database.js", DEADLINE_SECONDS.bootstrap),
      reach: props.reach,
      after,
    }).completion;
    new ScheduledJob(this, "Maintenance", {
      ...job("database-maintenance", "maintain-database.js", DEADLINE_SECONDS.maintenance),
      schedule: props.maintenanceSchedule,
    });
  }
}
