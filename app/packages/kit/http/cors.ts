import cors from "@fastify/cors";
import type { FastifyCorsOptions } from "@fastify/cors";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** What pages of the allowed origins may do. */
const granted: FastifyCorsOptions = {
  origin: true,
  credentials: true,
  methods: ["GET", "POST", "PUT", "DELETE", "OPTIONS"],
  // Answers' headers that a page may read beside the few that the Fetch standard allows anyway.
  exposedHeaders: [
    "x-correlation-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "location",
    "idempotency-replayed",
  ],
  maxAge: 3600,
};

/** The plugin's one route, to which every OPTIONS goes that no other route takes. */
const ANY_OPTIONS = "*";

/** Whether a request names nothing that the service has: a preflight is one, too, and answered before. */
export const namesNoRoute = ({ is404, routeOptions }: FastifyRequest): boolean =>
  is404 || routeOptions.url === ANY_OPTIONS;

const nothing: FastifyCorsOptions = { origin: [], methods: [], allowedHeaders: [] };

/**
 * Lets pages of the allowed origins call the service, with credentials (Fetch standard, CORS protocol). What a page of
 * another origin gets carries none of this, so that its browser keeps it from the page.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins);
  app.register(cors, {
    delegator: ({ headers }, done) => {
      const { origin } = headers;
      const options = origin !== undefined && allowed.has(origin) ? granted : nothing;
      // Any other OPTIONS is a request like the rest.
      const preflight = origin !== undefined && headers["access-control-request-method"] !== undefined;
      done(null, { ...options, preflight });
    },
  });
}
