/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/**
 * What makes one JSON value another, by paths of the first such as `resource.aws_eip.Nat.tags["a.b/c"]`. Indices of
 * lists are the first value's: `[2]` is its third element, `[+2]` the place before it.
 */
export interface Difference {
  readonly removed?: readonly string[];
  readonly changed?: JsonObject;
  /** At a `[+2]`: the list of the elements that come there. */
  readonly added?: JsonObject;
  /** Keys that come first in an object, where its order is not the first value's with added keys sorted in. */
  readonly first?: Readonly<Record<string, readonly string[]>>;
}

/** A key of an object, an index of a list, or the place before an index. */
type Step = string | number | { readonly before: number };
interface Edit {
  readonly kind: keyof Difference;
  readonly path: readonly Step[];
  readonly value: Json;
}

/** The shortest difference in lines that gives the second value back, with the order of its keys. */
export function difference(from: Json, to: Json): Difference {
  const edits = editsBetween(from, to);
  const of = (kind: Edit["kind"]) =>
    edits.filter((edit) => edit.kind === kind).map(({ path, value }): [string, Json] => [format(path), value]);
  const sections = {
    removed: of("removed").map(([path]) => path),
    changed: Object.fromEntries(of("changed")),
    added: Object.fromEntries(of("added")),
    first: Object.fromEntries(of("first")),
  };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0));
}

/**
 * The second value, from the first and their difference.
 *
 * @throws Error for a path that the first value does not have, or has where it is to be added
 */
export function applyDifference(from: Json, { removed = [], changed = {}, added = {}, first = {} }: Difference): Json {
  const edits = (kind: Edit["kind"], entries: readonly (readonly [string, Json])[]) =>
    entries.map(([path, value]): Edit => ({ kind, path: parse(path), value }));
  return apply(from, [
    ...edits(
      "removed",
      removed.map((path) => [path, null]),
    ),
    ...edits("changed", Object.entries(changed)),
    ...edits("added", Object.entries(added)),
    ...edits("first", Object.entries(first)),
  ]);
}

/** One line for each edit that makes one value another, with what was there before. */
export function describeDifference(from: Json, to: Json): readonly string[] {
  return editsBetween(from, to).map(({ kind, path, value }) => {
    const place = format(path) || "the whole";
    if (kind === "removed") return `- ${place}`;
    if (kind === "added") return `+ ${place}: ${shortened(value)}`;
    if (kind === "first") return `~ ${place}: its first keys are ${shortened(value)}`;
    return `~ ${place}: ${shortened(valueAt(from, path))} -> ${shortened(value)}`;
  });
}

function editsBetween(from: Json, to: Json): readonly Edit[] {
  if (text(from) === text(to)) return [];
  const whole: Edit = { kind: "changed", path: [], value: to };
  const parts =
    isList(from) && isList(to) ? ofLists(from, to) : isObject(from) && isObject(to) ? ofObjects(from, to) : [];
  return parts.length === 0 || cost(parts) > cost([whole]) ? [whole] : parts;
}

function ofObjects(from: JsonObject, to: JsonObject): readonly Edit[] {
  const keys = Object.keys(to);
  const arranged = arrange(Object.keys(from), new Set(keys));
  const ahead = keys.findIndex((_, count) => {
    const first = new Set(keys.slice(0, count));
    return text(arranged.filter((key) => !first.has(key))) === text(keys.slice(count));
  });
  return [
    ...Object.entries(from).flatMap(([key, value]): readonly Edit[] => {
      const found = own(to, key);
      if (found === undefined) return [{ kind: "removed", path: [key], value: null }];
      return below(key, editsBetween(value, found));
    }),
    ...Object.entries(to).flatMap(([key, value]): readonly Edit[] =>
      Object.hasOwn(from, key) ? [] : [{ kind: "added", path: [key], value }],
    ),
    ...(ahead > 0 ? [{ kind: "first", path: [], value: keys.slice(0, ahead) } as const] : []),
  ];
}

/** Keys in the order that they were in, each new one after the last that sorts before it. */
function arrange(before: readonly string[], wanted: ReadonlySet<string>): readonly string[] {
  const arranged = before.filter((key) => wanted.has(key));
  const present = new Set(before);
  for (const key of [...wanted].filter((one) => !present.has(one)).sort(inOrder)) {
    arranged.splice(arranged.findLastIndex((other) => inOrder(other, key) < 0) + 1, 0, key);
  }
  // As an object has them: keys that are integers first.
  return Object.keys(Object.fromEntries(arranged.map((key) => [key, null])));
}

/** Opt-outs stand where cdktf's metadata, `//`, stood. */
function inOrder(one: string, other: string): number {
  const [a, b] = [one, other].map((key) => (key === "optOuts" ? "//" : key)) as [string, string];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The cheapest way through the two lists: each element is removed, added or, as a pair, edited. */
function ofLists(from: readonly Json[], to: readonly Json[]): readonly Edit[] {
  const same = (i: number, j: number) => text(from.at(i) ?? null) === text(to.at(j) ?? null);
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && same(start, start)) start++;
  let end = 0;
  while (end < shorter - start && same(-1 - end, -1 - end)) end++;

  interface Way {
    readonly cost: number;
    readonly edits: readonly Edit[];
  }
  const then = (way: Way, edits: readonly Edit[]): Way => ({
    cost: way.cost + cost(edits),
    edits: [...way.edits, ...edits],
  });
  // Ways from the start to before element j of the second list, for one element of the first after the other.
  let ways: readonly Way[] = [];
  for (let i = start; i <= from.length - end; i++) {
    const row: Way[] = [];
    for (let j = start; j <= to.length - end; j++) {
      const [removing, pairing] = [ways[j - start], ways[j - start - 1]];
      const adding = row[j - start - 1];
      const options = [
        pairing && then(pairing, below(i - 1, editsBetween(from[i - 1] ?? null, to[j - 1] ?? null))),
        removing && then(removing, [{ kind: "removed", path: [i - 1], value: null }]),
        adding && then(adding, [{ kind: "added", path: [{ before: i }], value: [to[j - 1] ?? null] }]),
      ].filter((option) => option !== undefined);
      row.push(options.reduce((best, option) => (option.cost < best.cost ? option : best), options[0] ?? NOWHERE));
    }
    ways = row;
  }
  return joined(ways.at(-1)?.edits ?? []);
}

const NOWHERE = { cost: 0, edits: [] };

/** Neighbours that are added at one place, as one edit. */
function joined(edits: readonly Edit[]): readonly Edit[] {
  return edits.reduce<Edit[]>((all, edit) => {
    const last = all.at(-1);
    if (!last || !isPlace(last) || !isPlace(edit) || format(last.path) !== format(edit.path)) return [...all, edit];
    return [...all.slice(0, -1), { ...edit, value: [...(last.value as Json[]), ...(edit.value as Json[])] }];
  }, []);
}

function isPlace({ kind, path }: Edit): boolean {
  return kind === "added" && path.length === 1 && typeof path[0] === "object";
}

function apply(from: Json, edits: readonly Edit[]): Json {
  const here = edits.filter(({ path }) => path.length === 0);
  const whole = here.find(({ kind }) => kind === "changed");
  if (whole) return whole.value;
  const below = new Map<string, Edit[]>();
  for (const edit of edits.filter(({ path }) => path.length > 0)) {
    const step = format(edit.path.slice(0, 1));
    below.set(step, [...(below.get(step) ?? []), { ...edit, path: edit.path.slice(1) }]);
  }
  const take = (step: Step) => {
    const taken = below.get(format([step])) ?? [];
    below.delete(format([step]));
    return taken;
  };
  const first = here.flatMap(({ value }) => value as readonly string[]);
  const result = isList(from)
    ? applyToList(from, take)
    : isObject(from)
      ? applyToObject(from, take, below, first)
      : from;
  if (below.size > 0) throw new Error(`There is no ${[...below.keys()].join(", ")} to change`);
  return result;
}

function applyToList(from: readonly Json[], take: (step: Step) => readonly Edit[]): Json {
  return [...from, undefined].flatMap((value, index) => {
    const added = take({ before: index }).flatMap((edit) => edit.value as readonly Json[]);
    if (value === undefined) return added;
    const edits = take(index);
    return edits.some(isRemoval) ? added : [...added, apply(value, edits)];
  });
}

function applyToObject(
  from: JsonObject,
  take: (step: Step) => readonly Edit[],
  below: ReadonlyMap<string, readonly Edit[]>,
  first: readonly string[],
): Json {
  const values = new Map<string, Json>();
  for (const [key, value] of Object.entries(from)) {
    const edits = take(key);
    if (edits.some(isAddition)) throw new Error(`${format([key])} is there already`);
    if (!edits.some(isRemoval)) values.set(key, apply(value, edits));
  }
  for (const [path, edits] of [...below]) {
    const addition = edits.find(isAddition);
    const [key] = parse(path);
    if (!addition || typeof key !== "string") continue;
    values.set(key, addition.value);
    take(key);
  }
  const keys = new Set([...first, ...arrange(Object.keys(from), new Set(values.keys()))]);
  return Object.fromEntries([...keys].map((key) => [key, values.get(key) ?? null]));
}

const isRemoval = ({ kind, path }: Edit) => kind === "removed" && path.length === 0;
const isAddition = ({ kind, path }: Edit) => kind === "added" && path.length === 0;

function format(path: readonly Step[]): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      if (typeof step === "object") return `[+${step.before}]`;
      return /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

function parse(path: string): readonly Step[] {
  const pattern = /\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[\+(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  const steps: Step[] = [];
  while (pattern.lastIndex < path.length) {
    const { lastIndex } = pattern;
    const match = pattern.exec(path);
    if (!match) throw new Error(`"${path.slice(lastIndex)}" of "${path}" is not a path`);
    const [, key, index, before, quoted] = match;
    if (key !== undefined) steps.push(key);
    else if (index !== undefined) steps.push(Number(index));
    else if (before !== undefined) steps.push({ before: Number(before) });
    else steps.push(JSON.parse(String(quoted)) as string);
  }
  return steps;
}

function valueAt(value: Json, path: readonly Step[]): Json {
  return path.reduce<Json>((inside, step) => {
    if (isList(inside) && typeof step === "number") return inside[step] ?? null;
    return isObject(inside) && typeof step === "string" ? (own(inside, step) ?? null) : null;
  }, value);
}

function below(step: Step, edits: readonly Edit[]): readonly Edit[] {
  return edits.map((edit) => ({ ...edit, path: [step, ...edit.path] }));
}

/** Lines that edits take in a file. */
function cost(edits: readonly Edit[]): number {
  const lines = edits.map(({ kind, value }) =>
    kind === "removed" ? 1 : JSON.stringify(value, null, 2).split("\n").length,
  );
  return lines.reduce((sum, count) => sum + count, 0);
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function text(value: Json): string {
  return JSON.stringify(value);
}

function shortened(value: Json): string {
  const whole = text(value);
  return whole.length > 100 ? `${whole.slice(0, 100)}…` : whole;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}
