import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { freePort } from "../../app/packages/embedded/free-port";
import { isListening, refuseTakenPort } from "../ports";
import { writeFileAtomically } from "../../lib/write-file-atomically";
import type { Binaries } from "./binaries";
import { CertificateAuthority } from "./certificates";
import { componentCommands, componentNames } from "./components";
import type { ComponentName } from "./components";
import { Daemon } from "./daemon";
import { writeKubeconfig } from "./kubeconfig";

/** On a machine that is busy with a deploy as well. */
const READY_PATIENCE_MS = 120_000;
const ANSWER_PATIENCE_MS = 2_000;
/** What etcd has acknowledged is on disk, so that a hanging program may be killed. */
const STOP_PATIENCE_MS = 5_000;

/** Programs that connect only to the API server. */
const dependents = ["kube-controller-manager", "kube-scheduler", "kwok"] as const;

export interface ControlPlaneOptions {
  readonly binaries: Binaries;
  /** Port of the API server on 127.0.0.1. @default a free one */
  readonly port?: number;
  readonly serviceCidr: string;
  readonly podCidr: string;
  /** Where an administrator's client configuration is written, and how its context is called. */
  readonly kubeconfig: string;
  readonly context: string;
}

/**
 * A Kubernetes control plane of this machine's own, on loopback alone. Its programs go on when this process ends; a
 * start leaves alone what runs, and brings back what does not.
 */
export class ControlPlane {
  /** @param folder keeps certificates, etcd's data and logs from one start to the next */
  constructor(private readonly folder: string) {}

  /**
   * @returns whether anything had to be started
   * @throws Error with the last words of a program that does not come up, or who has its port
   */
  async start(options: ControlPlaneOptions): Promise<boolean> {
    const { binaries, serviceCidr, podCidr, kubeconfig, context } = options;
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const ports = await this.ports(options.port);
    const authority = await CertificateAuthority.in(join(this.folder, "certificates"));
    const commands = await componentCommands({ folder: this.folder, binaries, ports, serviceCidr, podCidr }, authority);
    const start = (name: ComponentName) => this.daemon(name).start(commands[name], STOP_PATIENCE_MS);
    const startAfter = async (renewed: boolean, name: ComponentName) => {
      // A program whose watch was lost reconnects with growing delays, and kwok not at all.
      if (renewed) await this.daemon(name).stop(STOP_PATIENCE_MS);
      return start(name);
    };

    const etcd = await start("etcd");
    await this.daemon("etcd").untilReady(() => isListening(ports.etcd), READY_PATIENCE_MS);
    const server = await startAfter(etcd, "kube-apiserver");
    const isReady = () => answers(ports.api, "/readyz", authority.certificate);
    await this.daemon("kube-apiserver").untilReady(isReady, READY_PATIENCE_MS);
    // Before its roles are there, the controller manager gives up.
    const rest = await Promise.all(dependents.map((name) => startAfter(server, name)));

    const client = await authority.issue("administrator", {
      commonName: "administrator",
      organization: "system:masters",
    });
    const address = `https://127.0.0.1:${ports.api}`;
    writeKubeconfig(kubeconfig, { context, server: address, authority: authority.certificate, client });
    return server || rest.includes(true);
  }

  /** Ends every program and keeps what the cluster holds. Returns whether any ran. */
  async stop(): Promise<boolean> {
    let ran = false;
    for (const name of componentNames.toReversed()) {
      if (await this.daemon(name).stop(STOP_PATIENCE_MS)) ran = true;
    }
    return ran;
  }

  /** Ends every program and forgets what the cluster held. Returns whether any ran. */
  async erase(): Promise<boolean> {
    const ran = await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return ran;
  }

  /** Names of the programs that run. */
  get running(): readonly ComponentName[] {
    return componentNames.filter((name) => this.daemon(name).pid !== undefined);
  }

  private daemon(name: ComponentName): Daemon {
    return new Daemon(name, this.folder);
  }

  /** The ports of the last start, as far as no other process took them meanwhile. */
  private async ports(wanted: number | undefined): Promise<{ etcd: number; api: number }> {
    const file = join(this.folder, "ports.json");
    const last = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as { etcd: number; api: number })
      : undefined;
    const isOurs = (name: ComponentName) => this.daemon(name).pid !== undefined;
    const keeps = async (name: ComponentName, port: number) => isOurs(name) || !(await isListening(port));

    const etcd = last !== undefined && (await keeps("etcd", last.etcd)) ? last.etcd : await freePort();
    let api = wanted;
    if (api === undefined) {
      api = last !== undefined && (await keeps("kube-apiserver", last.api)) ? last.api : await freePort();
    } else if (!(isOurs("kube-apiserver") && last?.api === api)) {
      await refuseTakenPort(api, "the Kubernetes API server", `LOCAL_KUBERNETES_PORT=${api + 1} npm start`);
    }
    writeFileAtomically(file, JSON.stringify({ etcd, api }));
    return { etcd, api };
  }
}

/** Whether a server of this machine answers 200. */
function answers(port: number, path: string, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path, ca: readFileSync(authority), agent: false };
    get({ ...options, signal: AbortSignal.timeout(ANSWER_PATIENCE_MS) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once("error", () => {
      resolve(false);
    });
  });
}
