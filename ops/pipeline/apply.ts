import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inOrder } from "./stacks";
import type { Stack } from "./stacks";
import { releaseLock } from "./lock";
import { PLAN } from "./planning";
import { openSeal, stale, tampered } from "./seal";
import type { Seal } from "./seal";
import { TerraformFailed } from "./workspace";
import type { Workspace } from "./workspace";

export interface ApplyOptions {
  /** Folder of sealed stacks. */
  readonly sealed: string;
  /** Folder in which each stack gets the folder that Terraform runs in. */
  readonly workFolder: string;
  /** Git commit of the code that this is. */
  readonly commit: string;
  readonly workspace: Workspace;
  readonly tell: (line: string) => void;
}

/** Plans that may not be applied any more, or never might: nothing has been changed. */
export class PlansRefused extends Error {
  constructor(reasons: readonly string[]) {
    super(`Nothing was changed. These plans are refused:\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
  }
}

/** One stack failed; those after it were not touched. */
export class ApplyFailed extends Error {}

interface Opened {
  readonly seal: Seal;
  readonly stack: Stack;
}

/**
 * Applies sealed plans, one stack after the other, and stops at the first that fails.
 *
 * @returns the stacks that were applied
 * @throws PlansRefused before anything is changed, when any of the plans does not hold
 * @throws ApplyFailed with what was applied, what failed and what was left alone
 */
export async function applySealed(options: ApplyOptions): Promise<readonly string[]> {
  const opened = open(options);
  const stacks = opened.map(({ stack }) => stack);
  await refuseUnfit(opened, stacks, options);

  const toApply = opened.filter(({ seal }) => seal.plan !== null);
  const applied: string[] = [];
  for (const { seal, stack } of toApply) {
    const problem = await applyOne(seal, stack, stacks, options);
    if (problem !== undefined) {
      const rest = toApply.map(({ stack: { id } }) => id).slice(applied.length + 1);
      throw new ApplyFailed(
        [problem, `Applied: ${list(applied)}. Failed: ${stack.id}. Left alone: ${list(rest)}.`].join("\n"),
      );
    }
    applied.push(stack.id);
  }
  return applied;
}

function open({ sealed, workFolder }: ApplyOptions): readonly Opened[] {
  const opened = new Map(
    readdirSync(sealed, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => [name, openSeal(sealed, name, join(workFolder, name))]),
  );
  return inOrder([...opened.values()].map(({ stack }) => stack)).flatMap(({ id }) => opened.get(id) ?? []);
}

async function refuseUnfit(
  opened: readonly Opened[],
  stacks: readonly Stack[],
  { commit, workspace }: ApplyOptions,
): Promise<void> {
  const refuse = (reasons: readonly string[]) => {
    if (reasons.length > 0) throw new PlansRefused(reasons);
  };
  const named = ({ stack }: Opened, reasons: readonly string[]) => reasons.map((reason) => `${stack.id}: ${reason}`);
  refuse(opened.flatMap((one) => named(one, tampered(one.seal, one.stack, { commit, terraform: workspace.version }))));
  const reasons: string[] = [];
  for (const { stack } of opened) await workspace.initialize(stack, ["-lockfile=readonly"]);
  for (const one of opened) {
    if (one.seal.plan !== null) reasons.push(...named(one, await stale(one.seal, one.stack, stacks, workspace)));
  }
  refuse(reasons);
}

/** @returns why it failed; undefined when it did not */
async function applyOne(
  seal: Seal,
  stack: Stack,
  stacks: readonly Stack[],
  { workspace, tell }: ApplyOptions,
): Promise<string | undefined> {
  // What was applied just now may have changed what this one reads, whatever its plan foresaw.
  const reasons = await stale(seal, stack, stacks, workspace);
  if (reasons.length > 0) return `${stack.id}: ${reasons.join("; ")}`;
  tell(`Applying ${stack.id} ...`);
  const run = await workspace.run(stack, ["apply", "-input=false", "-no-color", "-lock-timeout=300s", PLAN], {
    onLine: tell,
  });
  if (run.code === 0) return undefined;
  const released = await releaseLock(stack, workspace);
  return [new TerraformFailed(stack.id, "apply", run).message, ...(released === undefined ? [] : [released])].join(
    "\n",
  );
}

const list = (ids: readonly string[]) => (ids.length === 0 ? "nothing" : ids.join(", "));
