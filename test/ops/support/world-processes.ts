import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isEmulator, stopEmulator } from "../../../local/emulator/emulator";
import { ControlPlane } from "../../../local/kubernetes/control-plane";
import { worldFile } from "./world";
import type { World } from "./world";

/** The world that an earlier run left in the folder that OPS_WORLD names, if it still runs. */
export function keptWorld(): World | undefined {
  const folder = process.env["OPS_WORLD"];
  if (folder === undefined || !existsSync(worldFile(folder))) return undefined;
  const world = JSON.parse(readFileSync(worldFile(folder), "utf8")) as World;
  if (!isEmulator(world.pid)) return undefined;
  process.env["OPS_WORLD_FILE"] = worldFile(folder);
  return world;
}

/** Ends all that runs of it, and forgets what it held. */
export async function endWorld({ folder, pid }: World): Promise<void> {
  await stopEmulator(pid);
  await new ControlPlane(join(folder, "control-plane")).erase();
  rmSync(folder, { recursive: true, force: true });
}
