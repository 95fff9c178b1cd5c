import { createHash } from "node:crypto";
import { hiddenValues } from "./hidden";
import type { Hidden } from "./hidden";
import { leaves } from "./masked";
import type { PlanFile, ResourceChange, ValueChange } from "./plan-file";
import { stateful } from "./stateful";

/** What happens to a resource; `adopt` and `forget` touch only the state. */
export type Kind = "destroy" | "replace" | "change" | "add" | "adopt" | "forget" | "move";

/** One attribute, as it may be shown. Nothing here is secret. */
export interface AttributeChange {
  readonly path: string;
  /** Absent where there was none. */
  readonly before?: string;
  readonly after?: string;
  /** It is the reason why the resource is replaced. */
  readonly forcesReplacement?: true;
}

/** What a plan does to one resource, as it may be shown. */
export interface Change {
  readonly kind: Kind;
  readonly address: string;
  /** For a move. */
  readonly from?: string;
  readonly attributes: readonly AttributeChange[];
  /** What is lost, when a resource that holds data is destroyed or replaced. */
  readonly loses?: string;
}

/** What a plan would do, with every sensitive value left out. */
export interface Changes {
  /** In the order of urgency: what destroys data, what destroys, what changes, what adds. */
  readonly resources: readonly Change[];
  /** Names of outputs whose values change. */
  readonly outputs: readonly string[];
  /** What was changed outside Terraform. */
  readonly drift: readonly Change[];
}

const URGENCY: readonly Kind[] = ["destroy", "replace", "change", "forget", "move", "adopt", "add"];

/** Reduces a plan file to what it does. */
export function changesOf(plan: PlanFile): Changes {
  const hidden = hiddenValues(plan);
  const all = (changes: readonly ResourceChange[] = []) => changes.flatMap((change) => changeOf(change, hidden));
  const resources = all(plan.resource_changes);
  return {
    resources: [...resources].sort((one, other) => rank(one) - rank(other)),
    outputs: Object.entries(plan.output_changes ?? {})
      .filter(([, { actions }]) => actions.some((action) => action !== "no-op"))
      .map(([name]) => name)
      .sort(),
    drift: all(plan.resource_drift).filter((drift) => isUndone(drift, resources)),
  };
}

/**
 * Whether the plan would undo what was found changed. The rest is what AWS fills in by itself, or what a resource
 * learns from another one that was made after it.
 */
function isUndone({ address, attributes, kind }: Change, planned: readonly Change[]): boolean {
  const change = planned.find((other) => other.address === address);
  if (change === undefined || kind === "destroy") return change !== undefined;
  return attributes.some(({ path }) => change.attributes.some((attribute) => attribute.path === path));
}

/** Whether applying it does anything: to a resource, or to what the stacks after it read. */
export function isEmpty({ resources, outputs }: Changes): boolean {
  return resources.length === 0 && outputs.length === 0;
}

/** How many of each kind. */
export function count(changes: readonly Change[]): Readonly<Record<Kind, number>> {
  const counts = { destroy: 0, replace: 0, change: 0, add: 0, adopt: 0, forget: 0, move: 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}

/** Names a set of changes: two plans with the same digest do the same, as far as a reviewer can see. */
export function digestOf({ resources, outputs }: Changes): string {
  const byAddress = [...resources].sort((one, other) => (one.address < other.address ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([byAddress, outputs]))
    .digest("hex");
}

/** Losing data before all else, then by kind. Addresses keep Terraform's order, which is by name. */
const rank = ({ kind, loses }: Change) => (loses === undefined ? URGENCY.length : 0) + URGENCY.indexOf(kind);

function changeOf(resource: ResourceChange, hidden: Hidden): readonly Change[] {
  const kind = kindOf(resource);
  if (resource.mode !== "managed" || kind === undefined) return [];
  const loses = kind === "destroy" || kind === "replace" ? stateful[resource.type] : undefined;
  return [
    {
      kind,
      address: resource.address,
      ...(kind === "move" && { from: resource.previous_address }),
      attributes: attributesOf(resource.change, kind, hidden),
      ...(loses !== undefined && { loses }),
    },
  ];
}

function kindOf({ change, previous_address: from, address }: ResourceChange): Kind | undefined {
  const { actions } = change;
  if (actions.includes("delete")) return actions.includes("create") ? "replace" : "destroy";
  if (actions.includes("create")) return "add";
  if (actions.includes("update")) return "change";
  if (actions.includes("forget")) return "forget";
  if (change.importing !== undefined) return "adopt";
  return from !== undefined && from !== address ? "move" : undefined;
}

function attributesOf(change: ValueChange, kind: Kind, hidden: Hidden): readonly AttributeChange[] {
  // What goes away goes away whole; what is destroyed is named by its address.
  if (kind === "destroy" || kind === "forget" || kind === "move" || kind === "adopt") return [];
  // Whatever was or will be sensitive is shown on neither side.
  const sensitive = [change.before_sensitive, change.after_sensitive];
  const before = new Map(leaves(change.before, { sensitive }).map((leaf) => [leaf.path, leaf]));
  const after = new Map(
    leaves(change.after, { sensitive, unknown: change.after_unknown }).map((leaf) => [leaf.path, leaf]),
  );
  const forcing = (change.replace_paths ?? []).map((path) => leafPath(path));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path): readonly AttributeChange[] => {
    const old = before.get(path);
    const next = after.get(path);
    // The provider's own tags are in `tags` or in every resource alike.
    if (/^tags_all\b/.test(path) || same(old?.value, next?.value)) return [];
    const forces = forcing.some(
      (forced) => path === forced || path.startsWith(`${forced}.`) || path.startsWith(`${forced}[`),
    );
    return [
      {
        path,
        ...(!isNothing(old?.value) && { before: hidden.without(textOf(old?.shown)) }),
        ...(!isNothing(next?.value) && { after: hidden.without(textOf(next?.shown)) }),
        ...(forces && { forcesReplacement: true as const }),
      },
    ];
  });
}

function leafPath(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/** Terraform writes null, "" and an empty list for one and the same: not set. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0)
  );
}

function same(before: unknown, after: unknown): boolean {
  return (isNothing(before) && isNothing(after)) || JSON.stringify(before) === JSON.stringify(after);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
