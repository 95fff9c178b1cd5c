/**
 * What the application promises to its deployment: names, ports and paths.
 * The only part of the application that infrastructure reads; it imports nothing.
 */
export interface ServiceContract {
  /** Name of the process, its container, its Deployment and its `service` metric label. */
  readonly name: string;
  readonly port: number;
  /** Prefix under which the shared API host reaches the service; the service accepts its paths with and without it. */
  readonly pathPrefix: string;
}

export const services = {
  userManagement: { name: "user-management", port: 8081, pathPrefix: "/user" },
  marketData: { name: "market-data", port: 8082, pathPrefix: "/market" },
  brokerIntegration: { name: "broker-integration", port: 8083, pathPrefix: "/trading" },
} as const satisfies Record<string, ServiceContract>;

export type ServiceKey = keyof typeof services;
export const serviceKeys = Object.keys(services) as readonly ServiceKey[];

/** Health and metrics, on the service port, never reachable through the load balancer. */
export const actuator = {
  prefix: "/actuator",
  liveness: "/actuator/health/liveness",
  readiness: "/actuator/health/readiness",
  metrics: "/actuator/prometheus",
} as const;
