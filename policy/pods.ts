import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
} from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import type { TerraformStack } from "cdktf";
import { known, rule } from "./rule";
import type { Rule } from "./rule";

/** What runs pods. */
type Workload = DeploymentV1 | JobV1 | CronJobV1;

/** A pod as the provider's classes describe it; they do so alike for every workload. */
export type Pod = DeploymentV1SpecTemplateSpec;
export type Container = DeploymentV1SpecTemplateSpecContainer;

/** A pod with the labels and the namespace that it will have. */
interface Template {
  readonly labels: Readonly<Record<string, string>>;
  readonly namespace: string | undefined;
  readonly pod: Pod;
  readonly containers: readonly Container[];
}

function templateOf(workload: Workload): Template {
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

/** A rule without the classes that it applies to, which judges a part of their elements. */
type RuleOn<Judged extends readonly unknown[]> = Omit<Rule, "appliesTo" | "complies"> & {
  complies(...judged: Judged): boolean;
};

/** A rule about the pods of every workload. */
export function podRule(on: RuleOn<[template: Template, stack: TerraformStack]>): Rule<Workload> {
  return rule<Workload>([DeploymentV1, JobV1, CronJobV1], {
    ...on,
    complies: (workload, stack) => on.complies(templateOf(workload), stack),
  });
}

/** A rule about every container of every workload, those that start a pod included. */
export function containerRule(on: RuleOn<[container: Container, pod: Pod]>): Rule<Workload> {
  return podRule({
    ...on,
    complies: ({ containers, pod }) => containers.every((container) => on.complies(container, pod)),
  });
}

/** A rule about what serves: pods that go on, and are asked how they are. */
export function deploymentRule(on: RuleOn<[template: Template, stack: TerraformStack]>): Rule<DeploymentV1> {
  return rule(DeploymentV1, {
    ...on,
    complies: (deployment, stack) => on.complies(templateOf(deployment), stack),
  });
}
