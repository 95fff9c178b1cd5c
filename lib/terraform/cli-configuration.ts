import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { localFolder } from "../paths";
import { downloads, findMirrors, mirrorOf } from "./mirrors";
import type { ProviderRequirement } from "./mirrors";

const FOLDER = join(localFolder, "terraform");

/** Where Terraform looks for providers. */
export interface CliConfiguration {
  readonly file: string;
  /** Providers that no folder of this machine has: Terraform downloads them. */
  readonly downloaded: readonly ProviderRequirement[];
}

export interface CliConfigurationOptions {
  /** Folders laid out as a filesystem mirror. @default every one that `findMirrors` finds */
  readonly mirrors?: readonly string[];
  /** Variables that may name the user's own CLI configuration. @default those of this process */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where a configuration of the project's own is written. @default `.local/terraform` */
  readonly folder?: string;
}

/**
 * The user's own CLI configuration when it says where providers are; else one of this project's that names every
 * local mirror and leaves only the rest to the registry.
 */
export function cliConfiguration(
  providers: readonly ProviderRequirement[],
  { mirrors = findMirrors(), environment = process.env, folder = FOLDER }: CliConfigurationOptions = {},
): CliConfiguration {
  const own = environment["TF_CLI_CONFIG_FILE"] ?? join(homedir(), ".terraformrc");
  if (existsSync(own) && /^\s*provider_installation\s*\{/m.test(readFileSync(own, "utf8"))) {
    return { file: own, downloaded: [] };
  }
  const downloaded = providers.filter((provider) => mirrorOf(provider, mirrors) === undefined);
  if (downloaded.length > 0) mkdirSync(downloads, { recursive: true });
  return { file: write(folder, providerInstallation(providers, mirrors)), downloaded };
}

/** A file that is named by its content: a Terraform that is running keeps reading what it started with. */
function write(folder: string, text: string): string {
  const file = join(folder, `${createHash("sha256").update(text).digest("hex").slice(0, 12)}.tfrc`);
  if (existsSync(file)) return file;
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(draft, text);
  renameSync(draft, file);
  return file;
}

/** The configuration as text: one `filesystem_mirror` block for each folder in use. */
export function providerInstallation(providers: readonly ProviderRequirement[], mirrors: readonly string[]): string {
  const sources = (of: readonly ProviderRequirement[]) => JSON.stringify(of.map((provider) => provider.source));
  const inMirror = mirrors.map((mirror) => ({
    mirror,
    found: providers.filter((provider) => mirrorOf(provider, mirrors) === mirror),
  }));
  const blocks = inMirror
    .filter(({ found }) => found.length > 0)
    .map(
      ({ mirror, found }) =>
        `  filesystem_mirror {\n    path    = ${JSON.stringify(mirror)}\n    include = ${sources(found)}\n  }\n`,
    );
  const local = inMirror.flatMap(({ found }) => found);
  const cache = `plugin_cache_dir = ${JSON.stringify(downloads)}\nplugin_cache_may_break_dependency_lock_file = true\n`;
  return (
    `# Written by \`npm start\` and the tests.\n${local.length < providers.length ? cache : ""}` +
    `provider_installation {\n${blocks.join("")}  direct {\n    exclude = ${sources(local)}\n  }\n}\n`
  );
}
