import { serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { monitoringServices } from "../../../config/monitoring-services";
import type { POSTGRES_OPERATOR_NAMESPACE } from "../../../config/names";
import type { TimeSeries } from "../../../config/schema/time-series";
import { POD_IDENTITY_PORT } from "./peers";

type Networks =
  | "load balancer subnets"
  | "database subnets"
  | "pod identity agent"
  | "anywhere but the VPC"
  | "the broker's proxy"
  | "Kubernetes API";

/** Pods that a row is about: of a service, jobs, instances of the time series' own server, or every pod. */
export type Pods = ServiceKey | "jobs" | "timeSeries" | "everything";

/** Whom a pod of the application speaks to, or is spoken to by. */
export type Peer =
  | { readonly cidrs: Networks }
  | { readonly namespace: "kube-system" | "monitoring" | typeof POSTGRES_OPERATOR_NAMESPACE }
  | { readonly pods: Exclude<Pods, "everything"> };

export interface TrafficRow {
  /** Pods that the row is about. */
  readonly pods: Pods;
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

/** Of an instance: PostgreSQL, its manager's state, metrics. Source: "Exposed Ports", CloudNativePG, docs/src/security.md. */
const instance = { postgresql: 5432, manager: 8000, metrics: 9187 };

const loadBalancer = { cidrs: "load balancer subnets" } as const;
const databases = { cidrs: "database subnets" } as const;
const outside = { cidrs: "anywhere but the VPC" } as const;
const names = { namespace: "kube-system" } as const;
const monitoring = { namespace: "monitoring" } as const;
const operator = { namespace: "cnpg-system" } as const;
const instances = { pods: "timeSeries" } as const;
const agent = { cidrs: "pod identity agent" } as const;

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
    peer: { pods: "userManagement" },
    protocol: "TCP",
    port: services.userManagement.port,
    why: "public keys of tokens",
  }) as const satisfies TrafficRow;

const askedForKeysBy = (pods: ServiceKey) =>
  ({
    pods: "userManagement",
    direction: "in",
    peer: { pods },
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

/** Two rows: what is said, and what is heard of it. */
const between = (from: "marketData" | "jobs" | "timeSeries", port: number, why: string): readonly TrafficRow[] => [
  { pods: from, direction: "out", peer: instances, protocol: "TCP", port, why },
  { pods: "timeSeries", direction: "in", peer: { pods: from }, protocol: "TCP", port, why },
];

/** The server of the time series: who reaches it, and whom its instances reach. */
function timeSeriesTraffic(): readonly TrafficRow[] {
  const pods = "timeSeries";
  const protocol = "TCP";
  const { postgresql, manager, metrics } = instance;
  return [
    ...between("marketData", postgresql, "time series"),
    ...between("jobs", postgresql, "time series"),
    ...between("timeSeries", postgresql, "replication"),
    ...between("timeSeries", manager, "whether the primary is alone"),
    { pods, direction: "in", peer: operator, protocol, port: postgresql, why: "operator" },
    { pods, direction: "in", peer: operator, protocol, port: manager, why: "state and commands" },
    { pods, direction: "in", peer: monitoring, protocol, port: metrics, why: "metrics" },
    {
      pods,
      direction: "out",
      peer: { cidrs: "Kubernetes API" },
      protocol,
      port: PORTS.https,
      why: "who is the primary",
    },
    { pods, direction: "out", peer: outside, protocol, port: PORTS.https, why: "backup bucket" },
    { pods, direction: "out", peer: agent, protocol, port: POD_IDENTITY_PORT, why: "rights on the backup bucket" },
  ];
}

/**
 * What may be said between the application's pods and the rest, row by row; everything else is denied.
 *
 * @param timeSeries where market data is kept: its own server, if it has one, is among the application's pods
 */
export function traffic(
  ports: TrafficPorts,
  broker: BrokerReach,
  timeSeries: Pick<TimeSeries, "in">,
): readonly TrafficRow[] {
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
      peer: agent,
      protocol: "TCP",
      port: POD_IDENTITY_PORT,
      why: "rights on the backup bucket",
    },
    ...(timeSeries.in === "timescaledb" ? timeSeriesTraffic() : []),
  ];
}
