import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Authority } from "../../contract/authorities";
import { forbidden, unauthorized } from "../http/problem";
import type { Principal } from "./principal";
import type { TokenAuthority } from "./token-authority";
import { namesNoRoute } from "../http/cors";

/** Who may call a route: anyone, any signed-in user, or users with the authority. */
export type Access = "public" | "authenticated" | Authority;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Required on every route: a route without it stops the service from starting. */
    readonly access?: Access;
  }
  interface FastifyRequest {
    /** Set when the request carries a valid token and the route is not public. */
    principal: Principal | undefined;
    /** Why the request's token was not accepted. */
    refusal: Error | undefined;
  }
}

/** The caller of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined) throw unauthorized("AUTHENTICATION_REQUIRED", "sign in to call this");
  return request.principal;
}

/** Stops the service from starting when a route does not say who may call it. */
export function requireAccess(app: FastifyInstance): void {
  app.addHook("onRoute", ({ method, url, config }) => {
    if (config?.access === undefined)
      throw new Error(
        `route ${String(method)} ${url} does not say who may call it; add config: { access: "public" | "authenticated" | an authority }`,
      );
  });
}

/** Recognises the caller. Refuses nothing yet: the rate limits come first, so that refusals count too. */
export function recogniseCallers(app: FastifyInstance, tokens: TokenAuthority): void {
  app.decorateRequest("principal", undefined);
  app.decorateRequest("refusal", undefined);
  app.addHook("onRequest", (request, _reply, next) => {
    const isPublic = namesNoRoute(request) || request.routeOptions.config.access === "public";
    const token = isPublic ? undefined : bearerToken(request.headers.authorization);
    request.principal = token === undefined ? undefined : tokens.remembered(token);
    if (token === undefined || request.principal !== undefined) {
      next();
      return;
    }
    tokens.principalOf(token).then(
      (principal) => {
        request.principal = principal;
        next();
      },
      (error: unknown) => {
        request.refusal = error as Error;
        next();
      },
    );
  });
}

/** Stops those who may not call the route. */
export function enforceAccess(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, next) => {
    next(refusalOf(request));
  });
}

function refusalOf(request: FastifyRequest): Error | undefined {
  const { refusal, principal } = request;
  const { access } = request.routeOptions.config;
  if (namesNoRoute(request) || access === "public") return undefined;
  if (refusal !== undefined) return refusal;
  if (principal === undefined) return unauthorized("AUTHENTICATION_REQUIRED", "sign in to call this");
  if (access === undefined || access === "authenticated" || principal.authorities.has(access)) return undefined;
  return forbidden("MISSING_AUTHORITY", `this needs the authority ${access}`);
}

const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? "")?.[1];
