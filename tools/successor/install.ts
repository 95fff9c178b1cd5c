import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MissingTool } from "../../lib/missing-tool";
import type { Provider } from "./compare";
import { SUCCESSOR, TrialError } from "./manifest";
import type { TrialManifest } from "./manifest";
import { unreachableRegistry } from "./npm-failure";

/** A package as its own package.json describes it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Of bindings: the provider that they were generated from. */
  readonly provider?: Provider;
}

/**
 * Installs the trial's packages to `folder`, unless it holds just these already.
 *
 * @param announce called before a download
 * @throws MissingTool when npm does not reach its registry
 * @throws TrialError when npm fails otherwise
 */
export async function installTrial(folder: string, manifest: TrialManifest, announce: () => void): Promise<void> {
  const wanted = JSON.stringify(manifest, null, 2);
  if (isInstalled(folder, manifest, wanted)) return;
  announce();
  rmSync(folder, { recursive: true, force: true });
  // Installed beside its place and moved there whole: an interruption leaves nothing that looks installed.
  const draft = `${folder}.unfinished`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, "package.json"), wanted);
  await npmInstall(draft);
  // The successor's own bindings know the library by its new name: both names must be one module.
  rmSync(join(draft, "node_modules", SUCCESSOR), { recursive: true, force: true });
  symlinkSync("cdktf", join(draft, "node_modules", SUCCESSOR), "dir");
  renameSync(draft, folder);
}

function isInstalled(folder: string, { dependencies }: TrialManifest, wanted: string): boolean {
  const packages = [SUCCESSOR, ...Object.keys(dependencies)].map((name) => join(folder, "node_modules", name));
  const manifest = join(folder, "package.json");
  return (
    packages.every((path) => existsSync(join(path, "package.json"))) &&
    existsSync(manifest) &&
    readFileSync(manifest, "utf8") === wanted
  );
}

/** What is installed under a name: an alias tells the package behind it. */
export function installedPackage(folder: string, name: string): InstalledPackage {
  const { cdktf, ...found } = JSON.parse(
    readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"),
  ) as Omit<InstalledPackage, "provider"> & {
    readonly cdktf?: { readonly provider?: { readonly name: string; readonly version: string } };
  };
  const provider = cdktf?.provider;
  return {
    name: found.name,
    version: found.version,
    ...(provider && { provider: { source: provider.name, version: provider.version } }),
  };
}

async function npmInstall(folder: string): Promise<void> {
  const options = [
    ...["--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"],
    // Its errors are read here, also below `npm run --silent`.
    ...["--loglevel", "warn"],
    ...["--fetch-retries", "1", "--fetch-retry-mintimeout", "1000"],
  ];
  const npm = spawn("npm", ["install", ...options], {
    cwd: folder,
    env: process.env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  let stderr = "";
  npm.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    process.stderr.write(text);
  });
  const exitCode = await new Promise<number | null>((done, failed) => {
    npm.on("error", failed).on("close", done);
  });
  if (exitCode === 0) return;
  const unreachable = unreachableRegistry(stderr);
  if (unreachable !== undefined) {
    throw new MissingTool(
      `The successor's packages cannot be had: npm does not reach its registry (${unreachable}). ` +
        "Run it where registry.npmjs.org can be reached.",
    );
  }
  throw new TrialError(`npm install ended with ${String(exitCode)}: its error stands above`);
}
