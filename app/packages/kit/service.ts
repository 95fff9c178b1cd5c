import type { AddressInfo } from "node:net";
import type { DestinationStream } from "pino";
import type { FastifyInstance } from "fastify";
import type { JWTVerifyGetKey } from "jose";
import { metrics as contractMetrics } from "../contract/metrics";
import type { ServiceContract } from "../contract/services";
import { enforceAccess, recogniseCallers, requireAccess } from "./auth/access";
import { followRevocations } from "./auth/revocations";
import { TokenAuthority } from "./auth/token-authority";
import { remoteKeys, tokenVerifier } from "./auth/verifier";
import type { Cache } from "./cache/cache";
import { MemoryCache } from "./cache/memory-cache";
import { RedisCache } from "./cache/redis-cache";
import { systemClock } from "./clock";
import type { Clock } from "./clock";
import type { ServiceConfig } from "./config/sections";
import { Database } from "./database/database";
import { Listener } from "./database/listener";
import { documentRoutes } from "./http/documentation";
import { observeRequests, serveActuator } from "./http/observation";
import { limitRates } from "./http/rate-limits";
import { createApp } from "./http/server";
import type { App } from "./http/server";
import { Lifecycle } from "./lifecycle";
import { HealthChecks } from "./observability/health";
import { createLogger } from "./observability/logger";
import type { Logger } from "./observability/logger";
import { Metrics } from "./observability/metrics";

/** What every service is made of, wired together. */
export interface Kit {
  readonly contract: ServiceContract;
  readonly app: App;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly listener: Listener;
  readonly cache: Cache;
  readonly tokens: TokenAuthority;
  readonly health: HealthChecks;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
}

export interface RunningService {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly kit: Kit;
  /** Drains and closes; resolves when nothing of the service is left. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly clock?: Clock;
  /** Where log lines go. @default standard output */
  readonly logDestination?: DestinationStream;
  /** Keys to check tokens with. @default those that the configured issuer publishes */
  readonly tokenKeys?: JWTVerifyGetKey;
}

/**
 * Starts a service: `build` adds its routes and workers to the kit, then it listens.
 * @throws when a port is taken, or a route does not say who may call it; what was opened is closed again
 */
export async function startService(
  contract: ServiceContract,
  config: ServiceConfig,
  build: (kit: Kit) => Promise<void> | void,
  options: ServiceOptions = {},
): Promise<RunningService> {
  const log = createLogger(contract.name, config.http.logLevel, options.logDestination);
  const lifecycle = new Lifecycle(log);
  try {
    const kit = await createKit(contract, config, log, lifecycle, options);
    await build(kit);
    const { app } = kit;
    await app.listen({ host: config.http.host, port: config.http.port });
    const { port } = app.server.address() as AddressInfo;
    const url = `${config.http.tls === undefined ? "http" : "https"}://${hostToCall(config.http.host)}:${port}`;
    log.info({ url }, "listening");
    return { url, kit, stop: () => lifecycle.end() };
  } catch (error) {
    await lifecycle.end();
    throw error;
  }
}

async function createKit(
  contract: ServiceContract,
  config: ServiceConfig,
  log: Logger,
  lifecycle: Lifecycle,
  options: ServiceOptions,
): Promise<Kit> {
  const clock = options.clock ?? systemClock;
  const metrics = new Metrics(contract.name).withProcessMetrics();
  const health = new HealthChecks();

  const database = new Database(config.database, metrics, log, contract.name);
  lifecycle.onClose("database", () => database.close());
  health.add({ name: "database", required: true, check: () => database.ping() });

  const listener = new Listener(config.database, log, contract.name);
  lifecycle.onClose("database listener", () => listener.close());

  const cache = createCache(config, clock, log, metrics, health);
  lifecycle.onClose("cache", () => cache.close());

  const verifier = tokenVerifier(config.tokens, options.tokenKeys ?? issuerKeys(config, log, lifecycle), clock);
  const tokens = new TokenAuthority(verifier, await followRevocations(database, listener, clock));

  const app = createApp(contract, config.http, log);
  const plain = app as unknown as FastifyInstance;
  await documentRoutes(app, contract);
  requireAccess(plain);
  observeRequests(plain, metrics, log);
  recogniseCallers(plain, tokens);
  if (config.http.rateLimits) limitRates(plain, cache, metrics);
  enforceAccess(plain);
  serveActuator(plain, health, metrics);

  lifecycle.onDrain("http", async () => {
    health.drain();
    await new Promise((resolve) => setTimeout(resolve, config.http.drainDelayMs));
    // Connections whose last request ends from now on would otherwise be kept for a next one.
    const closeIdle = setInterval(() => {
      app.server.closeIdleConnections();
    }, 100);
    await app.close();
    clearInterval(closeIdle);
  });
  return { contract, app, log, metrics, database, listener, cache, tokens, health, lifecycle, clock };
}

function createCache(
  { cache: redis }: ServiceConfig,
  clock: Clock,
  log: Logger,
  metrics: Metrics,
  health: HealthChecks,
): Cache {
  const up = metrics.gauge(contractMetrics.cacheUp);
  up.set(0);
  if (redis === undefined) return new MemoryCache(clock);
  const cache = new RedisCache(redis, clock, log, (hears) => {
    up.set(hears ? 1 : 0);
  });
  health.add({ name: "redis", required: false, check: () => cache.check() });
  return cache;
}

function issuerKeys({ tokens }: ServiceConfig, log: Logger, lifecycle: Lifecycle): JWTVerifyGetKey {
  const { keys, close } = remoteKeys(tokens.keysUrl, (error) => {
    log.warn({ error: (error as Error).message }, "the issuer's keys could not be fetched again; the known ones stay");
  });
  lifecycle.onClose("issuer keys", () => {
    close();
    return Promise.resolve();
  });
  return keys;
}

const hostToCall = (host: string) => (host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host);
