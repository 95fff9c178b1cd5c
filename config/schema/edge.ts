import { z } from "zod";
import type { Relation } from "./relations";
import { days, hostName, logRetentionDays } from "./values";

export const edge = z.strictObject({
  /** The Route53 zone that holds every host. */
  domain: hostName,
  hosts: z.strictObject({
    api: hostName,
    userManagement: hostName,
    marketData: hostName,
    brokerIntegration: hostName,
    monitor: hostName,
  }),
  /** Puts CloudFront with a web ACL of scope CLOUDFRONT in front and closes the load balancer to everything else. */
  cloudFront: z.boolean(),
  /** Answers 503 with a page on every host. */
  maintenance: z.boolean(),
  /** Seconds after which an idle connection is closed; WebSockets send heartbeats more often. */
  idleTimeoutSeconds: z.int().min(1).max(4000),
  /** Seconds a target that leaves keeps its open requests. */
  drainSeconds: z.int().min(0).max(3600),
  tlsPolicy: z
    .string()
    .regex(
      /^ELBSecurityPolicy-TLS13-1-[23]-/,
      "is not a TLS 1.2 or 1.3 policy of the load balancer, for example ELBSecurityPolicy-TLS13-1-2-2021-06",
    ),
  accessLogRetentionDays: days,
  webAcl: z.strictObject({
    /** Requests from one address in five minutes before it is blocked. */
    requestsPerFiveMinutes: z.int().min(10).max(2_000_000_000),
    logRetentionDays,
  }),
});

type Edge = z.infer<typeof edge>;

export const hostsBelongToTheDomain: Relation<Edge> = ({ domain, hosts = {} }) =>
  Object.entries(hosts)
    .filter(([, host]) => domain !== undefined && !`.${host}`.endsWith(`.${domain}`))
    .map(([name]) => ({
      path: ["hosts", name],
      message: `is foreign to the domain ${domain ?? ""}; use a name that ends in .${domain ?? ""}`,
    }));

export const hostsAreDistinct: Relation<Edge> = ({ hosts = {} }) => {
  const first = new Map<string, string>();
  return Object.entries(hosts).flatMap(([name, host]) => {
    const other = first.get(host);
    if (other === undefined) {
      first.set(host, name);
      return [];
    }
    return [{ path: ["hosts", name], message: `is the host of ${other} already; give each service its own` }];
  });
};
