import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { localFolder } from "../paths";

/** A provider as a stack asks for it, for example `registry.terraform.io/hashicorp/aws` in `5.100.0`. */
export interface ProviderRequirement {
  readonly source: string;
  readonly version: string;
}

/** Where Terraform keeps what it downloads for this project; laid out as a mirror itself. */
export const downloads = join(localFolder, "terraform", "providers");

/** This machine, as Terraform names it: `linux_amd64`. */
const PLATFORM = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
const REGISTRY = "registry.terraform.io";
/** Folders whose descendants may be laid out as a filesystem mirror, and how deep to look. */
const SEARCHED = [
  { folder: "/opt", depth: 3 },
  { folder: "/usr", depth: 4 },
];
/** Large trees that hold no provider. */
const NEVER = new Set([
  "bin",
  "doc",
  "include",
  "lib",
  "lib32",
  "lib64",
  "libx32",
  "locale",
  "man",
  "node_modules",
  "sbin",
  "src",
]);

/** The folders that Terraform itself would look into, and any other laid out as a filesystem mirror. */
export function findMirrors(home = homedir(), searched = SEARCHED): string[] {
  const conventional = [
    join(home, ".terraform.d/plugins"),
    join(home, ".local/share/terraform/plugins"),
    join(home, "Library/Application Support/io.terraform/plugins"),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
  ].filter((folder) => existsSync(join(folder, REGISTRY)));
  const found = searched.flatMap(({ folder, depth }) => mirrorsBelow(folder, depth));
  // What was downloaded is the last resort: a folder of the machine's own may have come meanwhile.
  return [...new Set([...conventional, ...found, downloads])];
}

/** The first of the mirrors that has a provider for this machine; undefined when none has. */
export function mirrorOf(provider: ProviderRequirement, mirrors: readonly string[]): string | undefined {
  return mirrors.find((mirror) => packageIn(mirror, provider) !== undefined);
}

/** A provider's package below a mirror: a folder with its executable, or an archive. */
function packageIn(mirror: string, { source, version }: ProviderRequirement): string | undefined {
  const program = `terraform-provider-${basename(source)}_`;
  const folder = join(source, version, PLATFORM);
  const archive = join(source, `${program}${version}_${PLATFORM}.zip`);
  if (filesIn(join(mirror, folder)).some((file) => file.startsWith(program))) return folder;
  return existsSync(join(mirror, archive)) ? archive : undefined;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Not there, or a link to what is gone.
  }
}

/**
 * Links providers into a working folder's `terraform.d/plugins`, where every Terraform that runs there looks: also one
 * that cdktf starts, without a CLI configuration of this project's.
 */
export function linkProviders(
  folder: string,
  providers: readonly ProviderRequirement[],
  mirrors = findMirrors(),
): void {
  for (const provider of providers) {
    const mirror = mirrorOf(provider, mirrors);
    const place = mirror && packageIn(mirror, provider);
    if (mirror === undefined || place === undefined) continue;
    const link = join(folder, "terraform.d/plugins", place);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(join(mirror, place), link);
  }
}

function mirrorsBelow(folder: string, depth: number): string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Unreadable, or not there.
  }
  if (entries.some((entry) => entry.name === REGISTRY)) return [folder];
  if (depth === 0) return [];
  return entries
    .filter((entry) => entry.isDirectory() && !NEVER.has(entry.name))
    .flatMap((entry) => mirrorsBelow(join(folder, entry.name), depth - 1));
}
