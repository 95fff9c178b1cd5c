import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOf } from "../../../lib/process";

const CGROUPS = "/sys/fs/cgroup";
/** Holds every pod of this node, and those of no other kubelet. */
export const podCgroup = "bist-trading-local";
const END_PATIENCE_MS = 10_000;

/** Ends the processes of every pod, also where its supervisor is gone: nothing of a pod is kept. */
export async function endPods(socket: string): Promise<void> {
  const deadline = Date.now() + END_PATIENCE_MS;
  for (;;) {
    const pids = [...podProcesses(), ...shims(socket)];
    if (pids.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Processes of pods do not end: ${pids.join(", ")}`);
    for (const pid of pids) spawnSync("kill", ["-KILL", String(pid)]);
    await sleep(100);
  }
}

/** Removes the network namespaces of pods whose addresses are of a network, with their links. */
export function removePodNamespaces(addressPrefix: string): void {
  const listed = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
  for (const [name] of listed.matchAll(/^cni-\S+/gm)) {
    const addresses = spawnSync("ip", ["-netns", name, "-brief", "address"], { encoding: "utf8" }).stdout;
    if (addresses.includes(` ${addressPrefix}`)) spawnSync("ip", ["netns", "delete", name]);
  }
}

/** Unmounts everything below some folders, what was mounted last first. */
export function unmountBelow(...folders: readonly string[]): void {
  const mounted = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)));
  for (const point of mounted.toReversed()) spawnSync("umount", ["--lazy", point]);
}

/** Makes the cgroup in which the kubelet puts its pods, in each hierarchy. */
export function makePodCgroups(): void {
  for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, podCgroup), { recursive: true });
}

/** Removes the cgroups of pods, the innermost first. */
export function removePodCgroups(): void {
  for (const folder of podCgroups().toReversed()) rmdirSync(folder);
}

function podProcesses(): number[] {
  return podCgroups().flatMap((folder) => {
    const file = join(folder, "cgroup.procs");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean).map(Number) : [];
  });
}

/** Every cgroup of the kubelet's, outer before inner, of each hierarchy of version 1 or the one of version 2. */
function podCgroups(): string[] {
  const below = (folder: string): string[] => [folder, ...folders(folder).flatMap((name) => below(join(folder, name)))];
  return hierarchies()
    .map((hierarchy) => join(hierarchy, podCgroup))
    .filter((folder) => existsSync(folder))
    .flatMap(below);
}

/** Version 2 is one; of version 1 there is one for each controller. */
const hierarchies = () =>
  existsSync(join(CGROUPS, "cgroup.controllers")) ? [CGROUPS] : folders(CGROUPS).map((name) => join(CGROUPS, name));

const folders = (parent: string) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** What containerd leaves beside each pod, to outlive it. */
function shims(socket: string): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const command = commandOf(pid);
      return command?.includes("containerd-shim") === true && command.includes(socket);
    });
}
