import { environment, environmentNames } from "../../config";
import type { Environment } from "../../config";
import { deliveryRoles } from "../../config/names";
import { iamArn } from "../../config/account";
import { synthesizedStacks } from "../../lib/terraform/stacks";
import type { SynthesizedStack } from "../../lib/terraform/stacks";

/** What the pipeline needs to know of a stack; one that comes from an artifact has no more. */
export type Stack = Pick<SynthesizedStack, "id" | "folder" | "dependencies">;

/** What a workflow needs to know of an environment before it may ask AWS anything. */
export interface EnvironmentJob {
  readonly environment: string;
  readonly region: string;
  readonly planRole: string;
  readonly deployRole: string;
  /** In the order in which they are planned and applied. */
  readonly stacks: readonly string[];
}

/** One entry for each environment that has an account of its own: what an emulator holds, no workflow deploys. */
export function environmentJobs(output: string): readonly EnvironmentJob[] {
  return environmentNames
    .map((name) => environment(name))
    .filter(({ aws }) => aws.emulator === undefined)
    .map((settings) => environmentJob(settings, stacksInOrder(output, settings.name)));
}

export function environmentJob(
  { name, prefix, aws }: Pick<Environment, "name" | "prefix" | "aws">,
  stacks: readonly Stack[],
): EnvironmentJob {
  const roles = deliveryRoles(prefix);
  return {
    environment: name,
    region: aws.region,
    planRole: iamArn(aws, `role/${roles.plan}`),
    deployRole: iamArn(aws, `role/${roles.deploy}`),
    stacks: stacks.map(({ id }) => id),
  };
}

/**
 * One environment's synthesized stacks, each after all that it depends on and otherwise by name.
 *
 * @throws Error when the environment has none, or they depend on each other in a circle
 */
export function stacksInOrder(output: string, environmentName: string): readonly Stack[] {
  const stacks = synthesizedStacks(output, environmentName);
  if (stacks.length === 0) {
    throw new Error(
      `${output} has no stacks of ${environmentName}; synthesize them first: ENVIRONMENTS=${environmentName} npm run synth`,
    );
  }
  return inOrder(stacks);
}

/** Stacks so that each comes after all that it depends on, and otherwise by name. */
export function inOrder(stacks: readonly Stack[]): readonly Stack[] {
  const waiting = [...stacks].sort((one, other) => (one.id < other.id ? -1 : 1));
  const ordered: Stack[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ dependencies }) => !waiting.some(({ id }) => dependencies.includes(id)));
    if (next === -1) {
      throw new Error(`The stacks ${waiting.map(({ id }) => id).join(", ")} depend on each other: none can be first`);
    }
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}
