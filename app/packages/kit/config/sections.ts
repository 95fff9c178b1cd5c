import { timeSeriesPrefix } from "../../contract/database";
import type { ServiceContract } from "../../contract/services";
import { ConfigProblem, prefixed, section } from "./read";
import { flag, list, maybe, oneOf, otherwise, secret, text, url, whole } from "./variables";

/** How a service listens, answers and ends. */
export interface HttpConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Origins whose pages may call this service. */
  readonly allowedOrigins: readonly string[];
  /** Addresses or networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Paths of the certificate chain and its key in PEM; without them the service speaks plain HTTP. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** Requests are limited as the guide says. */
  readonly rateLimits: boolean;
  /** Time between readiness going off and the listener closing, for load balancers to notice. */
  readonly drainDelayMs: number;
  /** Time after which a drain that has not ended is cut off. */
  readonly drainTimeoutMs: number;
  readonly logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
}

/** PORT and its neighbours; `contract` gives the port that holds when nothing is set. */
export const httpSection = (contract: ServiceContract) =>
  section(
    {
      HOST: otherwise(text("an address to listen on"), "0.0.0.0"),
      PORT: otherwise(whole(0, 65535), contract.port),
      CORS_ALLOWED_ORIGINS: otherwise(list("origins separated by commas, such as https://bist-trading.com"), [
        "https://bist-trading.com",
        "https://app.bist-trading.com",
      ]),
      TRUSTED_PROXIES: otherwise(list("addresses or networks separated by commas, such as 10.0.0.0/16"), []),
      TLS_CERTIFICATE_PATH: maybe(text("the path of a certificate chain in PEM")),
      TLS_KEY_PATH: maybe(text("the path of a private key in PEM")),
      RATE_LIMITING_ENABLED: otherwise(flag(), true),
      DRAIN_DELAY_MS: otherwise(whole(0, 15_000, "milliseconds"), 5_000),
      DRAIN_TIMEOUT_MS: otherwise(whole(1_000, 25_000, "milliseconds"), 24_000),
      LOG_LEVEL: otherwise(oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"), "info"),
    },
    (values): HttpConfig => ({
      host: values.HOST,
      port: values.PORT,
      allowedOrigins: values.CORS_ALLOWED_ORIGINS,
      trustedProxies: values.TRUSTED_PROXIES,
      tls: together(values.TLS_CERTIFICATE_PATH, values.TLS_KEY_PATH),
      rateLimits: values.RATE_LIMITING_ENABLED,
      drainDelayMs: values.DRAIN_DELAY_MS,
      drainTimeoutMs: values.DRAIN_TIMEOUT_MS,
      logLevel: values.LOG_LEVEL,
    }),
  );

function together(certificateFile: string | undefined, keyFile: string | undefined) {
  if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile };
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  throw new ConfigProblem("TLS_CERTIFICATE_PATH and TLS_KEY_PATH belong together; set both or neither");
}

/** How the database is reached. The pool's figures are the guide's. */
export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly username: string;
  readonly password: string;
  /** As in libpq: `verify-full` checks certificate and host name, `require` encrypts only. */
  readonly sslMode: "verify-full" | "require" | "disable";
  /** PEM of the authorities that may have signed the server's certificate. @default those of Node */
  readonly sslAuthorities?: string;
  readonly poolMax: number;
  readonly poolMin: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  /** The server ends a statement that takes longer. */
  readonly statementTimeoutMs: number;
}

export const databaseSection = section(
  {
    DB_HOST: text("the host name of PostgreSQL"),
    DB_PORT: otherwise(whole(1, 65535), 5432),
    DB_NAME: otherwise(text("the name of the database"), "bist_trading"),
    DB_USERNAME: text("the name of the database user"),
    DB_PASSWORD: secret("the database user's password, or its file in DB_PASSWORD_FILE"),
    DB_SSL_MODE: otherwise(oneOf("verify-full", "require", "disable"), "verify-full"),
    DB_SSL_AUTHORITIES: maybe(text("certificates in PEM, or their file in DB_SSL_AUTHORITIES_FILE")),
    DB_POOL_MAX: otherwise(whole(1, 200), 20),
    DB_POOL_MIN: otherwise(whole(0, 200), 5),
    DB_CONNECT_TIMEOUT_MS: otherwise(whole(100, 120_000, "milliseconds"), 30_000),
    DB_IDLE_TIMEOUT_MS: otherwise(whole(1_000, 3_600_000, "milliseconds"), 600_000),
    DB_MAX_LIFETIME_MS: otherwise(whole(10_000, 86_400_000, "milliseconds"), 1_800_000),
    DB_STATEMENT_TIMEOUT_MS: otherwise(whole(100, 600_000, "milliseconds"), 10_000),
  },
  (values): DatabaseConfig => {
    if (values.DB_POOL_MIN > values.DB_POOL_MAX)
      throw new ConfigProblem(
        `DB_POOL_MIN is ${values.DB_POOL_MIN}, above DB_POOL_MAX ${values.DB_POOL_MAX}; it must not be larger`,
      );
    return {
      host: values.DB_HOST,
      port: values.DB_PORT,
      name: values.DB_NAME,
      username: values.DB_USERNAME,
      password: values.DB_PASSWORD,
      sslMode: values.DB_SSL_MODE,
      sslAuthorities: values.DB_SSL_AUTHORITIES,
      poolMax: values.DB_POOL_MAX,
      poolMin: values.DB_POOL_MIN,
      connectTimeoutMs: values.DB_CONNECT_TIMEOUT_MS,
      idleTimeoutMs: values.DB_IDLE_TIMEOUT_MS,
      maxLifetimeMs: values.DB_MAX_LIFETIME_MS,
      statementTimeoutMs: values.DB_STATEMENT_TIMEOUT_MS,
    };
  },
);

/** The database of the time series, where it is not the one of `databaseSection`: the same variables, `TIME_SERIES_DB_*`. */
export const timeSeriesSection = prefixed(timeSeriesPrefix, databaseSection);

/** How Redis is reached; `undefined` keeps a service to its own memory. */
export interface RedisConfig {
  readonly host: string;
  readonly port: number;
  /** Redis's own default user when left out. */
  readonly username?: string;
  readonly password?: string;
  /** Checks certificate and host name, as PostgreSQL's `verify-full` does. */
  readonly tls: boolean;
  /** PEM of the authorities that may have signed the server's certificate. @default those of Node */
  readonly tlsAuthorities?: string;
  /** Time for a command, after which this process's own memory answers. */
  readonly timeoutMs: number;
}

export const cacheSection = section(
  {
    REDIS_HOST: maybe(text("the host name of Redis")),
    REDIS_PORT: otherwise(whole(1, 65535), 6379),
    REDIS_USERNAME: maybe(text("the user of Redis")),
    REDIS_PASSWORD: maybe(secret("the password of Redis, or its file in REDIS_PASSWORD_FILE")),
    REDIS_TLS: otherwise(flag(), true),
    REDIS_TLS_AUTHORITIES: maybe(text("certificates in PEM, or their file in REDIS_TLS_AUTHORITIES_FILE")),
    REDIS_TIMEOUT_MS: otherwise(whole(10, 60_000, "milliseconds"), 2_000),
  },
  (values): RedisConfig | undefined =>
    values.REDIS_HOST === undefined
      ? undefined
      : {
          host: values.REDIS_HOST,
          port: values.REDIS_PORT,
          username: values.REDIS_USERNAME,
          password: values.REDIS_PASSWORD,
          tls: values.REDIS_TLS,
          tlsAuthorities: values.REDIS_TLS_AUTHORITIES,
          timeoutMs: values.REDIS_TIMEOUT_MS,
        },
);

/** Whose tokens a service believes. */
export interface TokenConfig {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer publishes its public keys. */
  readonly keysUrl: string;
  /** Signature algorithms that are believed; asymmetric ones only. */
  readonly algorithms: readonly string[];
}

/** The platform's own user-management by default, an external issuer by configuration. */
export const tokenSection = section(
  {
    JWT_ISSUER: otherwise(text("the `iss` of tokens"), "bist-trading-platform"),
    JWT_AUDIENCE: otherwise(text("the `aud` of tokens"), "bist-trading-users"),
    JWT_KEYS_URL: otherwise(url("http", "https"), "http://localhost:8081/.well-known/jwks.json"),
    JWT_ALGORITHMS: otherwise(list("EdDSA, ES256 or RS256, separated by commas", oneOf("EdDSA", "ES256", "RS256")), [
      "EdDSA",
    ]),
  },
  (values): TokenConfig => ({
    issuer: values.JWT_ISSUER,
    audience: values.JWT_AUDIENCE,
    keysUrl: values.JWT_KEYS_URL,
    algorithms: values.JWT_ALGORITHMS,
  }),
);

/** The sections that every service has. */
export const serviceSections = (contract: ServiceContract) => ({
  http: httpSection(contract),
  database: databaseSection,
  cache: cacheSection,
  tokens: tokenSection,
});

export interface ServiceConfig {
  readonly http: HttpConfig;
  readonly database: DatabaseConfig;
  readonly cache: RedisConfig | undefined;
  readonly tokens: TokenConfig;
}
