import { delimiter } from "node:path";
import { MissingTool } from "../../../lib/missing-tool";
import { programIn, searchedFolders } from "../binaries";

/** What runs real pods on this machine: path of each program. */
export interface PodRuntime {
  readonly kubelet: string;
  readonly "kube-proxy": string;
  readonly pause: string;
  readonly containerd: string;
  readonly runc: string;
  readonly ctr: string;
  readonly buildah: string;
  /** Folder of the CNI plugins `ptp` and `host-local`. */
  readonly plugins: string;
}

const built = ["kubelet", "kube-proxy", "pause"] as const;
const installed = ["containerd", "runc", "ctr", "buildah", "ip", "nft"] as const;
const pluginFolders = ["/usr/lib/cni", "/opt/cni/bin"];

/**
 * Finds what runs real pods.
 *
 * @throws MissingTool that names everything that is missing, and how to come by it
 */
export function findPodRuntime(environment: NodeJS.ProcessEnv = process.env): PodRuntime {
  const path = [...(environment["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const find = (folders: readonly string[], programs: readonly string[]) =>
    programs.map((program) => [program, programIn(folders, program)] as const);
  const found = [...find(searchedFolders(environment), built), ...find(path, installed)];
  const plugins = pluginFolders.find((folder) => ["ptp", "host-local"].every((name) => programIn([folder], name)));
  const absent = (names: readonly string[]) =>
    found.filter(([name, file]) => names.includes(name) && file === undefined);
  const unbuilt = absent(built).map(([name]) => name);
  const uninstalled = [...absent(installed).map(([name]) => name), ...(plugins === undefined ? ["CNI plugins"] : [])];
  const problems = [
    ...(process.platform === "linux" && process.getuid?.() === 0 ? [] : ["they need Linux and root"]),
    ...(unbuilt.length === 0 ? [] : [`${unbuilt.join(", ")} are not built: npm run kubernetes:build -- --pods`]),
    ...(uninstalled.length === 0
      ? []
      : [
          `${uninstalled.join(", ")} are not installed: on Debian, ` +
            "apt-get install --no-install-recommends containerd runc containernetworking-plugins buildah iproute2 nftables",
        ]),
  ];
  if (problems.length > 0) throw new MissingTool(`Real pods cannot run here: ${problems.join("; ")}.`);
  return { ...(Object.fromEntries(found) as unknown as Omit<PodRuntime, "plugins">), plugins: plugins ?? "" };
}
