import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isListening } from "../../ports";
import { CertificateAuthority } from "../certificates";
import { Daemon } from "../daemon";
import { writeKubeconfig } from "../kubeconfig";
import type { Kubectl } from "../kubectl";
import { importImage, pauseImage, pauseReference } from "./images";
import { endPods, makePodCgroups, podCgroup, removePodCgroups, removePodNamespaces, unmountBelow } from "./leftovers";
import { PodNetwork, podNetwork } from "./network";
import type { PodRuntime } from "./runtime";

const READY_PATIENCE_MS = 60_000;
const STOP_PATIENCE_MS = 10_000;
const KUBELET_PORT = 10250;
const NODE = "this-machine";

export interface PodNodeOptions {
  readonly runtime: PodRuntime;
  readonly kubectl: Kubectl;
  /** Of the control plane. */
  readonly certificates: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
  /** Archives of images that pods name. */
  readonly images: readonly string[];
}

/** A real node of this machine's own: kubelet, containerd and kube-proxy, with nothing outside of their folders. */
export class PodNode {
  private readonly network: PodNetwork;
  private readonly state: string;

  /**
   * @param folder keeps images and logs
   * @param id part of the paths of this node's sockets below /run, so that two nodes do not share them
   */
  constructor(
    private readonly folder: string,
    id: string,
  ) {
    this.network = new PodNetwork(folder);
    this.state = join("/run", id);
  }

  /** Brings the node up until Kubernetes calls it ready. @throws Error with the last words of what does not start */
  async start(options: PodNodeOptions): Promise<void> {
    const { runtime, kubectl } = options;
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    this.network.up();
    makePodCgroups();
    await this.daemon("containerd").start([runtime.containerd, "--config", this.containerd(runtime)], STOP_PATIENCE_MS);
    const images = [pauseImage(runtime, this.folder), ...options.images];
    await this.daemon("containerd").untilReady(
      () => Promise.resolve(images.every((archive) => importImage(runtime, this.socket, archive))),
      READY_PATIENCE_MS,
    );

    const authority = await CertificateAuthority.in(options.certificates);
    await this.daemon("kubelet").start(await this.kubelet(options, authority), STOP_PATIENCE_MS);
    await this.daemon("kube-proxy").start(await this.kubeProxy(options, authority), STOP_PATIENCE_MS);
    await this.daemon("kubelet").untilReady(async () => {
      const { code } = kubectl.try(["wait", `node/${NODE}`, "--for=condition=Ready", "--timeout=1s"]);
      return code === 0 && (await isListening(KUBELET_PORT, podNetwork.host));
    }, READY_PATIENCE_MS);
  }

  /** Ends the node with all of its pods, and takes back what it changed of this machine. Returns whether it ran. */
  async stop(): Promise<boolean> {
    if (!this.network.isOurs) return false;
    let ran = false;
    for (const name of ["kubelet", "kube-proxy"]) {
      if (await this.daemon(name).stop(STOP_PATIENCE_MS)) ran = true;
    }
    await endPods(this.socket);
    if (await this.daemon("containerd").stop(STOP_PATIENCE_MS)) ran = true;
    removePodNamespaces(podNetwork.host.replace(/1$/, ""));
    unmountBelow(this.folder, this.state);
    removePodCgroups();
    // What of the pods was kept is of no use without their processes; images are kept.
    for (const left of [this.state, join(this.folder, "kubelet"), join(this.folder, "pods")]) {
      rmSync(left, { recursive: true, force: true });
    }
    // The last: it marks that there is a node to be ended.
    this.network.down();
    return ran;
  }

  private get socket(): string {
    return join(this.state, "containerd.sock");
  }

  private daemon(name: string): Daemon {
    return new Daemon(name, this.folder);
  }

  private containerd({ runc, plugins }: PodRuntime): string {
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    return this.write(
      "containerd.toml",
      `version = 2
root = "${join(this.folder, "containerd")}"
state = "${join(this.state, "containerd")}"
[grpc]
  address = "${this.socket}"
[${cri}]
  sandbox_image = "${pauseReference}"
  # Without the right to lower a score of the out-of-memory killer, runc ends in the middle.
  restrict_oom_score_adj = true
[${cri}.containerd]
  default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  BinaryName = "${runc}"
[${cri}.cni]
  bin_dir = "${plugins}"
  conf_dir = "${this.network.configuration}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(this.folder, "opt")}"
`,
    );
  }

  private async kubelet(
    { runtime, kubectl, labels, taints }: PodNodeOptions,
    authority: CertificateAuthority,
  ): Promise<readonly string[]> {
    const serving = await authority.issue("kubelet-server", { commonName: NODE, hosts: [podNetwork.host] });
    const configuration = {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      address: podNetwork.host,
      port: KUBELET_PORT,
      healthzPort: 0,
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: authority.certificate },
      },
      authorization: { mode: "Webhook" },
      tlsCertFile: serving.certificate,
      tlsPrivateKeyFile: serving.key,
      containerRuntimeEndpoint: `unix://${this.socket}`,
      cgroupDriver: "cgroupfs",
      cgroupRoot: `/${podCgroup}`,
      failCgroupV1: false,
      failSwapOn: false,
      makeIPTablesUtilChains: false,
      // The disk is the developer's: nothing is thrown out for its sake.
      imageGCHighThresholdPercent: 100,
      evictionHard: { "nodefs.available": "0%", "imagefs.available": "0%" },
      podLogsDir: join(this.folder, "pods"),
      volumePluginDir: join(this.folder, "volume-plugins"),
      registerWithTaints: taints,
    };
    return [
      runtime.kubelet,
      `--config=${this.write("kubelet-configuration.json", JSON.stringify(configuration))}`,
      await this.clientOf(authority, kubectl.server, "kubelet", `system:node:${NODE}`, "system:nodes"),
      `--root-dir=${join(this.folder, "kubelet")}`,
      `--hostname-override=${NODE}`,
      `--node-ip=${podNetwork.host}`,
      `--node-labels=${Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(",")}`,
    ];
  }

  private async kubeProxy(
    { runtime, kubectl }: PodNodeOptions,
    authority: CertificateAuthority,
  ): Promise<readonly string[]> {
    await this.clientOf(authority, kubectl.server, "kube-proxy", "system:kube-proxy");
    const configuration = {
      apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
      kind: "KubeProxyConfiguration",
      mode: "nftables",
      clientConnection: { kubeconfig: join(this.folder, "kube-proxy.kubeconfig") },
      hostnameOverride: NODE,
      clusterCIDR: podNetwork.cidr,
      bindAddress: podNetwork.host,
      healthzBindAddress: `${podNetwork.host}:10256`,
      metricsBindAddress: `${podNetwork.host}:10249`,
      // The machine's own limits stay.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    };
    return [
      runtime["kube-proxy"],
      `--config=${this.write("kube-proxy-configuration.json", JSON.stringify(configuration))}`,
    ];
  }

  private async clientOf(
    authority: CertificateAuthority,
    server: string,
    name: string,
    commonName: string,
    organization?: string,
  ): Promise<string> {
    const file = join(this.folder, `${name}.kubeconfig`);
    const client = await authority.issue(name, { commonName, organization });
    writeKubeconfig(file, { context: name, server, authority: authority.certificate, client });
    return `--kubeconfig=${file}`;
  }

  private write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}
