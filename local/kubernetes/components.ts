import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Binaries } from "./binaries";
import type { CertificateAuthority, KeyPair } from "./certificates";
import { writeKubeconfig } from "./kubeconfig";

/** What the command lines of a control plane are made from. */
export interface ControlPlaneSettings {
  /** Keeps everything: certificates, etcd's data, logs. */
  readonly folder: string;
  readonly binaries: Binaries;
  /** Ports on 127.0.0.1. */
  readonly ports: { readonly etcd: number; readonly api: number };
  /** Addresses of Services. */
  readonly serviceCidr: string;
  /** Addresses of the pods of nodes that kwok stands in for. */
  readonly podCidr: string;
}

/** The control plane's programs in the order in which they are started. */
export const componentNames = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type ComponentName = (typeof componentNames)[number];

/** Not a loopback address, which the API server refuses; reserved for documentation (RFC 5737), and never used. */
const ADVERTISED = "192.0.2.1";

/** The command of each program; certificates and client configurations are made on the way. */
export async function componentCommands(
  settings: ControlPlaneSettings,
  authority: CertificateAuthority,
): Promise<Record<ComponentName, readonly string[]>> {
  const { folder, binaries, ports, serviceCidr, podCidr } = settings;
  const etcd = `https://127.0.0.1:${ports.etcd}`;
  const server = `https://127.0.0.1:${ports.api}`;
  const hosts = ["127.0.0.1", "localhost"];
  const etcdServer = await authority.issue("etcd", { commonName: "etcd", hosts });
  const etcdClient = await authority.issue("etcd-client", { commonName: "kube-apiserver" });
  const apiServer = await authority.issue("kube-apiserver", {
    commonName: "kube-apiserver",
    hosts: [...hosts, "kubernetes.default.svc", firstAddress(serviceCidr)],
  });
  const kubeletClient = await authority.issue("kubelet-client", {
    commonName: "kube-apiserver-kubelet-client",
    organization: "system:masters",
  });
  // Its key signs the tokens of service accounts, and its certificate proves them.
  const accounts = await authority.issue("service-accounts", { commonName: "service-accounts" });
  const clientOf = async (name: string, commonName: string, organization?: string) => {
    const file = join(folder, `${name}.kubeconfig`);
    const client = await authority.issue(name, { commonName, organization });
    writeKubeconfig(file, { context: name, server, authority: authority.certificate, client });
    return `--kubeconfig=${file}`;
  };
  const plugins = join(folder, "volume-plugins");
  mkdirSync(plugins, { recursive: true });

  return {
    etcd: [
      binaries.etcd,
      "--name=local",
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      // One member has no peers.
      "--listen-peer-urls=http://127.0.0.1:0",
      ...tls(etcdServer, "--cert-file", "--key-file"),
      "--client-cert-auth",
      `--trusted-ca-file=${authority.certificate}`,
      "--log-level=warn",
    ],
    "kube-apiserver": [
      binaries["kube-apiserver"],
      `--etcd-servers=${etcd}`,
      `--etcd-cafile=${authority.certificate}`,
      ...tls(etcdClient, "--etcd-certfile", "--etcd-keyfile"),
      "--bind-address=127.0.0.1",
      `--secure-port=${ports.api}`,
      `--advertise-address=${ADVERTISED}`,
      "--endpoint-reconciler-type=none",
      `--service-cluster-ip-range=${serviceCidr}`,
      ...tls(apiServer, "--tls-cert-file", "--tls-private-key-file"),
      `--client-ca-file=${authority.certificate}`,
      ...tls(kubeletClient, "--kubelet-client-certificate", "--kubelet-client-key"),
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${accounts.certificate}`,
      `--service-account-signing-key-file=${accounts.key}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      // Else a privileged pod is refused before Pod Security sees it.
      "--allow-privileged=true",
    ],
    "kube-controller-manager": [
      binaries["kube-controller-manager"],
      await clientOf("kube-controller-manager", "system:kube-controller-manager"),
      "--use-service-account-credentials=true",
      `--service-account-private-key-file=${accounts.key}`,
      `--root-ca-file=${authority.certificate}`,
      "--leader-elect=false",
      "--secure-port=0",
      // It makes one below /usr/libexec otherwise.
      `--flex-volume-plugin-dir=${plugins}`,
    ],
    "kube-scheduler": [
      binaries["kube-scheduler"],
      await clientOf("kube-scheduler", "system:kube-scheduler"),
      "--leader-elect=false",
      "--secure-port=0",
    ],
    kwok: [
      binaries.kwok,
      // It speaks for every node that it stands in for.
      await clientOf("kwok", "kwok", "system:masters"),
      ...readdirSync(binaries.stages).map((stage) => `--config=${join(binaries.stages, stage)}`),
      "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
      // With leases, a kwok that was started again would wait for those of the one before to end.
      "--node-lease-duration-seconds=0",
      `--cidr=${podCidr}`,
      "--v=WARN",
    ],
  };
}

const tls = ({ certificate, key }: KeyPair, certificateFlag: string, keyFlag: string) => [
  `${certificateFlag}=${certificate}`,
  `${keyFlag}=${key}`,
];

/** Where pods reach the API server: the first address of the Services' range. */
function firstAddress(cidr: string): string {
  return cidr.replace(/\d+\/\d+$/, "1");
}
