import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PodRuntime } from "./runtime";

/** Holds the namespaces of every pod. */
export const pauseReference = "localhost/bist-trading/pause:local";

/** Makes the image that holds a pod's namespaces, of one static program. Returns the path of its archive. */
export function pauseImage(runtime: PodRuntime, folder: string): string {
  const archive = join(folder, "pause.tar");
  if (existsSync(archive)) return archive;
  const buildah = buildahIn(runtime.buildah, join(folder, "buildah"));
  try {
    const container = buildah("from", "scratch");
    buildah("copy", container, runtime.pause, "/pause");
    buildah("config", "--entrypoint", '["/pause"]', "--user", "65535:65535", container);
    buildah("commit", "--rm", container, pauseReference);
    buildah("push", pauseReference, `oci-archive:${archive}:${pauseReference}`);
  } finally {
    rmSync(join(folder, "buildah"), { recursive: true, force: true });
  }
  return archive;
}

/** Gives containerd the image of an archive. Returns whether it took it. */
export function importImage({ ctr }: PodRuntime, socket: string, archive: string): boolean {
  const args = ["--address", socket, "--namespace", "k8s.io", "images", "import", archive];
  return spawnSync(ctr, args, { stdio: "ignore" }).status === 0;
}

/** buildah with a store of its own. */
export function buildahIn(program: string, folder: string) {
  const store = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  return (...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, [...store, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`buildah ${args.join(" ")} failed:\n${stdout}${stderr}`);
    return stdout.trim();
  };
}
