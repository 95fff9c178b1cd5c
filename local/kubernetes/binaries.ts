import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { MissingTool } from "../../lib/missing-tool";
import { localFolder } from "../../lib/paths";

/** The programs of a control plane, and what stands in for nodes. */
export const programs = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type Program = (typeof programs)[number];

/** Path of each program on this machine. */
export interface Binaries extends Readonly<Record<Program, string>> {
  /** Folder of kwok's stages: what it makes of a node and of a pod, one YAML file a step. */
  readonly stages: string;
}

/** Where `npm run kubernetes:build` puts what it builds. */
export const builtFolder = join(localFolder, "kubernetes", "bin");

/** Beside kwok, which ends at once without them. */
export const stagesOf = (kwok: string) => join(dirname(kwok), "kwok-stages");

/** The folders that are looked into, in this order. KUBEBUILDER_ASSETS is the variable of Kubernetes' own test tools. */
export function searchedFolders(environment: NodeJS.ProcessEnv = process.env): string[] {
  const { KUBEBUILDER_ASSETS: assets } = environment;
  return [...(assets === undefined || assets === "" ? [] : [assets]), builtFolder];
}

/**
 * Finds the programs.
 *
 * @throws MissingTool that names those that no folder has, and how to come by them
 */
export function findBinaries(folders = searchedFolders()): Binaries {
  const found = Object.fromEntries(programs.map((program) => [program, programIn(folders, program)]));
  const missing = programs.filter((program) => found[program] === undefined);
  if (missing.length > 0) {
    throw new MissingTool(
      `A Kubernetes control plane needs ${missing.join(", ")}, in none of ${folders.join(", ")}. ` +
        "Build them with `npm run kubernetes:build` (needs Go and some minutes, once), or name their folder in KUBEBUILDER_ASSETS.",
    );
  }
  const binaries = found as Record<Program, string>;
  return { ...binaries, stages: stagesOf(binaries.kwok) };
}

/** The program's path in the first folder that has it; undefined when none has. */
export function programIn(folders: readonly string[], program: string): string | undefined {
  return folders
    .map((folder) => join(folder, program))
    .find((file) => isExecutable(file) && (program !== "kwok" || existsSync(stagesOf(file))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
