import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A synthesized stack: what Terraform runs on. */
export interface SynthesizedStack {
  /** `<environment>-<stack>` */
  readonly id: string;
  /** Where its `cdk.tf.json` is and Terraform runs. */
  readonly folder: string;
  /** Ids of the stacks whose outputs it reads. */
  readonly dependencies: readonly string[];
  /** Whether its resources live in a Kubernetes cluster. */
  readonly inKubernetes: boolean;
}

interface Manifest {
  readonly stacks: Record<string, { readonly workingDirectory: string; readonly dependencies: readonly string[] }>;
}

/** One environment's stacks from the manifest that synthesis writes. */
export function synthesizedStacks(output: string, environment: string): SynthesizedStack[] {
  const manifest = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest;
  return Object.entries(manifest.stacks)
    .filter(([id]) => id.startsWith(`${environment}-`))
    .map(([id, { workingDirectory, dependencies }]) => {
      const folder = join(output, workingDirectory);
      const { provider } = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as { provider: object };
      return { id, folder, dependencies, inKubernetes: "kubernetes" in provider };
    });
}

/** One environment's stacks whose resources live in AWS. */
export function awsStacks(output: string, environment: string): SynthesizedStack[] {
  return synthesizedStacks(output, environment).filter(({ inKubernetes }) => !inKubernetes);
}

/**
 * Runs `work` for every stack as soon as those that it depends on are done, side by side otherwise. When one fails,
 * those that need it are left out and the rest goes on.
 *
 * @returns what became of each stack: the result, the error, or the dependency for want of which it was left out
 */
export async function inDependencyOrder<T>(
  stacks: readonly SynthesizedStack[],
  work: (stack: SynthesizedStack) => Promise<T>,
): Promise<ReadonlyMap<string, Outcome<T>>> {
  const started = new Map<string, Promise<Outcome<T>>>();
  const begin = (stack: SynthesizedStack, path: readonly string[]): Promise<Outcome<T>> => {
    if (path.includes(stack.id)) throw new Error(`stacks depend on each other: ${[...path, stack.id].join(" -> ")}`);
    const running = started.get(stack.id);
    if (running !== undefined) return running;
    const needed = stacks.filter((other) => stack.dependencies.includes(other.id));
    const outcome = Promise.all(needed.map((other) => begin(other, [...path, stack.id]))).then(async (outcomes) => {
      const missing = needed.find((_, index) => outcomes[index]?.kind !== "done");
      if (missing !== undefined) return { kind: "left out", dependency: missing.id } as const;
      return work(stack).then(
        (result) => ({ kind: "done", result }) as const,
        (error: unknown) => ({ kind: "failed", error }) as const,
      );
    });
    started.set(stack.id, outcome);
    return outcome;
  };
  const outcomes = await Promise.all(stacks.map(async (stack) => [stack.id, await begin(stack, [])] as const));
  return new Map(outcomes);
}

export type Outcome<T> =
  | { readonly kind: "done"; readonly result: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "left out"; readonly dependency: string };
