import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import type { IResolvable, TerraformStack } from "cdktf";
import { known, rule } from "./rule";
import type { Rule } from "./rule";

/** What runs pods. */
export type Workload = DeploymentV1 | JobV1 | CronJobV1;

/** A pod as the provider's classes describe it; they do so alike for every workload. */
export type Pod = DeploymentV1SpecTemplateSpec;
export type Container = DeploymentV1SpecTemplateSpecContainer;

/** A pod with the labels and the namespace that it will have. */
export interface Template {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string | undefined;
  readonly pod: Pod;
  readonly containers: readonly Container[];
}

export function templateOf(workload: Workload): Template {
  const { metadata, spec } = podTemplate(workload);
  const pod: Pod = spec ?? {};
  return {
    labels: known(metadata.labels) ?? {},
    namespace: workload.metadataInput?.namespace,
    pod,
    containers: [...(known(pod.initContainer) ?? []), ...(known(pod.container) ?? [])] as readonly Container[],
  };
}

function podTemplate(workload: Workload) {
  if (workload instanceof CronJobV1) {
    const { template } = known(workload.specInput)?.jobTemplate.spec ?? {};
    return { metadata: template?.metadata ?? {}, spec: template?.spec };
  }
  const template = workload.specInput?.template;
  return { metadata: template?.metadata ?? {}, spec: template?.spec };
}

type Text = Pick<Rule, "id" | "title" | "remedy">;

/** A rule about the pods of every workload. */
export function podRule(text: Text, holds: (template: Template, stack: TerraformStack) => boolean): Rule<Workload> {
  return rule<Workload>([DeploymentV1, JobV1, CronJobV1], {
    ...text,
    complies: (workload, stack) => holds(templateOf(workload), stack),
  });
}

/** A rule about every container of every workload, those that start a pod included. */
export function containerRule(text: Text, holds: (container: Container, pod: Pod) => boolean): Rule<Workload> {
  return podRule(text, ({ containers, pod }) => containers.every((container) => holds(container, pod)));
}

/** A rule about what serves: pods that go on, and are asked how they are. */
export function deploymentRule(
  text: Text,
  holds: (template: Template, deployment: DeploymentV1, stack: TerraformStack) => boolean,
): Rule<DeploymentV1> {
  return rule(DeploymentV1, {
    ...text,
    complies: (deployment, stack) => holds(templateOf(deployment), deployment, stack),
  });
}

/** Whether a switch was turned off on purpose; what is absent leaves it to Kubernetes, which turns it on. */
export function isFalse(value: boolean | IResolvable | undefined): boolean {
  return known(value) === false;
}

/** Whether a selector matches pods with these labels; one without labels matches every pod. */
export function selects(
  matchLabels: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}
