import { changesOf, digestOf, isEmpty } from "./plan/changes";
import { parsePlanFile } from "./plan/plan-file";
import type { Planned, StackReport, Waiting } from "./report/report";
import { readsOf, withoutSecrets } from "./stack-reads";
import { TerraformFailed } from "./workspace";
import type { Workspace } from "./workspace";
import type { Stack } from "./stacks";

/** Terraform's file of a plan, in the folder of its stack. */
export const PLAN = "pipeline.tfplan";

/**
 * `changes`: what a deploy would do. Where a refresh would read secrets it is left out, so that the plan is whole.
 * `drift`: what differs from the resources in AWS. Where a refresh would read secrets, the rest is looked at.
 */
export type Purpose = "changes" | "drift";

export interface PlanningOptions {
  readonly purpose: Purpose;
  /** Told of every stack when it is done. */
  readonly onReport: (report: StackReport) => void;
}

/** A deploy of the same stack may hold the lock. */
const LOCK = ["-input=false", "-lock-timeout=300s"];

/** Plans an environment's stacks, given in their order. One that fails does not keep the others from being planned. */
export async function planStacks(
  stacks: readonly Stack[],
  workspace: Workspace,
  { purpose, onReport }: PlanningOptions,
): Promise<readonly StackReport[]> {
  const reports = new Map<string, StackReport>();
  for (const stack of stacks) {
    const report = { stack: stack.id, ...(await outcomeOf(stack, stacks, reports, workspace, purpose)) } as StackReport;
    reports.set(stack.id, report);
    onReport(report);
  }
  return [...reports.values()];
}

type Outcome = StackReport extends infer R ? (R extends StackReport ? Omit<R, "stack"> : never) : never;

async function outcomeOf(
  stack: Stack,
  stacks: readonly Stack[],
  before: ReadonlyMap<string, StackReport>,
  workspace: Workspace,
  purpose: Purpose,
): Promise<Outcome> {
  try {
    await workspace.initialize(stack);
    const reads = readsOf(stack);
    const needs = await missing(stacks, reads, workspace);
    if (needs.length > 0) return { outcome: "waiting", needs };
    // Before the plan: a state that changes meanwhile then makes the plan stale, and not the other way round.
    await workspace.head(stack);
    return { ...(await plan(stack, workspace, purpose)), provisional: unsettled(reads, before) };
  } catch (error) {
    if (!(error instanceof TerraformFailed)) throw error;
    return { outcome: "failed", problem: error.message };
  }
}

/** Outputs that a stack reads and that the states before it do not have. */
async function missing(
  stacks: readonly Stack[],
  reads: ReadonlyMap<string, readonly string[]>,
  workspace: Workspace,
): Promise<Waiting["needs"]> {
  const needs: Waiting["needs"][number][] = [];
  for (const upstream of stacks.filter(({ id }) => reads.has(id))) {
    await workspace.initialize(upstream);
    const known = (await workspace.head(upstream))?.outputs ?? {};
    const outputs = (reads.get(upstream.id) ?? []).filter((name) => !Object.hasOwn(known, name));
    if (outputs.length > 0) needs.push({ stack: upstream.id, outputs });
  }
  return needs;
}

/** Stacks that are about to change, or may be about to change, what a stack reads of them. */
function unsettled(
  reads: ReadonlyMap<string, readonly string[]>,
  before: ReadonlyMap<string, StackReport>,
): readonly string[] {
  return [...reads].flatMap(([id, outputs]) => {
    const upstream = before.get(id);
    if (upstream === undefined || upstream.outcome === "failed") return [];
    if (upstream.outcome === "waiting") return [id];
    const { changes, provisional } = upstream;
    const changed = changes.outputs.some((name) => outputs.includes(name));
    return changed || (provisional.length > 0 && !isEmpty(changes)) ? [id] : [];
  });
}

async function plan(stack: Stack, workspace: Workspace, purpose: Purpose): Promise<Omit<Planned, "provisional">> {
  const { compared, options } = scope(stack, purpose);
  const args = ["plan", ...LOCK, "-no-color", "-detailed-exitcode", `-out=${PLAN}`, ...options];
  const run = await workspace.run(stack, args);
  // 2: there are changes.
  if (run.code !== 0 && run.code !== 2) throw new TerraformFailed(stack.id, "plan", run);
  const { stdout } = await workspace.must(stack, ["show", "-json", PLAN]);
  const changes = changesOf(parsePlanFile(stdout));
  return { outcome: "planned", changes, digest: digestOf(changes), compared };
}

function scope(
  stack: Stack,
  purpose: Purpose,
): { readonly compared: Planned["compared"]; readonly options: readonly string[] } {
  const targets = withoutSecrets(stack);
  if (targets === undefined) return { compared: "everything", options: [] };
  if (purpose === "changes") return { compared: "nothing", options: ["-refresh=false"] };
  return { compared: "all but secrets", options: targets.map((address) => `-target=${address}`) };
}
