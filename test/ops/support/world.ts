import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isEmulator, stopEmulator } from "../../../local/emulator/emulator";
import { ControlPlane } from "../../../local/kubernetes/control-plane";
import { type Environment, environment } from "../../../config";

/** The emulated AWS and the cluster that the suites share. */
export interface World {
  /** What Terraform and the emulator keep. */
  readonly folder: string;
  readonly pid: number;
  readonly endpoint: string;
}

export const worldFile = (folder: string) => join(folder, "world.json");

/** The world that an earlier run left in the folder that OPS_WORLD names, if it still runs. */
export function keptWorld(): World | undefined {
  const folder = process.env["OPS_WORLD"];
  if (folder === undefined || !existsSync(worldFile(folder))) return undefined;
  const world = JSON.parse(readFileSync(worldFile(folder), "utf8")) as World;
  if (!isEmulator(world.pid)) return undefined;
  process.env["OPS_WORLD_FILE"] = worldFile(folder);
  return world;
}

/** Why there is no world on this machine; undefined where there is one. */
export const worldMissing = (): string | undefined => process.env["OPS_WORLD_MISSING"];

export function openWorld(): World {
  return JSON.parse(readFileSync(process.env["OPS_WORLD_FILE"] ?? "", "utf8")) as World;
}

/** Ends all that runs of it, and forgets what it held. */
export async function endWorld({ folder, pid }: World): Promise<void> {
  await stopEmulator(pid);
  await controlPlaneIn(folder).erase();
  rmSync(folder, { recursive: true, force: true });
}

/** Where the cluster of the suites keeps itself. */
export const controlPlaneIn = (folder: string) => new ControlPlane(join(folder, "control-plane"));

/** `local`, at the world's address. */
export function localEnvironment(): Environment {
  const local = environment("local");
  return { ...local, aws: { ...local.aws, emulator: openWorld().endpoint } };
}
