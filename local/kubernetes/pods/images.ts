import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildahIn } from "../../image/buildah";
import type { PodRuntime } from "./runtime";

/** Holds the namespaces of every pod. */
export const pauseReference = "localhost/bist-trading/pause:local";

/** Makes the image that holds a pod's namespaces, of one static program. Returns the path of its archive. */
export function pauseImage(runtime: PodRuntime, folder: string): string {
  const archive = join(folder, "pause.tar");
  if (existsSync(archive)) return archive;
  const store = join(folder, "buildah");
  // Of a build that was cut short.
  rmSync(store, { recursive: true, force: true });
  const buildah = buildahIn(runtime.buildah, store);
  try {
    const container = buildah("from", "scratch");
    buildah("copy", container, runtime.pause, "/pause");
    buildah("config", "--entrypoint", '["/pause"]', "--user", "65535:65535", container);
    buildah("commit", "--rm", container, pauseReference);
    buildah("push", pauseReference, `oci-archive:${archive}.draft:${pauseReference}`);
    renameSync(`${archive}.draft`, archive);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
  return archive;
}

/** Gives containerd the image of an archive. Returns whether it took it. */
export function importImage({ ctr }: PodRuntime, socket: string, archive: string): boolean {
  const args = ["--address", socket, "--namespace", "k8s.io", "images", "import", archive];
  return spawnSync(ctr, args, { stdio: "ignore" }).status === 0;
}
