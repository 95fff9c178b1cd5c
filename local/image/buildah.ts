import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Runs buildah and returns what it printed, without the space around. @throws Error with all that it said */
export type Buildah = (...args: readonly string[]) => string;

/**
 * buildah with a store of its own.
 *
 * @param program its path, or its name where the PATH has it
 * @param folder keeps the images; removing it removes them
 */
export function buildahIn(program: string, folder: string): Buildah {
  const store = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  return (...args) => {
    const { status, stdout, stderr } = spawnSync(program, [...store, ...args], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`buildah ${args.join(" ")} failed:\n${stdout}${stderr}`);
    return stdout.trim();
  };
}
