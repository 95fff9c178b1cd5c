import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The charts whose values tests compare with what was recorded of them. */
export const CHARTS = [
  "aws-load-balancer-controller",
  "cert-manager",
  "cloudnative-pg",
  "cluster-autoscaler",
  "external-secrets",
  "jaeger",
  "kube-prometheus-stack",
  "metrics-server",
  "plugin-barman-cloud",
] as const;

/**
 * The keys that a chart takes, as deep as it names them; `*` where it takes whatever it is given, otherwise the type
 * of its default.
 */
export interface ChartKeys {
  readonly [key: string]: ChartKeys | "*" | "text" | "number" | "boolean" | "list";
}
type Key = ChartKeys[string];

export interface RecordedChart {
  readonly chart: string;
  readonly version: string;
  readonly keys: ChartKeys;
}

interface ChartFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: readonly { readonly name: string; readonly alias?: string }[];
}

/** Reads the keys of an unpacked chart from its default values and from what its templates ask for. */
export function recordChart(folder: string): RecordedChart {
  const { name, version, dependencies = [] } = parse(readFileSync(join(folder, "Chart.yaml"), "utf8")) as ChartFile;
  const keys = parse(readFileSync(join(folder, "values.yaml"), "utf8")) as Readonly<Record<string, unknown>>;
  const templates = templatesOf(join(folder, "templates"));
  const own = withUses(keyOf(keys), templates) as ChartKeys;
  const parts = dependencies
    .map(({ name: part, alias = part }) => ({ alias, path: join(folder, "charts", part) }))
    .filter(({ path }) => existsSync(join(path, "values.yaml")))
    .map(({ alias, path }) => [alias, merged(recordChart(path).keys, own[alias])] as const);
  return { chart: name, version, keys: sorted({ ...own, ...Object.fromEntries(parts) }) };
}

/** What of some values a chart takes no notice of, or would take for something else: one problem a key. */
export function unknownValues(values: unknown, keys: Key, path = ""): readonly string[] {
  if (keys === "*") return [];
  if (typeof keys === "string") {
    const type = typeOf(values);
    return type === keys ? [] : [`${path} is ${type} where the chart takes ${keys}`];
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return [`${path} is ${typeOf(values)} where the chart takes keys`];
  }
  return Object.entries(values).flatMap(([key, value]) => {
    const known = keys[key];
    const below = path === "" ? key : `${path}.${key}`;
    return known === undefined ? [`${below} is no key of the chart`] : unknownValues(value, known, below);
  });
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

function keyOf(value: unknown): Key {
  if (value === null || value === undefined) return "*";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") {
    const entries = Object.entries(value);
    return entries.length === 0
      ? "*"
      : Object.fromEntries(entries.map(([key, child]) => [key, HANDED_ON.includes(key) ? "*" : keyOf(child)]));
  }
  return typeOf(value) as Key;
}

/** How templates take an object as it comes. */
const WHOLE =
  /(?:(?:toYaml|range \$\w+, \$\w+ :=|mergeOverwrite|merge|tpl \(toYaml)\s*\(?\s*\$?\.Values((?:\.[A-Za-z_]\w*)+))|(?:with \$?\.Values((?:\.[A-Za-z_]\w*)+)\s*-?\}\}\s*[^{}]*\{\{-?\s*toYaml \.)/g;

/** Fields that charts hand on as they are, whatever their defaults put into them. */
const HANDED_ON = ["nodeSelector", "resources", "grafana.ini"];

/** Adds what templates use and the defaults leave out, and opens what they take as a whole. */
function withUses(keys: Key, templates: string): Key {
  let found = keys;
  for (const [, path = ""] of templates.matchAll(/\.Values((?:\.[A-Za-z_][\w]*)+)/g)) {
    found = put(found, path.slice(1).split("."), (known) => known ?? "*");
  }
  for (const [, given, within = given ?? ""] of templates.matchAll(WHOLE)) {
    found = put(found, within.slice(1).split("."), (known) => (known === "list" ? known : "*"));
  }
  return found;
}

function put(keys: Key | undefined, [first, ...rest]: readonly string[], change: (known: Key | undefined) => Key): Key {
  if (first === undefined) return change(keys);
  if (typeof keys === "string") return keys;
  return { ...keys, [first]: put(keys?.[first], rest, change) };
}

function merged(part: ChartKeys, byUmbrella: Key | undefined): ChartKeys {
  return typeof byUmbrella === "object" ? (deepMerge(part, byUmbrella) as ChartKeys) : part;
}

function deepMerge(one: Key | undefined, other: Key): Key {
  if (typeof one !== "object" || typeof other !== "object") return one ?? other;
  const entries = Object.entries(other).map(([key, value]) => [key, deepMerge(one[key], value)] as const);
  return { ...one, ...Object.fromEntries(entries) };
}

function sorted(keys: ChartKeys): ChartKeys {
  const entries = Object.entries(keys).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "object" ? sorted(value) : value]));
}

function templatesOf(folder: string): string {
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");
}
