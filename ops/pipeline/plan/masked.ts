/** Stands for a value that is never shown. */
export const SENSITIVE = "(sensitive)";
/** Stands for a value that the apply will find out. */
export const UNKNOWN = "(known after apply)";

/** A value that has no parts to show: text, number, truth value, null, an empty list or object, or one hidden whole. */
export interface Leaf {
  /** As in Terraform: `ingress[0].cidr_blocks[1]`, `tags["Cost centre"]`. */
  readonly path: string;
  /** What may be shown. */
  readonly shown: unknown;
  /** What it really is, to compare by; never shown. */
  readonly value: unknown;
}

/** What stands beside a value in a plan file and says which of its parts are sensitive or unknown. */
export interface Masks {
  readonly sensitive: readonly unknown[];
  readonly unknown?: unknown;
}

/** The leaves of a value in its own order, sensitive ones hidden at every depth. */
export function leaves(value: unknown, masks: Masks, path = ""): readonly Leaf[] {
  if (masks.sensitive.includes(true)) {
    // A whole that is hidden hides how many parts it has, too.
    return [{ path, shown: SENSITIVE, value: masks.unknown === true ? UNKNOWN : value }];
  }
  if (masks.unknown === true) return [{ path, shown: UNKNOWN, value: UNKNOWN }];
  // The plan leaves out a part that is unknown: only the mask has it.
  const keys = keysOf(value, masks.unknown);
  if (keys.length === 0) {
    const document = documentIn(value);
    // A policy or a dashboard in one line is compared by its parts as well.
    return document === undefined ? [{ path, shown: value, value }] : leaves(document, { sensitive: [] }, path);
  }
  return keys.flatMap((key) =>
    leaves(
      part(value, key),
      { sensitive: masks.sensitive.map((mask) => part(mask, key)), unknown: part(masks.unknown, key) },
      typeof key === "number" ? `${path}[${key}]` : join(path, key),
    ),
  );
}

/** What a text holds that is a JSON object or list with anything in it. */
function documentIn(value: unknown): object | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    const document = JSON.parse(value) as object;
    return Object.keys(document).length === 0 ? undefined : document;
  } catch {
    return undefined;
  }
}

function keysOf(value: unknown, unknown: unknown): readonly (string | number)[] {
  if (Array.isArray(value) || (Array.isArray(unknown) && value === undefined)) {
    return Array.from({ length: Math.max(lengthOf(value), lengthOf(unknown)) }, (_, index) => index);
  }
  const named = isObject(value) ? Object.keys(value) : [];
  // A mask of nothing is `{}` or `false` wherever a value is known.
  const added = isObject(unknown)
    ? Object.keys(unknown).filter((key) => !named.includes(key) && hasTrue(unknown[key]))
    : [];
  return value === null && added.length === 0 ? [] : [...named, ...added];
}

function hasTrue(mask: unknown): boolean {
  return mask === true || (typeof mask === "object" && mask !== null && Object.values(mask).some(hasTrue));
}

const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const part = (value: unknown, key: PropertyKey) =>
  typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;

function join(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
