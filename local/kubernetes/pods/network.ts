import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Addresses of real pods; the first one is this machine's, and what serves pods listens there. */
export const podNetwork = { cidr: "10.88.0.0/24", host: "10.88.0.1" } as const;

/** Has no port and no traffic: it holds the machine's address as long as the node is up. */
const ANCHOR = "bist-trading0";
const FORWARDING = "/proc/sys/net/ipv4/ip_forward";

/** Whether this machine has real pods, of whichever copy of this project. */
export const isPodNetworkUp = () => existsSync(`/sys/class/net/${ANCHOR}`);

/** The network of real pods: a link of its own for each, so that all they say passes the machine's rules. */
export class PodNetwork {
  /** Folder of CNI's configuration. */
  readonly configuration: string;
  private readonly forwardedBefore: string;

  constructor(private readonly folder: string) {
    this.configuration = join(folder, "cni");
    this.forwardedBefore = join(folder, "ip_forward");
  }

  /** Whether it was brought up from this folder, and not taken down since. */
  get isOurs(): boolean {
    return existsSync(this.forwardedBefore);
  }

  /** @throws Error where another node of this machine has its addresses */
  up(): void {
    if (isPodNetworkUp() && !this.isOurs) {
      throw new Error(
        `The interface ${ANCHOR} is there already: real pods of another copy of this project run on this machine. ` +
          `End them there with npm stop; if that copy is gone, ip link delete ${ANCHOR}`,
      );
    }
    mkdirSync(this.configuration, { recursive: true });
    if (!this.isOurs) writeFileSync(this.forwardedBefore, readFileSync(FORWARDING));
    const ipam = {
      type: "host-local",
      ranges: [[{ subnet: podNetwork.cidr }]],
      dataDir: join(this.folder, "addresses"),
    };
    const plugins = [{ type: "ptp", ipMasq: false, ipam: { ...ipam, routes: [{ dst: "0.0.0.0/0" }] } }];
    const network = { cniVersion: "1.0.0", name: "bist-trading", plugins };
    writeIfOther(join(this.configuration, "10-bist-trading.conflist"), JSON.stringify(network));
    if (!isPodNetworkUp()) {
      ip("link", "add", ANCHOR, "type", "bridge");
      ip("address", "add", `${podNetwork.host}/32`, "dev", ANCHOR);
      ip("link", "set", ANCHOR, "up");
    }
    writeFileSync(FORWARDING, "1");
  }

  /** Takes everything back that `up`, pods and kube-proxy have brought. */
  down(): void {
    if (isPodNetworkUp()) ip("link", "delete", ANCHOR);
    for (const family of ["ip", "ip6"]) spawnSync("nft", ["delete", "table", family, "kube-proxy"]);
    writeFileSync(FORWARDING, readFileSync(this.forwardedBefore));
    rmSync(join(this.folder, "addresses"), { recursive: true, force: true });
    rmSync(this.forwardedBefore);
  }
}

/** containerd reads a file while it is being written. */
function writeIfOther(file: string, text: string): void {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")} failed: ${stderr.trim()}`);
}
