import { displayFor } from "../../lib/display/display";
import type { Output } from "../../lib/display/display";
import { Progress } from "../../lib/display/progress";
import type { Terraform } from "../../lib/terraform/terraform";
import { applyStack, StackFailed } from "./apply";
import type { Applied } from "./apply";
import { inDependencyOrder } from "../../lib/terraform/stacks";
import type { Outcome, SynthesizedStack } from "../../lib/terraform/stacks";

export interface DeployOptions {
  readonly terraform: Terraform;
  /** Address of the AWS emulator. */
  readonly endpoint: string;
  readonly output: Output;
  readonly interrupt: AbortSignal;
  /** Where runs of Terraform are recorded while they last. */
  readonly runsFolder: string;
}

/** Some stack did not become what it declares. */
export class DeployFailed extends Error {
  constructor(readonly failures: readonly StackFailed[]) {
    super(failures.map(describeFailure).join("\n\n"));
  }

  /** Whether a resource was refused because it exists already, which no state knows of. */
  get isConflict(): boolean {
    return this.failures
      .flatMap(({ problems }) => problems)
      .some(({ summary, detail }) => CONFLICT.test(summary) || CONFLICT.test(detail));
  }
}

/** The last two are Helm's: of a release that is installed already, or whose installation never came to its end. */
const CONFLICT =
  /already.?(exist|owned|in use)|duplicate|ResourceInUse|name that is still in use|another operation .*is in progress/i;

/** Applies every stack, in dependency order and otherwise side by side. @throws DeployFailed */
export async function deploy(
  stacks: readonly SynthesizedStack[],
  options: DeployOptions,
): Promise<ReadonlyMap<string, Applied>> {
  const display = displayFor(options.output, new Progress(stacks, Date.now));
  try {
    const outcomes = await inDependencyOrder(stacks, async (stack) => {
      if (options.interrupt.aborted) throw new StackFailed(stack.id, [INTERRUPTED]);
      display.begin(stack.id);
      try {
        const applied = await applyStack(stack, {
          ...options,
          onEvent: (event) => {
            display.event(stack.id, event);
          },
        });
        display.end(stack.id, "done");
        return applied;
      } catch (error) {
        display.end(stack.id, "failed");
        throw error;
      }
    });
    return results(outcomes);
  } finally {
    display.close();
  }
}

const INTERRUPTED = { summary: "interrupted before it began", detail: "", address: undefined };

function results(outcomes: ReadonlyMap<string, Outcome<Applied>>): ReadonlyMap<string, Applied> {
  const failures: StackFailed[] = [];
  const done = new Map<string, Applied>();
  for (const [id, outcome] of outcomes) {
    if (outcome.kind === "done") done.set(id, outcome.result);
    if (outcome.kind !== "failed") continue;
    if (!(outcome.error instanceof StackFailed)) throw outcome.error;
    failures.push(outcome.error);
  }
  if (failures.length > 0) throw new DeployFailed(failures);
  return done;
}

function describeFailure({ stackId, problems }: StackFailed): string {
  const described = problems.map(({ summary, detail, address }) => {
    const where = address === undefined ? "" : `${address}: `;
    const more = detail === "" ? "" : `\n    ${detail.replaceAll("\n", "\n    ")}`;
    return `  ${where}${summary}${more}`;
  });
  return `${stackId} failed:\n${described.join("\n")}`;
}
