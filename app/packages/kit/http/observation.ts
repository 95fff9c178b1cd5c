import type { FastifyInstance } from "fastify";
import { metrics as contract } from "../../contract/metrics";
import { actuator } from "../../contract/services";
import type { HealthChecks } from "../observability/health";
import type { Metrics } from "../observability/metrics";
import type { Logger } from "../observability/logger";
import { requestLines } from "../observability/request-lines";
import { namesNoRoute } from "./cors";
import { notFound } from "./problem";

/** Counts and times every request, and logs each in one line. */
export function observeRequests(app: FastifyInstance, metrics: Metrics, log: Logger): void {
  const write = requestLines(log);
  const requests = metrics.counter(contract.httpRequests);
  const duration = metrics.histogram(contract.httpRequestDuration);
  app.addHook("onResponse", (request, reply, next) => {
    const route = namesNoRoute(request) ? "unknown" : (request.routeOptions.url ?? "unknown");
    const labels = { method: request.method, route, status: String(reply.statusCode) };
    requests.inc(labels);
    duration.observe(labels, reply.elapsedTime / 1000);
    if (!route.startsWith(actuator.prefix))
      write({
        correlationId: request.id,
        ...labels,
        durationMs: reply.elapsedTime,
        userId: request.principal?.userId,
      });
    next();
  });
}

/** Health and metrics for the cluster. A request that came through a proxy finds nothing here. */
export function serveActuator(app: FastifyInstance, health: HealthChecks, metrics: Metrics): void {
  app.register((scope, _options, done) => {
    scope.addHook("onRequest", (request, _reply, next) => {
      next(
        request.headers["x-forwarded-for"] === undefined
          ? undefined
          : notFound("ROUTE_NOT_FOUND", `there is no ${request.method} ${request.originalUrl}`),
      );
    });
    const open = { config: { access: "public" }, schema: { hide: true }, logLevel: "warn" } as const;
    scope.get(actuator.liveness, open, () => ({ status: "UP" }));
    scope.get(actuator.readiness, open, async (_request, reply) => {
      const readiness = await health.readiness();
      return reply.code(readiness.status === "UP" ? 200 : 503).send(readiness);
    });
    scope.get(actuator.metrics, open, async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );
    done();
  });
}
