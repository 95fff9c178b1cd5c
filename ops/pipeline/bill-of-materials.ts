import { posix } from "node:path";

/** The part of `package-lock.json` that is read. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * What a workspace brings at run time, in CycloneDX 1.6, from the lock file. `npm sbom --omit dev` leaves out packages
 * that a development package needs as well, of which `pg` is one.
 *
 * @param workspace folder, for example `app`
 */
export function billOfMaterials({ packages }: LockFile, workspace: string): object {
  const found = new Set<string>();
  const visit = (place: string) => {
    const { dependencies, optionalDependencies } = packages[place] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const at = resolve(packages, place, name);
      if (at === undefined || found.has(at)) continue;
      found.add(at);
      visit(at);
    }
  };
  visit(workspace);
  const components = [...found].sort().map((place) => {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    const { version = "", license } = packages[place] ?? {};
    return {
      type: "library",
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      ...(license !== undefined && { licenses: [{ license: { name: license } }] }),
    };
  });
  return { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components };
}

/** Where Node finds a package: in the nearest `node_modules` upwards. */
function resolve(packages: LockFile["packages"], from: string, name: string): string | undefined {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const place = posix.join(folder, "node_modules", name);
    if (Object.hasOwn(packages, place)) return place;
    if (folder === "." || folder === "") return undefined;
  }
}
