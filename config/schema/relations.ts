import type { z } from "zod";

/**
 * What of an input has the right shape: values that an issue points at are left out.
 * A check between fields works on this, so that it still speaks when another field is wrong.
 */
export type Sound<T> = T extends readonly (infer Element)[]
  ? readonly (Sound<Element> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Sound<T[Key]> }
    : T;

export interface Problem {
  readonly path: readonly PropertyKey[];
  /** Follows the path and the value: what is wrong, and what would be right. */
  readonly message: string;
}

/** A check between the fields of one object; fields that are wrong by themselves are absent. */
export type Relation<T> = (value: Sound<T>) => readonly Problem[];

/** A copy of an input without the values that issues point at. */
export function soundPart<T>(input: unknown, issues: readonly z.core.$ZodIssue[]): Sound<T> {
  const copy = structuredClone(input);
  for (const { path, code } of issues) {
    // An unknown key says nothing against the object that it was found in.
    if (code === "unrecognized_keys") continue;
    const parent = path.slice(0, -1).reduce<unknown>(child, copy);
    const key = path.at(-1);
    if (key !== undefined && typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, key);
  }
  return copy as Sound<T>;
}

/** The value under a key, or `undefined` where there is none to look into. */
export function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}
