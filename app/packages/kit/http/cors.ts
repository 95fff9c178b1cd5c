import type { FastifyInstance } from "fastify";

/** Answers' headers that a page may read beside the few that the Fetch standard allows anyway. */
const exposedHeaders = [
  "x-correlation-id",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "retry-after",
  "location",
  "idempotency-replayed",
].join(", ");

const methods = "GET, POST, PUT, DELETE, OPTIONS";
const preflightSeconds = "3600";

/**
 * Lets pages of the allowed origins call the service, with credentials (Fetch standard, CORS protocol). What a page of
 * another origin gets carries none of this, so that its browser keeps it from the page.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins);
  app.addHook("onRequest", (request, reply, next) => {
    // A cache must not give one origin what was made for another.
    reply.header("vary", "Origin");
    const { origin } = request.headers;
    if (origin === undefined) {
      next();
      return;
    }
    const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
    if (allowed.has(origin)) {
      reply.header("access-control-allow-origin", origin);
      reply.header("access-control-allow-credentials", "true");
      reply.header("access-control-expose-headers", exposedHeaders);
      if (isPreflight) {
        reply.header("access-control-allow-methods", methods);
        reply.header("access-control-max-age", preflightSeconds);
        const wanted = request.headers["access-control-request-headers"];
        if (wanted !== undefined) reply.header("access-control-allow-headers", wanted);
      }
    }
    if (isPreflight) reply.code(204).send();
    else next();
  });
}
