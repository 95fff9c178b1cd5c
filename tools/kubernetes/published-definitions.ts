import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Kinds whose definitions their publisher keeps with his sources, which the Go module proxy serves. */
interface PublishedKinds {
  /** A Go module at its version. */
  readonly module: string;
  /** Files of definitions, below `config/crd/bases` of the module, by the name of the kind's definition. */
  readonly files: Readonly<Record<string, string>>;
}

const operatorKind = (plural: string) => [`${plural}.postgresql.cnpg.io`, `postgresql.cnpg.io_${plural}.yaml`] as const;

/** At the versions that the pinned charts install. */
export const modules = {
  operator: "github.com/cloudnative-pg/cloudnative-pg@v1.30.0",
  plugin: "github.com/cloudnative-pg/plugin-barman-cloud@v0.13.0",
} as const;

const publishedKinds: readonly PublishedKinds[] = [
  {
    module: modules.operator,
    files: Object.fromEntries(["backups", "clusters", "imagecatalogs", "scheduledbackups"].map(operatorKind)),
  },
  {
    module: modules.plugin,
    files: { "objectstores.barmancloud.cnpg.io": "barmancloud.cnpg.io_objectstores.yaml" },
  },
];

/** Names of the definitions, whether or not their modules are at hand. */
export const publishedNames: readonly string[] = publishedKinds.flatMap(({ files }) => Object.keys(files));

/** Why the modules are not at hand without a network; undefined where they are. */
export function modulesMissing(): string | undefined {
  const missing = publishedKinds.map(({ module }) => module).filter((module) => sourcesOf(module, "off") === undefined);
  return missing.length === 0 ? undefined : `no Go, or not in its module cache: ${missing.join(", ")}`;
}

/**
 * The publishers' definitions by name, without their prose, which is most of them.
 *
 * @throws Error where Go is missing, or its proxy does not serve a module
 */
export function publishedDefinitions(): Readonly<Record<string, object>> {
  const found = publishedKinds.flatMap(({ module, files }) => {
    const sources = sourcesOf(module);
    if (sources === undefined) throw new Error(`${module} cannot be had; it takes Go and its module proxy`);
    return Object.entries(files).map(([name, file]) => [name, definitionIn(join(sources, "config/crd/bases", file))]);
  });
  return Object.fromEntries(found) as Record<string, object>;
}

/** Folder of a module's sources in Go's cache; undefined where there is neither Go nor the module. */
export function sourcesOf(module: string, proxy?: "off"): string | undefined {
  const env = { ...process.env, ...(proxy === undefined ? {} : { GOPROXY: proxy }) };
  const { status, stdout } = spawnSync("go", ["mod", "download", "-json", module], { encoding: "utf8", env });
  return status === 0 ? (JSON.parse(stdout) as { Dir: string }).Dir : undefined;
}

interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

function definitionIn(path: string): object {
  const { apiVersion, kind, metadata, spec } = parse(readFileSync(path, "utf8")) as Definition;
  return { apiVersion, kind, metadata: { name: metadata.name }, spec: withoutProse(spec) };
}

/** Leaves out every `description` that is a text; a field of that name has a schema instead. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, child]) => key !== "description" || typeof child !== "string");
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutProse(child)]));
}
