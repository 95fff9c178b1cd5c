import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { JobV1, type JobV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/job-v1";
import { Fn, type ITerraformDependable, TerraformLocal } from "cdktf";
import { Construct } from "constructs";
import { JOB_LABELS } from "../network-policy/network-policies";
import { type ApplicationContainer, applicationPod, type PodProps } from "./pod";

export interface ApplicationJobProps {
  readonly name: string;
  readonly namespace: string;
  readonly pod: Omit<PodProps, "terminationGracePeriodSeconds">;
  readonly container: Omit<ApplicationContainer, "name">;
  /** Seconds that a run may take. */
  readonly deadlineSeconds: number;
}

export interface OneOffJobProps extends ApplicationJobProps {
  /** What must be there before it runs. */
  readonly after: readonly ITerraformDependable[];
}

/** Seconds that a run has to stop when it is told to. */
const GRACE_SECONDS = 30;

/** Runs before a failing run is given up. */
const RETRIES = 2;

/**
 * A command of the application that must have succeeded before what depends on it changes. A Job cannot be changed:
 * its name carries a digest of its image and parameters, so that new ones make a new Job.
 */
export class OneOffJob extends Construct {
  /** What waits for the run. */
  readonly completion: ITerraformDependable;

  constructor(scope: Construct, id: string, props: OneOffJobProps) {
    super(scope, id);
    const { name, namespace, pod, container, deadlineSeconds } = props;
    const parameters = [container.image, ...container.args, pod.secrets.secretName].join(" ");
    const digest = Fn.substr(Fn.sha256(new TerraformLocal(this, "Parameters", parameters).asString), 0, 10);
    this.completion = new JobV1(this, "Resource", {
      metadata: { name: `${name}-${digest}`, namespace, labels: JOB_LABELS },
      spec: {
        backoffLimit: RETRIES,
        activeDeadlineSeconds: deadlineSeconds,
        template: { metadata: { labels: { app: name, ...JOB_LABELS } }, spec: jobPod(props) },
      },
      waitForCompletion: true,
      dependsOn: [...props.after],
      timeouts: { create: `${deadlineSeconds + GRACE_SECONDS}s`, update: `${deadlineSeconds + GRACE_SECONDS}s` },
    });
  }
}

export interface ScheduledJobProps extends ApplicationJobProps {
  /** Cron expression of five fields, UTC. */
  readonly schedule: string;
}

/** A command of the application that runs on a schedule, one run at a time. */
export class ScheduledJob extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    const { name, namespace, schedule, deadlineSeconds } = props;
    new CronJobV1(this, "Resource", {
      metadata: { name, namespace, labels: JOB_LABELS },
      spec: {
        schedule,
        timezone: "Etc/UTC",
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: 600,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 5,
        jobTemplate: {
          metadata: { labels: JOB_LABELS },
          spec: {
            backoffLimit: RETRIES,
            activeDeadlineSeconds: deadlineSeconds,
            template: { metadata: { labels: { app: name, ...JOB_LABELS } }, spec: jobPod(props) },
          },
        },
      },
    });
  }
}

function jobPod({ name, pod, container }: ApplicationJobProps): JobV1SpecTemplateSpec {
  return {
    ...applicationPod({ ...pod, terminationGracePeriodSeconds: GRACE_SECONDS }, { ...container, name }),
    restartPolicy: "Never",
  };
}
