import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import type { JobV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/job-v1";
import { Fn, TerraformLocal } from "cdktf";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { JOB_LABELS } from "../network-policy/application-policies";
import { ROOT_FROM_STACK } from "../../../lib/paths";
import { applicationPod } from "./pod";
import type { ApplicationContainer, PodProps } from "./pod";

export interface ApplicationJobProps {
  readonly name: string;
  readonly namespace: string;
  readonly pod: Omit<PodProps, "terminationGracePeriodSeconds">;
  readonly container: Omit<ApplicationContainer, "name">;
  /** Seconds that a run may take. */
  readonly deadlineSeconds: number;
}

export interface OneOffJobProps extends ApplicationJobProps {
  /** How the project's tools reach the cluster: their arguments. */
  readonly reach: string;
  /** Runs after a failing one, before it is given up. @default 2 */
  readonly retries?: number;
  /** What must be there before it runs. */
  readonly after: readonly ITerraformDependable[];
}

/** Seconds that a run has to stop when it is told to. */
const GRACE_SECONDS = 30;

/** Runs after a failing one, before it is given up. */
const RETRIES = 2;

/**
 * A command of the application that must have succeeded before what depends on it changes. A Job cannot be changed:
 * its name carries a digest of its image and parameters, so that new ones make a new Job. One that fails ends the
 * deploy with the last lines of its log; the next deploy makes it anew.
 */
export class OneOffJob extends Construct {
  /** What waits for the run. */
  readonly completion: ITerraformDependable;

  constructor(scope: Construct, id: string, props: OneOffJobProps) {
    super(scope, id);
    const { namespace, pod, container, deadlineSeconds, reach } = props;
    const parameters = [container.image, ...container.args, pod.secrets.secretName].join(" ");
    const digest = Fn.substr(Fn.sha256(new TerraformLocal(this, "Parameters", parameters).asString), 0, 10);
    const name = `${props.name}-${digest}`;
    this.completion = new JobV1(this, "Resource", {
      metadata: { name, namespace, labels: JOB_LABELS },
      spec: {
        backoffLimit: props.retries ?? RETRIES,
        // Whoever waits gives up first: pods that are past it take their logs with them.
        activeDeadlineSeconds: deadlineSeconds + GRACE_SECONDS,
        template: { metadata: { labels: { app: props.name, ...JOB_LABELS } }, spec: jobPod(props) },
      },
      // Terraform's own waiting shows no log.
      waitForCompletion: false,
      provisioners: [
        {
          type: "local-exec",
          workingDir: ROOT_FROM_STACK,
          command: `npm run --silent await-job -- --namespace ${namespace} --job ${name} --seconds ${deadlineSeconds} ${reach}`,
        },
      ],
      dependsOn: [...props.after],
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
