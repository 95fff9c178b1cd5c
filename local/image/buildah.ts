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
    if (status !== 0) {
      const all = `${stdout}${stderr}`.trimEnd();
      // First what it said last: a summary shows the beginning of an error, and the arguments are long.
      throw new Error(`buildah ${args[0] ?? ""} failed: ${reasonIn(all)}\nbuildah ${args.join(" ")}\n${all}`);
    }
    return stdout.trim();
  };
}

/** Of a build that failed, what the step that failed printed, npm's own errors before all. */
function reasonIn(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const ofNpm = lines.filter((line) => line.startsWith("npm error"));
  return [...ofNpm.slice(0, 4), ...lines.slice(-1)].join("; ");
}
