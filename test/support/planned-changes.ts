import type { RunOptions } from "../../lib/terraform/terraform";
import { terraform } from "./terraform";

interface ResourceChange {
  readonly address: string;
  readonly change: { readonly actions: readonly string[]; readonly before: unknown; readonly after: unknown };
}

/** What Terraform would do to one resource: each value that differs, by its path, before and after. */
export interface PlannedChange {
  readonly address: string;
  readonly actions: readonly string[];
  readonly changed: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** What a plan of the stack in a folder would do; nothing when it is what it declares. */
export async function plannedChanges(folder: string, options: RunOptions): Promise<readonly PlannedChange[]> {
  const { code } = await terraform(folder, ["plan", "-detailed-exitcode", "-out=plan"], options);
  if (code === 0) return [];
  const { stdout } = await terraform(folder, ["show", "-json", "plan"]);
  const { resource_changes: changes = [] } = JSON.parse(stdout) as { resource_changes?: ResourceChange[] };
  return changes
    .filter(({ change }) => !["no-op", "read"].includes(change.actions.join()))
    .map(({ address, change: { actions, before, after } }) => ({
      address,
      actions,
      changed: Object.fromEntries(differences(before, after)),
    }));
}

/** Lists and objects that differ are looked into; what remains are single values. */
function differences(before: unknown, after: unknown, path = ""): [string, [unknown, unknown]][] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isTree(before) || !isTree(after)) return [[path, [before, after]]];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(before[key], after[key], path === "" ? key : `${path}.${key}`));
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
