import { serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { monitoringServices } from "../../../config/monitoring-services";
import { POD_IDENTITY_PORT } from "./peers";

type Networks =
  "load balancer subnets" | "database subnets" | "pod identity agent" | "anywhere but the VPC" | "the broker's proxy";

/** Whom a pod of the application speaks to, or is spoken to by. */
export type Peer =
  | { readonly cidrs: Networks }
  | { readonly namespace: "kube-system" | "monitoring" }
  | { readonly service: ServiceKey };

export interface TrafficRow {
  /** Pods that the row is about. */
  readonly pods: ServiceKey | "jobs" | "everything";
  readonly direction: "in" | "out";
  readonly peer: Peer;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  readonly why: string;
}

/** The ports that an environment may choose. */
export interface TrafficPorts {
  readonly postgresql: number;
  readonly redis: number;
}

/** How the broker's API and its socket are reached. */
export interface BrokerReach {
  /** The broker's own address, or its proxy's: nobody else is then reached for the broker. */
  readonly by: "its own address" | "a proxy";
  readonly port: number;
}

/** How an environment's pods reach the broker. */
export function brokerReach(settings: {
  readonly brokerUrl: string;
  readonly brokerProxy?: { readonly url: string } | undefined;
}): BrokerReach {
  const { brokerUrl, brokerProxy } = settings;
  return brokerProxy === undefined
    ? { by: "its own address", port: portOf(brokerUrl) }
    : { by: "a proxy", port: portOf(brokerProxy.url) };
}

/** The port that an address is reached on. */
export function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

const PORTS = { dns: 53, https: 443 };

const loadBalancer = { cidrs: "load balancer subnets" } as const;
const databases = { cidrs: "database subnets" } as const;
const outside = { cidrs: "anywhere but the VPC" } as const;
const names = { namespace: "kube-system" } as const;
const monitoring = { namespace: "monitoring" } as const;

const served = (pods: ServiceKey, ports: TrafficPorts): readonly TrafficRow[] => [
  { pods, direction: "in", peer: loadBalancer, protocol: "TCP", port: services[pods].port, why: "requests" },
  { pods, direction: "in", peer: monitoring, protocol: "TCP", port: services[pods].port, why: "metrics" },
  { pods, direction: "out", peer: databases, protocol: "TCP", port: ports.postgresql, why: "database" },
  { pods, direction: "out", peer: databases, protocol: "TCP", port: ports.redis, why: "cache" },
  { pods, direction: "out", peer: monitoring, protocol: "TCP", port: monitoringServices.jaeger.port, why: "traces" },
];

const keysOf = (pods: ServiceKey) =>
  ({
    pods,
    direction: "out",
    peer: { service: "userManagement" },
    protocol: "TCP",
    port: services.userManagement.port,
    why: "public keys of tokens",
  }) as const satisfies TrafficRow;

const askedForKeysBy = (service: ServiceKey) =>
  ({
    pods: "userManagement",
    direction: "in",
    peer: { service },
    protocol: "TCP",
    port: services.userManagement.port,
    why: "public keys of tokens",
  }) as const satisfies TrafficRow;

const speaksToTheBroker = (pods: ServiceKey, { by, port }: BrokerReach): TrafficRow => ({
  pods,
  direction: "out",
  peer: by === "a proxy" ? { cidrs: "the broker's proxy" } : outside,
  protocol: "TCP",
  port,
  why: "AlgoLab",
});

/** What may be said between the application's pods and the rest, row by row; everything else is denied. */
export function traffic(ports: TrafficPorts, broker: BrokerReach): readonly TrafficRow[] {
  return [
    { pods: "everything", direction: "out", peer: names, protocol: "UDP", port: PORTS.dns, why: "names" },
    { pods: "everything", direction: "out", peer: names, protocol: "TCP", port: PORTS.dns, why: "names" },
    ...serviceKeys.flatMap((pods) => served(pods, ports)),
    keysOf("marketData"),
    keysOf("brokerIntegration"),
    askedForKeysBy("marketData"),
    askedForKeysBy("brokerIntegration"),
    speaksToTheBroker("marketData", broker),
    speaksToTheBroker("brokerIntegration", broker),
    { pods: "jobs", direction: "out", peer: databases, protocol: "TCP", port: ports.postgresql, why: "database" },
    { pods: "jobs", direction: "out", peer: outside, protocol: "TCP", port: PORTS.https, why: "backup bucket" },
    {
      pods: "jobs",
      direction: "out",
      peer: { cidrs: "pod identity agent" },
      protocol: "TCP",
      port: POD_IDENTITY_PORT,
      why: "rights on the backup bucket",
    },
  ];
}
