/**
 * `npm run successor` synthesizes every environment of these sources with CDK Terrain, the living fork of cdktf, and
 * compares each stack with what cdktf makes of it. `-- --fresh` installs the trial's packages again.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { environmentNames } from "../config";
import { MissingTool } from "../lib/missing-tool";
import { localFolder, projectRoot } from "../lib/paths";
import { CANNOT_RUN } from "../lib/missing-tool";
import { compareStacks, describeDifference, providerAddress } from "./successor/compare";
import type { SynthesizedStacks } from "./successor/compare";
import { installedPackage, installTrial } from "./successor/install";
import type { InstalledPackage } from "./successor/install";
import { SUCCESSOR, TrialError, trialManifest } from "./successor/manifest";
import { synthesizeProject } from "./synthesis";

const folder = join(localFolder, "successor");
const trial = join(folder, "trial");
/** Differences of one stack that are shown. */
const SHOWN = 10;

main().catch((error: unknown) => {
  if (!(error instanceof MissingTool) && !(error instanceof TrialError)) throw error;
  console.log(error.message);
  process.exitCode = error instanceof MissingTool ? CANNOT_RUN : 1;
});

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: "boolean", default: false } } });
  if (values.fresh) rmSync(folder, { recursive: true, force: true });
  const packages = await trialPackages();
  for (const { alias, today, successor } of packages) {
    const change = describePackage(today) === describePackage(successor) ? "kept" : `now ${describePackage(successor)}`;
    console.log(`package    ${alias}: ${describePackage(today)}, ${change}`);
  }

  console.log(`Checking the types of the sources against ${SUCCESSOR} ...`);
  const typed = typesCheck();
  let stacks = 0;
  let different = 0;
  for (const environment of environmentNames) {
    console.log(`Synthesizing ${environment} with cdktf and with ${SUCCESSOR} ...`);
    const today = await synthesize("cdktf", environment);
    const successor = await synthesize(SUCCESSOR, environment, today);
    for (const { id, contents, differences } of compareStacks(
      { stacks: today, providers: packages.flatMap((either) => either.today.provider ?? []) },
      { stacks: successor, providers: packages.flatMap((either) => either.successor.provider ?? []) },
    )) {
      stacks += 1;
      if (differences.length === 0) {
        console.log(`same       ${id}: ${contents}`);
        continue;
      }
      different += 1;
      console.log(`different  ${id}: ${differences.length} values`);
      for (const difference of differences.slice(0, SHOWN)) console.log(`           ${describeDifference(difference)}`);
    }
  }

  const sameFor = `${stacks - different} of ${stacks} stacks are the same, but for the versions of providers`;
  console.log(`${sameFor}; the types ${typed ? "check" : "do not check"}`);
  process.exitCode = stacks > 0 && different === 0 && typed ? 0 : 1;
}

interface TrialPackage {
  /** The name that the sources import it by. */
  readonly alias: string;
  readonly today: InstalledPackage;
  readonly successor: InstalledPackage;
}

async function trialPackages(): Promise<readonly TrialPackage[]> {
  const { dependencies } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const manifest = trialManifest(dependencies);
  await installTrial(trial, manifest, () => {
    console.log(`Installing the trial's packages to ${relative(projectRoot, trial)}, some 650 MB ...`);
  });
  return Object.keys(manifest.dependencies).map((alias) => ({
    alias,
    today: installedPackage(projectRoot, alias),
    successor: installedPackage(trial, alias),
  }));
}

/** Whether the sources compile, unchanged, against the successor's types. */
function typesCheck(): boolean {
  const modules = (name: string) => `./node_modules/${name}`;
  const configuration = {
    extends: relative(trial, join(projectRoot, "tsconfig.synth.json")),
    compilerOptions: {
      tsBuildInfoFile: "./types.tsbuildinfo",
      paths: {
        cdktf: [modules("cdktf")],
        [SUCCESSOR]: [modules("cdktf")],
        "@cdktf/*": [modules("@cdktf/*")],
        constructs: [modules("constructs")],
      },
    },
  };
  writeFileSync(join(trial, "tsconfig.json"), JSON.stringify(configuration, null, 2));
  const tsc = [join(projectRoot, "node_modules/typescript/bin/tsc"), "-p", join(trial, "tsconfig.json")];
  return spawnSync(process.execPath, tsc, { cwd: projectRoot, stdio: "inherit" }).status === 0;
}

/**
 * The stacks of an environment, by cdktf or by the successor.
 *
 * @param today what cdktf synthesized, for the successor
 * @throws TrialError with what the program printed, when it fails
 */
async function synthesize(
  library: string,
  environment: string,
  today?: SynthesizedStacks["stacks"],
): Promise<SynthesizedStacks["stacks"]> {
  const outdir = join(folder, library, environment);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const run =
    today === undefined
      ? synthesizeProject(outdir, { ENVIRONMENTS: environment })
      : synthesizeProject(
          outdir,
          { ENVIRONMENTS: environment, CDKTF_CONTEXT_JSON: JSON.stringify(successorContext(today)) },
          ["tools/successor/synthesize.mjs", trial],
        );
  try {
    return (await run).stacks;
  } catch (error) {
    const printed = (error as { readonly stderr?: string }).stderr;
    if (printed === undefined) throw error;
    throw new TrialError(`${printed.trimEnd()}\n${library} does not synthesize ${environment}: its error stands above`);
  }
}

/** The successor checks features against the versions of Terraform that a project names, or else against all of them. */
function successorContext(today: SynthesizedStacks["stacks"]): object {
  const [stack = "{}"] = today.values();
  const { terraform } = JSON.parse(stack) as { readonly terraform?: { readonly required_version?: string } };
  return { targetVersions: { terraform: terraform?.required_version } };
}

function describePackage({ name, version, provider }: InstalledPackage): string {
  return provider
    ? `${name} ${version} for ${providerAddress(provider.source)} ${provider.version}`
    : `${name} ${version}`;
}
