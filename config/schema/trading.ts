import { z } from "zod";
import type { Relation } from "./relations";

const cpu = z.string().regex(/^\d+m$/, "is not a CPU quantity; use millicores, for example 500m");
const memory = z.string().regex(/^\d+(Mi|Gi)$/, "is not a memory quantity; use Mi or Gi, for example 1Gi");

const probe = z.strictObject({
  initialDelaySeconds: z.int().min(0),
  periodSeconds: z.int().min(1),
  timeoutSeconds: z.int().min(1),
  failureThreshold: z.int().min(1),
});

const service = z.strictObject({
  /** Pods of the live colour; the idle colour has none. */
  replicas: z.int().min(1),
  requests: z.strictObject({ cpu, memory }),
  limits: z.strictObject({ cpu, memory }),
  liveness: probe,
  readiness: probe,
  /** Pods that may be away at once while nodes are drained. */
  maxUnavailable: z.int().min(1),
  /** Lets the autoscaler own the number of pods. */
  autoscaling: z
    .strictObject({
      minReplicas: z.int().min(1),
      maxReplicas: z.int().min(1),
      /** Average use of what is requested, percent. */
      cpuPercent: z.int().min(1).max(100),
      memoryPercent: z.int().min(1).max(100),
    })
    .optional(),
});

export const trading = z.strictObject({
  /** Kubernetes namespace of the application. */
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "is not a namespace name"),
  services: z.strictObject({ userManagement: service, marketData: service, brokerIntegration: service }),
  /** Origins that a browser may call the services from. */
  allowedOrigins: z.array(z.url({ protocol: /^https?$/ })),
  /** Address of the broker's API; the simulator's where there is no broker. */
  broker: z.strictObject({
    apiUrl: z.url({ protocol: /^https?$/ }),
    /** Port that the services may reach the broker on. */
    port: z.int().min(1).max(65535),
  }),
  /** When the database is dumped to the backup bucket, UTC, cron. */
  dumpSchedule: z.string().regex(/^(\S+ ){4}\S+$/, "is not a cron expression of five fields"),
  /** When partitions are made ahead and dropped, UTC, cron. */
  maintenanceSchedule: z.string().regex(/^(\S+ ){4}\S+$/, "is not a cron expression of five fields"),
});

type Trading = z.infer<typeof trading>;

/** Thousandths of a core, or MiB, of a Kubernetes quantity. */
export function quantity(value: string): number {
  const amount = Number.parseInt(value, 10);
  return value.endsWith("Gi") ? amount * 1024 : amount;
}

export const requestsFitLimits: Relation<Trading> = ({ services = {} }) =>
  Object.entries(services).flatMap(([name, service]) =>
    (["cpu", "memory"] as const).flatMap((resource) => {
      const request = service.requests?.[resource];
      const limit = service.limits?.[resource];
      return request === undefined || limit === undefined || quantity(request) <= quantity(limit)
        ? []
        : [
            {
              path: ["services", name, "requests", resource],
              message: `is above its limit ${limit}; a pod cannot ask for more than it may use`,
            },
          ];
    }),
  );

export const autoscalingIsInOrder: Relation<Trading> = ({ services = {} }) =>
  Object.entries(services).flatMap(([name, { autoscaling }]) => {
    const { minReplicas, maxReplicas } = autoscaling ?? {};
    return minReplicas === undefined || maxReplicas === undefined || minReplicas <= maxReplicas
      ? []
      : [
          {
            path: ["services", name, "autoscaling", "minReplicas"],
            message: `is above maxReplicas ${maxReplicas}; use minReplicas <= maxReplicas`,
          },
        ];
  });

/** A budget that keeps no pod movable blocks every node drain. */
export const disruptionsCanBeMet: Relation<Trading> = ({ services = {} }) =>
  Object.entries(services).flatMap(([name, { replicas, maxUnavailable, autoscaling }]) => {
    const pods = autoscaling?.minReplicas ?? replicas;
    return pods === undefined || maxUnavailable === undefined || pods === 1 || maxUnavailable < pods
      ? []
      : [
          {
            path: ["services", name, "maxUnavailable"],
            message: `lets all ${pods} pods be away at once; use fewer than ${pods}`,
          },
        ];
  });
