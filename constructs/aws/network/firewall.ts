import { services } from "../../../app/packages/contract/services";
import { monitoringServices } from "../../../config/monitoring-services";

/** A set of network interfaces that the firewall tells apart: one security group each. */
export const groups = {
  loadBalancer: "The load balancer, the only way in from the Internet",
  applicationNodes: "Nodes and pods of the trading services",
  platformNodes: "Nodes and pods of everything else: controllers, monitoring",
  database: "PostgreSQL",
  cache: "Redis",
  endpoints: "AWS services inside the VPC",
} as const;

export type Group = keyof typeof groups;

/** Where traffic comes from that is in no group of ours. */
export type Outside = "internet" | "CloudFront" | "administrators" | "VPC";

export type Party = Group | Outside;

export function isGroup(party: Party): party is Group {
  return party in groups;
}

/** A party as people say it: `loadBalancer` is `load balancer`. */
export function words(party: Party): string {
  return isGroup(party) ? party.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : party;
}

export interface FirewallRow {
  readonly service: string;
  readonly ports: readonly number[];
  /** Where it listens. */
  readonly on: readonly Group[];
  /** Who may reach it; nobody else can. */
  readonly from: readonly Party[];
  /** As it stands in every rule's description. */
  readonly purpose: string;
}

/** The ports that an environment may choose. */
export interface FirewallPorts {
  readonly postgresql: number;
  readonly redis: number;
}

/** The load balancer's own row, for either way in. */
const entrances = {
  internet: {
    service: "load balancer",
    ports: [80, 443],
    on: ["loadBalancer"],
    from: ["internet"],
    purpose: "HTTP and HTTPS traffic",
  },
  // CloudFront asks over HTTPS only. Its prefix list weighs 55 of the 60 rules that a group may hold: one port fits.
  CloudFront: {
    service: "load balancer",
    ports: [443],
    on: ["loadBalancer"],
    from: ["CloudFront"],
    purpose: "HTTPS traffic through CloudFront",
  },
} as const satisfies Record<string, FirewallRow>;

export type Entrance = keyof typeof entrances;

/** The way in that an environment has. */
export function entranceOf({ cloudFront }: { readonly cloudFront: boolean }): Entrance {
  return cloudFront ? "CloudFront" : "internet";
}

/** Who may reach what: the guide's firewall table, row by row, then what AWS itself needs. */
export function firewall(entrance: Entrance, ports: FirewallPorts): readonly FirewallRow[] {
  return [
    entrances[entrance],
    {
      service: services.userManagement.name,
      ports: [services.userManagement.port],
      on: ["applicationNodes"],
      from: ["loadBalancer"],
      purpose: "Internal API",
    },
    {
      service: services.marketData.name,
      ports: [services.marketData.port],
      on: ["applicationNodes"],
      from: ["loadBalancer"],
      purpose: "Internal API",
    },
    {
      service: services.brokerIntegration.name,
      ports: [services.brokerIntegration.port],
      on: ["applicationNodes"],
      from: ["loadBalancer"],
      purpose: "Internal API",
    },
    {
      service: "PostgreSQL",
      ports: [ports.postgresql],
      on: ["database"],
      from: ["applicationNodes"],
      purpose: "Database access",
    },
    {
      service: "Redis",
      ports: [ports.redis],
      on: ["cache"],
      from: ["applicationNodes"],
      purpose: "Cache access",
    },
    {
      service: "Prometheus",
      ports: [monitoringServices.prometheus.port],
      on: ["platformNodes"],
      from: ["platformNodes", "administrators"],
      purpose: "Metrics collection",
    },
    {
      // The load balancer lets only administrators through to it.
      service: "Grafana",
      ports: [monitoringServices.grafana.port],
      on: ["platformNodes"],
      from: ["loadBalancer", "administrators"],
      purpose: "Monitoring dashboard",
    },
    {
      service: "SSH",
      ports: [22],
      on: ["applicationNodes", "platformNodes"],
      from: ["administrators"],
      purpose: "Server management",
    },
    {
      service: "AWS endpoints",
      ports: [443],
      on: ["endpoints"],
      from: ["VPC"],
      purpose: "AWS APIs without leaving the VPC",
    },
  ];
}
