import fastify, { LogController } from "fastify";
import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions, RawServerDefault } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceContract } from "../../contract/services";
import type { HttpConfig } from "../config/sections";
import type { Logger } from "../observability/logger";
import { allowOrigins } from "./cors";
import { correlationId } from "./correlation";
import { answerErrors } from "./errors";
import { logRequestsLazily } from "./request-log";
import { securityHeaders } from "./security-headers";
import { typeboxValidator } from "./schema";
import type { TypeboxProvider } from "./schema";
import { followCertificate, readCertificate } from "./tls";

/** The HTTP application of a service, whose routes take their types from typebox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeboxProvider
>;

/** Largest request body in bytes. Nothing that the services take comes near it. */
export const bodyLimitBytes = 64 * 1024;

/** An HTTP server with what holds for every service: its prefix, problem details, headers, CORS, correlation ids. */
export function createApp(contract: ServiceContract, config: HttpConfig, log: Logger): App {
  const options: FastifyServerOptions = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "correlationId" }),
    genReqId: correlationId,
    bodyLimit: bodyLimitBytes,
    routerOptions: { maxParamLength: 128 },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    rewriteUrl: ({ url }) => withoutPrefix(url ?? "/", contract.pathPrefix),
    forceCloseConnections: "idle",
    // How long a start may take is the startup probe's to say: a busy machine needs more than a plugin is given.
    pluginTimeout: 0,
  };
  // The types of an HTTPS server differ in nothing that a service uses.
  const server: unknown =
    config.tls === undefined ? fastify(options) : fastify({ ...options, https: readCertificate(config.tls) } as object);
  const app = (server as FastifyInstance).withTypeProvider<TypeboxProvider>();
  if (config.tls !== undefined) followCertificate(server as FastifyInstance, config.tls, log);
  app.setValidatorCompiler(typeboxValidator);
  logRequestsLazily(app);
  answerErrors(app);
  app.addHook("onRequest", (request, reply, next) => {
    reply.headers(securityHeaders);
    reply.header("x-correlation-id", request.id);
    next();
  });
  allowOrigins(app, config.allowedOrigins);
  return app;
}

/** `/user/api/v1/x` is `/api/v1/x` for the service whose prefix is `/user`. */
export const withoutPrefix = (url: string, prefix: string): string =>
  url === prefix || url.startsWith(`${prefix}/`) || url.startsWith(`${prefix}?`)
    ? `/${url.slice(prefix.length).replace(/^\//, "")}`
    : url;
