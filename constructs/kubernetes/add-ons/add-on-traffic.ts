import type { AllowedTraffic } from "../network-policy/network-policies";
import { anywhereBut, networks, podIdentityAgent, podsOfNamespace, POD_IDENTITY_PORT } from "../network-policy/peers";

/** Addresses that add-ons meet. */
export interface ClusterNetwork {
  readonly vpcCidr: string;
  /** Where the API server's own addresses are, and those of AWS's services in the VPC. */
  readonly privateSubnets: readonly string[];
  /** Addresses of Services, of which one is the API server's. */
  readonly serviceCidr: string;
}

type Labels = Readonly<Record<string, string>>;
type Row = AllowedTraffic;

const PORTS = { dns: 53, https: 443 };
const DNS = ["UDP", "TCP"] as const;

/** What every pod of an add-on may say: ask for names, and the API server. */
export function everyPod({ privateSubnets, serviceCidr }: ClusterNetwork): readonly Row[] {
  const common = { policy: "everything", direction: "out" } as const;
  return [
    ...DNS.map((protocol): Row => ({ ...common, peers: podsOfNamespace("kube-system"), ports: [PORTS.dns], protocol })),
    // Under the Service's address, and under those that it stands for: whichever an enforcing agent sees.
    { ...common, peers: networks([...privateSubnets, serviceCidr]), ports: [PORTS.https] },
  ];
}

/** What pods that use AWS may say: to whoever gives them their role, and to services outside of the VPC. */
export function awsUser(policy: string, pods: Labels, { vpcCidr }: ClusterNetwork): readonly Row[] {
  const common = { policy, pods, direction: "out" } as const;
  return [
    { ...common, peers: podIdentityAgent, ports: [POD_IDENTITY_PORT] },
    { ...common, peers: anywhereBut(vpcCidr), ports: [PORTS.https] },
  ];
}

/** What a webhook may be told: questions of the API server. */
export function webhook(policy: string, pods: Labels, port: number, { privateSubnets }: ClusterNetwork): Row {
  return { policy, pods, direction: "in", peers: networks(privateSubnets), ports: [port] };
}

/** What monitored pods may be told: questions for their metrics. */
export function monitored(policy: string, pods: Labels, port: number): Row {
  return { policy, pods, direction: "in", peers: podsOfNamespace("monitoring"), ports: [port] };
}

/** What may be asked of name servers that have the last word on a name, wherever they are. */
export function nameServers(policy: string, pods: Labels, { vpcCidr }: ClusterNetwork): readonly Row[] {
  return DNS.map((protocol) => ({
    policy,
    pods,
    direction: "out",
    peers: anywhereBut(vpcCidr),
    ports: [PORTS.dns],
    protocol,
  }));
}
