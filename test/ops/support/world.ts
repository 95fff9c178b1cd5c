import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../../config";
import type { Environment } from "../../../config";

/** The emulated AWS and the cluster that the suites share. */
export interface World {
  /** What Terraform and the emulator keep. */
  readonly folder: string;
  readonly pid: number;
  readonly endpoint: string;
}

export const worldFile = (folder: string) => join(folder, "world.json");

/** Why there is no world on this machine; undefined where there is one. */
export const worldMissing = (): string | undefined => process.env["OPS_WORLD_MISSING"];

export function openWorld(): World {
  return JSON.parse(readFileSync(process.env["OPS_WORLD_FILE"] ?? "", "utf8")) as World;
}

/** `local`, at the world's address. */
export function localEnvironment(): Environment {
  const local = environment("local");
  return { ...local, aws: { ...local.aws, emulator: openWorld().endpoint } };
}
