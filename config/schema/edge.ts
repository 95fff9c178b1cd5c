import { z } from "zod";
import { days, hostName } from "./values";

export const edge = z
  .strictObject({
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
      .regex(/^ELBSecurityPolicy-TLS13-1-[23]-/, "is not a TLS 1.2 or 1.3 policy of the load balancer"),
    accessLogRetentionDays: days,
    webAcl: z.strictObject({
      /** Requests from one address in five minutes before it is blocked. */
      requestsPerFiveMinutes: z.int().min(10).max(2_000_000_000),
      logRetentionDays: days,
    }),
  })
  .superRefine((value, context) => {
    const seen = new Map<string, string>();
    for (const [name, host] of Object.entries(value.hosts)) {
      const path = ["hosts", name];
      if (host !== value.domain && !host.endsWith(`.${value.domain}`)) {
        context.addIssue({ code: "custom", path, message: `${host} is foreign to the domain ${value.domain}` });
      }
      const first = seen.get(host);
      if (first !== undefined) {
        context.addIssue({
          code: "custom",
          path,
          message: `${host} is the host of ${first} already; each needs its own`,
        });
      }
      seen.set(host, name);
    }
  });
