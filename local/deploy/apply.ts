import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTerraform } from "../../lib/terraform/terraform";
import type { Terraform, TerraformRun } from "../../lib/terraform/terraform";
import { parseEvent } from "../../lib/terraform/events";
import type { Outputs, Problem, TerraformEvent } from "../../lib/terraform/events";
import type { SynthesizedStack } from "../../lib/terraform/stacks";

/** How one stack is applied. */
export interface ApplyOptions {
  readonly terraform: Terraform;
  /** Address of the AWS emulator. */
  readonly endpoint: string;
  readonly onEvent: (event: TerraformEvent) => void;
  readonly interrupt: AbortSignal;
  /** Where runs of Terraform are recorded while they last. */
  readonly runsFolder: string;
}

export interface Applied {
  /** Resources added, changed or removed. */
  readonly changes: number;
  readonly outputs: Outputs;
}

/** Terraform's own errors about a stack. */
export class StackFailed extends Error {
  constructor(
    readonly stackId: string,
    readonly problems: readonly Problem[],
  ) {
    super(`${stackId} failed: ${problems.map(({ summary }) => summary).join("; ")}`);
  }
}

/** Brings about what a stack declares. @throws StackFailed */
export async function applyStack(stack: SynthesizedStack, options: ApplyOptions): Promise<Applied> {
  await initialize(stack, options);
  const problems: Problem[] = [];
  let changes = 0;
  let outputs: Outputs = {};
  const run = await runTerraform(
    options.terraform,
    stack.folder,
    // A run that was killed may still be ending when the next one begins.
    ["apply", "-json", "-auto-approve", "-lock-timeout=60s"],
    {
      emulator: options.endpoint,
      interrupt: options.interrupt,
      runsFolder: options.runsFolder,
      onLine: (line) => {
        const event = parseEvent(line);
        if (event === undefined) return;
        if (event.kind === "planned") changes = event.changes;
        if (event.kind === "problem") problems.push(event.problem);
        if (event.kind === "outputs") outputs = event.outputs;
        options.onEvent(event);
      },
    },
  );
  if (run.code !== 0) throw new StackFailed(stack.id, problems.length > 0 ? problems : [unexplained(run)]);
  return { changes, outputs };
}

/**
 * `terraform init`, unless nothing that it reads has changed since it last succeeded: checking 700 MB takes seconds.
 *
 * @throws StackFailed
 */
export async function initialize(
  stack: SynthesizedStack,
  { terraform, interrupt, runsFolder }: Pick<ApplyOptions, "terraform" | "interrupt" | "runsFolder">,
): Promise<void> {
  const stamp = join(stack.folder, ".terraform", "initialized");
  const { terraform: settings } = JSON.parse(readFileSync(join(stack.folder, "cdk.tf.json"), "utf8")) as {
    terraform: unknown;
  };
  const inputs = createHash("sha256")
    .update(JSON.stringify([settings, terraform.version, readFileSync(terraform.cliConfigFile, "utf8")]))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) return;
  const run = await runTerraform(terraform, stack.folder, ["init", "-reconfigure", "-no-color"], {
    interrupt,
    runsFolder,
  });
  if (run.code !== 0) throw new StackFailed(stack.id, [unexplained(run)]);
  writeFileSync(stamp, inputs);
}

function unexplained(run: TerraformRun): Problem {
  return {
    summary: `terraform ended with exit code ${run.code}`,
    detail: (run.stderr.trim() || run.stdout.trim()).split("\n").slice(-20).join("\n"),
    address: undefined,
  };
}
