import { readable } from "../support/readable";

/** The part of `terraform show -json` that a golden plan is made from. */
interface Plan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly mode: "managed" | "data";
    readonly change: {
      readonly actions: readonly string[];
      readonly after: unknown;
      readonly after_sensitive: unknown;
    };
  }[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

/**
 * A plan as a reviewer reads it: what happens to each address, with the values that are known before apply.
 * Sensitive values are not shown; `tags_all` repeats the tags with the provider's own.
 */
export function readablePlan(text: string): unknown {
  const plan = JSON.parse(text) as Plan;
  const managed = (plan.resource_changes ?? []).filter(({ mode }) => mode === "managed");
  return {
    resources: Object.fromEntries(
      managed.map(({ address, change }) => [
        address,
        { actions: change.actions, values: readable(shown(change.after, change.after_sensitive)) },
      ]),
    ),
    outputs: Object.keys(plan.output_changes ?? {}).sort(),
  };
}

function shown(value: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return "(sensitive)";
  if (Array.isArray(value)) return value.map((item, index) => shown(item, child(sensitive, index)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => key !== "tags_all" && !isEmpty(item))
      .map(([key, item]) => [key, shown(item, child(sensitive, key))]),
  );
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
