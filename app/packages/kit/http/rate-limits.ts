import type { FastifyInstance, FastifyRequest } from "fastify";
import { metrics as contract } from "../../contract/metrics";
import type { Bucket, Cache } from "../cache/cache";
import type { Metrics } from "../observability/metrics";
import { tooManyRequests } from "./problem";

interface RateRule extends Bucket {
  readonly name: string;
  /** The rule holds for these paths and what is below them. */
  readonly paths: readonly string[];
}

const minute = 60_000;

/** The guide's rules, first match first. A rule without a burst of its own allows its rate at once. */
export const rateRules = [
  { name: "auth", paths: ["/api/auth", "/api/v1/auth"], rate: 10, capacity: 10, windowMs: minute },
  {
    name: "orders",
    paths: ["/api/orders", "/api/v1/orders", "/api/v1/broker/orders"],
    rate: 50,
    capacity: 50,
    windowMs: minute,
  },
  { name: "default", paths: ["/"], rate: 100, capacity: 200, windowMs: minute },
] as const satisfies readonly RateRule[];

/** The rule of a path without its query. */
export const ruleOf = (path: string): RateRule =>
  rateRules.find(({ paths }) =>
    paths.some((prefix) => prefix === "/" || path === prefix || path.startsWith(`${prefix}/`)),
  ) ?? rateRules[2];

/**
 * Limits each caller, a user when known and an address otherwise, over all replicas. Without Redis each replica counts
 * by itself: the limit grows with the replicas and never disappears.
 */
export function limitRates(app: FastifyInstance, cache: Cache, metrics: Metrics): void {
  const refused = metrics.counter(contract.rateLimited);
  app.addHook("onRequest", async (request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "/";
    if (path.startsWith("/actuator/")) return;
    const rule = ruleOf(path);
    const { allowed, remaining, resetMs, retryMs } = await cache.take(`rate:${rule.name}:${callerOf(request)}`, rule);
    reply.header("x-ratelimit-limit", rule.capacity);
    reply.header("x-ratelimit-remaining", remaining);
    reply.header("x-ratelimit-reset", Math.ceil(resetMs / 1000));
    if (allowed) return;
    refused.inc({ rule: rule.name });
    throw tooManyRequests(
      "RATE_LIMIT_EXCEEDED",
      `more than ${rule.rate} requests a minute; slow down`,
      Math.ceil(retryMs / 1000),
    );
  });
}

const callerOf = ({ principal, ip }: FastifyRequest) =>
  principal === undefined ? `address:${ip}` : `user:${principal.userId}`;
