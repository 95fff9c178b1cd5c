import { leaves, SENSITIVE } from "./masked";
import type { PlanFile, ValueChange } from "./plan-file";

/** Shorter values, such as `true` or `5432`, are found everywhere and give nothing away. */
const SHORTEST = 6;

/** Knows every sensitive value of a plan, to keep it out of what is shown. */
export interface Hidden {
  /** The text without any of them. */
  without(text: string): string;
}

/**
 * The sensitive values of a plan. What is marked in one place may stand unmarked in another: Terraform 1.11 forgets
 * the mark of what a state holds of `terraform_data.output`, and a provider may repeat a password in a connection string.
 */
export function hiddenValues(plan: PlanFile): Hidden {
  const changes = [
    ...[...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])].map(({ change }) => change),
    ...Object.values(plan.output_changes ?? {}),
  ];
  const values = new Set(changes.flatMap(sensitiveTexts).filter((text) => text.length >= SHORTEST));
  // A longer one may hold a shorter one.
  const longestFirst = [...values].sort((one, other) => other.length - one.length);
  return {
    without: (text) => longestFirst.reduce((rest, value) => rest.replaceAll(value, SENSITIVE), text),
  };
}

function sensitiveTexts(change: ValueChange): readonly string[] {
  return [
    ...hiddenLeaves(change.before, change.before_sensitive),
    ...hiddenLeaves(change.after, change.after_sensitive),
  ];
}

function hiddenLeaves(value: unknown, mask: unknown): readonly string[] {
  return leaves(value, { sensitive: [mask] })
    .filter(({ shown }) => shown === SENSITIVE)
    .flatMap((leaf) => textsIn(leaf.value));
}

/** Every text in a value that is hidden as a whole. */
function textsIn(value: unknown): readonly string[] {
  return leaves(value, { sensitive: [] }).flatMap((leaf) => [
    ...(typeof leaf.value === "string" ? [leaf.value] : []),
    ...(typeof leaf.value === "number" ? [String(leaf.value)] : []),
  ]);
}
