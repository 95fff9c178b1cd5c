import { isIPv4 } from "node:net";
import { z } from "zod";
import { calendarChangesSchema } from "../../app/packages/contract/calendar-changes";
import { addressProblem } from "../../app/packages/contract/http-address";
import { contains, prefixLength } from "./addresses";
import type { Relation, Sound } from "./relations";
import { colours } from "./release-state";
import { dailySchedule } from "./schedules";
import { cidrWhere, imageReference, optOut } from "./values";

export const cpu = z.string().regex(/^\d+m$/, "is not a CPU quantity; use millicores, for example 500m");
export const memory = z.string().regex(/^\d+(Mi|Gi)$/, "is not a memory quantity; use Mi or Gi, for example 1Gi");

const probe = z.strictObject({
  initialDelaySeconds: z.int().min(0),
  periodSeconds: z.int().min(1),
  timeoutSeconds: z.int().min(1),
  failureThreshold: z.int().min(1),
});

const settings = {
  requests: z.strictObject({ cpu, memory }),
  limits: z.strictObject({ cpu, memory }),
  liveness: probe,
  readiness: probe,
  /** Pods that may be away at once while nodes are drained. */
  maxUnavailable: z.int().min(1),
};

const replicas = z.int().min(1);

const autoscaling = z.strictObject({
  minReplicas: z.int().min(1),
  maxReplicas: z.int().min(1),
  /** Average use of what is requested, percent. */
  cpuPercent: z.int().min(1).max(100),
  memoryPercent: z.int().min(1).max(100),
});

type Settings = z.infer<z.ZodObject<typeof settings>>;

/** Pods of the live colour; the idle one has none. A number that the autoscaler owns cannot be set as well. */
type Pods =
  | { readonly replicas: z.infer<typeof replicas>; readonly autoscaling?: undefined }
  | { readonly autoscaling: z.infer<typeof autoscaling>; readonly replicas?: undefined };

export type ServiceSettings = Settings & Pods;

/** Has a check run even where another setting of the service is wrong. */
const onAnyObject = ({ value }: { readonly value: unknown }) => typeof value === "object" && value !== null;

const service = z
  .strictObject({ ...settings, replicas: replicas.optional(), autoscaling: autoscaling.optional() })
  .refine((pods) => pods.replicas === undefined || pods.autoscaling === undefined, {
    path: ["replicas"],
    error: "has no effect beside autoscaling, which owns the number of pods; leave one of the two out",
    when: onAnyObject,
  })
  .refine((pods) => pods.replicas !== undefined || pods.autoscaling !== undefined, {
    path: ["replicas"],
    error: "is missing, and so is autoscaling; use one of the two",
    when: onAnyObject,
  }) as z.ZodType<ServiceSettings, ServiceSettings>;

const addressProblems = {
  NOT_HTTP: "is not an address that starts with https:// or http://",
  MORE: {
    host: "has more than a scheme, a host and a port; leave the rest out",
    path: "has more than a scheme, a host, a port and a path; leave the rest out",
  },
} as const;

/** An address as the services take it. Credentials are another check's, which does not show them. */
const address = (most: "host" | "path") =>
  z.string().superRefine((value, context) => {
    const problem = addressProblem(value, most);
    if (problem === undefined || problem === "CREDENTIALS") return;
    const message = problem === "MORE" ? addressProblems.MORE[most] : addressProblems[problem];
    context.addIssue({ code: "custom", message });
  });

const brokerProxy = z.strictObject({
  /** Scheme, host and port of the proxy itself, for example `http://proxy.example.com.tr:3128`. */
  url: address("host"),
  /** Networks of the proxy's addresses, a /32 for each where they are fixed: a NetworkPolicy knows no names. */
  cidrs: z
    .array(
      cidrWhere((network) =>
        prefixLength(network) < 24 ? "is wider than a proxy's addresses; use prefixes from /24 to /32" : undefined,
      ),
    )
    .min(1),
  /** Whether the proxy asks for credentials: `proxyCredentials`, `user:password`, in the secret of the broker's key. */
  authenticated: z.boolean(),
});

export const trading = z.strictObject({
  /** Kubernetes namespace of the application. */
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "is not a namespace name"),
  /** An image that is there already. @default built from `app/` and pushed by the deploy, unless its tag is there */
  image: imageReference.optional(),
  services: z.strictObject({ userManagement: service, marketData: service, brokerIntegration: service }),
  /** Origins that a browser may call the services from. */
  allowedOrigins: z.array(z.url({ protocol: /^https?$/ })),
  /** Scheme, host and port of the broker's API; the simulator's where there is no broker. */
  brokerUrl: address("path"),
  /** What the exchange decided after the image was built: feasts of further years, closings, half days, special sessions. */
  calendarChanges: calendarChangesSchema.optional(),
  /**
   * A forward proxy (HTTP CONNECT) with an address in Türkiye that the broker is called through, and its socket; nothing
   * else outside is then reachable from the pods that speak to the broker. @default straight to the broker
   */
  brokerProxy: brokerProxy.optional(),
  /** What the services prove themselves with to the load balancer and to each other. */
  certificate: z.strictObject({
    /** Name of cert-manager's ClusterIssuer. */
    issuer: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "is not the name of an issuer"),
    /** Whether everybody knows the issuer's authority; else pods are given the one that comes with the certificate. */
    publiclyTrusted: z.boolean(),
  }),
  /** Connections that a pod keeps to the database, least and most. */
  databasePool: z.strictObject({ min: z.int().min(0), max: z.int().min(1).max(200) }),
  /** Speaks to database and cache without TLS. @default verified TLS */
  plaintextConnections: optOut.optional(),
  /** When the database is dumped to the backup bucket, UTC, cron; once a day at most. */
  dumpSchedule: dailySchedule,
  /** When partitions are made ahead and dropped, UTC, cron, once a day at most: long enough before the dump to be over by then. */
  maintenanceSchedule: dailySchedule,
});

type Trading = z.infer<typeof trading>;

/** Pods of a service's live colour when it has as few as it may. */
export function podsAtLeast({ autoscaling, replicas }: ServiceSettings): number {
  return autoscaling === undefined ? replicas : autoscaling.minReplicas;
}

/** Pods that a rolling update makes before it ends old ones, percent of a colour's. */
export const SURGE_PERCENT = 25;

/** Pods that one colour of a service has when it has as many as it may. */
export function podsAtMost(service: ServiceSettings): number;
export function podsAtMost(service: Sound<ServiceSettings>): number | undefined;
export function podsAtMost({ autoscaling, replicas }: Sound<ServiceSettings>): number | undefined {
  return autoscaling === undefined ? replicas : autoscaling.maxReplicas;
}

/**
 * Pods of a service at its busiest: both colours at their most, as while a release stands by, and both in a rolling
 * update, whose old pods go on for half a minute while as many more new ones start.
 *
 * @param most pods of one colour
 */
export const podsAtOnce = (most: number): number =>
  colours.length * (most + 2 * Math.ceil((most * SURGE_PERCENT) / 100));

/** Thousandths of a core, or MiB, of a Kubernetes quantity. */
export function quantity(value: string): number {
  const amount = Number.parseInt(value, 10);
  return value.endsWith("Gi") ? amount * 1024 : amount;
}

/** Reported without the address, which a log should not show. */
export const addressesKeepNoCredentials: Relation<Trading> = ({ brokerUrl, brokerProxy: { url } = {} }) => [
  ...(carriesCredentials(url)
    ? [
        {
          path: ["brokerProxy"],
          message: "has credentials in its url; set authenticated, and put them into the secret of the broker's key",
        },
      ]
    : []),
  // The path alone would show the value.
  ...(carriesCredentials(brokerUrl) ? [{ path: [], message: "has credentials in brokerUrl; leave them out" }] : []),
];

const carriesCredentials = (url: string | undefined) =>
  url !== undefined && addressProblem(url, "path") === "CREDENTIALS";

/** Pods could not reach a proxy by an address that no policy names. */
export const proxyIsInItsNetworks: Relation<Trading> = ({ brokerProxy: { url, cidrs } = {} }) => {
  const host = url === undefined ? undefined : new URL(url).hostname;
  const known = cidrs?.filter((network) => network !== undefined) ?? [];
  if (host === undefined || !isIPv4(host) || known.length === 0) return [];
  return known.some((network) => contains(network, `${host}/32`))
    ? []
    : [{ path: ["brokerProxy", "url"], message: `is in none of brokerProxy.cidrs; add ${host}/32` }];
};

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

export const poolIsInOrder: Relation<Trading> = ({ databasePool: { min, max } = {} }) =>
  min === undefined || max === undefined || min <= max
    ? []
    : [{ path: ["databasePool", "min"], message: `is above databasePool.max ${max}; use min <= max` }];
