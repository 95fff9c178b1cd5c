import type { Json } from "./json-difference";

/** Names of one environment, each with the one that another environment has in its place. */
export type Names = Readonly<Record<string, string>>;

/**
 * A value with names exchanged, in keys and in values: each only as a whole, never within a longer word. Exchanged, not
 * replaced: the other's name, where it stands already, becomes the one's. A text that a second exchange would not bring
 * back stays as it is. So no two texts become the same, and a name in the wrong environment remains a difference.
 */
export function exchangeNames(value: Json, names: Names): Json {
  const pairs = Object.entries(names);
  if (pairs.length === 0) return value;
  const partners = new Map([...pairs, ...pairs.map(([one, other]): [string, string] => [other, one])]);
  const longestFirst = [...partners.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(asWhole).join("|"), "g");
  const exchange = (text: string) => text.replace(pattern, (name) => partners.get(name) ?? name);
  return mapTexts(value, (text) => (exchange(exchange(text)) === text ? exchange(text) : text));
}

/** Those of the pairs of names that change something in a value, or keep it from being changed. */
export function namesWithin(value: Json, names: Names): Names {
  const text = JSON.stringify(value);
  const isWithin = (name: string) => new RegExp(asWhole(name)).test(text);
  return Object.fromEntries(Object.entries(names).filter((pair) => pair.some(isWithin)));
}

function asWhole(name: string): string {
  return `(?<![A-Za-z0-9])${name.replace(/[^\w\s]/g, "\\$&")}(?![A-Za-z0-9])`;
}

function mapTexts(value: Json, map: (text: string) => string): Json {
  if (typeof value === "string") return map(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element: Json) => mapTexts(element, map));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [map(key), mapTexts(child, map)]));
}
