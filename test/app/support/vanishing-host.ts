import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { userInfo } from "node:os";

const run = (program: string, ...args: readonly string[]) => execFileSync(program, args, { stdio: "ignore" });

/** Answers on a port with what a server says on its Unix socket, which network namespaces share. */
const relay = `
const [port, path] = process.argv.slice(1);
const net = require("node:net");
net.createServer((client) => {
  const server = net.connect(path);
  for (const [from, to] of [[client, server], [server, client]]) from.on("error", () => to.destroy()).pipe(to);
}).listen(Number(port), () => console.log("listening"));`;

/** Why no network namespace can be made here. */
export function whyNoNamespaces(): string | undefined {
  if (userInfo().uid !== 0) return "network namespaces need root";
  const probe = `bist-probe-${process.pid}`;
  try {
    run("ip", "netns", "add", probe);
    run("ip", "netns", "exec", probe, "iptables", "-I", "INPUT", "-j", "DROP");
    return undefined;
  } catch {
    return "network namespaces and iptables are not to be had here";
  } finally {
    try {
      run("ip", "netns", "del", probe);
    } catch {
      // It was never made.
    }
  }
}

/** A host of its own, a network namespace, that a database server is reached at, and that can vanish: every packet to it is lost. */
export class VanishingHost {
  readonly host: string;
  private readonly relay: ChildProcess;

  private constructor(
    private readonly name: string,
    subnet: string,
    readonly port: number,
    socketPath: string,
  ) {
    this.host = `${subnet}.2`;
    const [near, far] = [`${name}-a`, `${name}-b`];
    run("ip", "netns", "add", name);
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
    run("ip", "link", "set", far, "netns", name);
    run("ip", "addr", "add", `${subnet}.1/30`, "dev", near);
    run("ip", "link", "set", near, "up");
    run("ip", "netns", "exec", name, "ip", "addr", "add", `${this.host}/30`, "dev", far);
    run("ip", "netns", "exec", name, "ip", "link", "set", far, "up");
    this.relay = spawn("ip", ["netns", "exec", name, process.execPath, "-e", relay, String(port), socketPath], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  static async start(port: number, socketPath: string): Promise<VanishingHost> {
    const subnet = `10.231.${process.pid % 250}`;
    const host = new VanishingHost(`bist${process.pid}`, subnet, port, socketPath);
    if (host.relay.stdout !== null) await once(host.relay.stdout, "data");
    return host;
  }

  vanish(): void {
    run("ip", "netns", "exec", this.name, "iptables", "-I", "INPUT", "-j", "DROP");
  }

  async close(): Promise<void> {
    this.relay.kill();
    await once(this.relay, "close");
    run("ip", "netns", "del", this.name);
  }
}
