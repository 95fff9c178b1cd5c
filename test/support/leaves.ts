import type { z } from "zod";

type Schema = z.core.$ZodType;
type Path = readonly (string | number)[];

/** A setting that is no object and no list: what an environment's file may say otherwise. */
export interface Leaf {
  readonly path: Path;
  /** The path with `*` for places in lists and for keys of records. */
  readonly name: string;
  readonly schema: Schema;
  readonly value: unknown;
}

/** Every leaf that a value has, with defaults and without what is left out. */
export function leavesOf(schema: Schema, value: unknown, path: Path = [], name = ""): readonly Leaf[] {
  if (value === undefined) return [];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const below = (part: Schema, key: string | number, step = String(key)) =>
    leavesOf(part, at(value, [key]), [...path, key], name === "" ? step : `${name}.${step}`);
  switch (def.type) {
    case "object":
      return Object.entries(def.shape).flatMap(([key, part]) => below(part, key));
    case "array":
      return (value as readonly unknown[]).flatMap((_, index) => below(def.element, index, "*"));
    case "record":
      return Object.keys(value as object).flatMap((key) => below(def.valueType, key, "*"));
    case "union": {
      const option = def.options.find((one) => (one as z.ZodType).safeParse(value).success);
      return option === undefined ? [] : leavesOf(option, value, path, name);
    }
    case "optional":
    case "default":
      return leavesOf(def.innerType, value, path, name);
    default:
      return [{ path, name, schema, value }];
  }
}

/** Names of all leaves that a schema lets an environment have. */
export function leafNames(schema: Schema, name = ""): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const below = (part: Schema, step: string) => leafNames(part, name === "" ? step : `${name}.${step}`);
  switch (def.type) {
    case "object":
      return Object.entries(def.shape).flatMap(([key, part]) => below(part, key));
    case "array":
      return below(def.element, "*");
    case "record":
      return below(def.valueType, "*");
    case "union":
      return def.options.flatMap((option) => leafNames(option, name));
    case "optional":
    case "default":
      return leafNames(def.innerType, name);
    case "never":
      return [];
    default:
      return [name];
  }
}

/** Values that a leaf may have instead, the likeliest to be valid first; not all of them are. */
export function otherValues({ schema, value }: Leaf): readonly unknown[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "literal") return def.values.filter((one) => one !== value);
  if (def.type === "enum") return Object.values(def.entries).filter((one) => one !== value);
  switch (typeof value) {
    case "boolean":
      return [!value];
    case "number":
      return [value + 1, value - 1, value * 2, value / 2, ...CLOUD_WATCH_DAYS.filter((days) => days !== value)];
    case "string":
      return [`${value}x`, `x${value}`, ...withAnotherNumber(value)];
    default:
      return [];
  }
}

/** Two of the periods that CloudWatch knows. */
const CLOUD_WATCH_DAYS = [180, 400];

/** A text with one of its numbers one more or one less, as wide as it was: `10.0.1.0/24` and `sun:04:00` stay such. */
function withAnotherNumber(text: string): readonly string[] {
  return [...text.matchAll(/\d+/g)].flatMap(({ 0: digits, index }) =>
    [1, -1].map((step) => {
      const number = String(Number(digits) + step).padStart(digits.length, "0");
      return text.slice(0, index) + number + text.slice(index + digits.length);
    }),
  );
}

/** A copy of a value with other values at some paths, `undefined` to leave one out. */
export function withValues<T>(value: T, changes: readonly (readonly [path: Path, value: unknown])[]): T {
  const copy = structuredClone(value);
  for (const [path, changed] of changes) {
    const parent = at(copy, path.slice(0, -1)) as Record<PropertyKey, unknown>;
    parent[path.at(-1) ?? ""] = changed;
  }
  return copy;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((object, key) => (object as Record<PropertyKey, unknown>)[key], value);
}
