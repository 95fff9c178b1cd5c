import { databaseUsers, databaseVariables } from "../../app/packages/contract/database";
import { serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import { readPort } from "../../lib/read-port";
import type { Secrets } from "./secrets";

export type Variables = Readonly<Record<string, string | undefined>>;
export type Ports = Readonly<Record<ServiceKey | "page", number>>;

/** Where the page is served unless PAGE_PORT says otherwise. */
export const defaultPagePort = 8080;

/** The variable that moves each port. */
export const portVariables = {
  page: "PAGE_PORT",
  userManagement: "USER_MANAGEMENT_PORT",
  marketData: "MARKET_DATA_PORT",
  brokerIntegration: "BROKER_INTEGRATION_PORT",
} as const satisfies Record<keyof Ports, string>;

/**
 * Reads the ports from the environment.
 *
 * @throws Error that names every variable whose value cannot be
 */
export function readPorts(environment: Variables): Ports {
  const problems: string[] = [];
  const port = (name: keyof Ports, byDefault: number) =>
    readPort(environment, { name: portVariables[name], byDefault }, problems);
  const ports = {
    page: port("page", defaultPagePort),
    ...Object.fromEntries(serviceKeys.map((key) => [key, port(key, services[key].port)])),
  } as Ports;
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return ports;
}

/**
 * The services' variables of a Redis that REDIS_URL names, `redis://user:password@host:port` or `rediss://`; none
 * when it is not set, and REDIS_HOST and its like count.
 */
export function redisVariables({ REDIS_URL: text }: Variables): Variables {
  if (text === undefined || text === "") return {};
  const url = parsed("REDIS_URL", text, ["redis:", "rediss:"], "redis://:password@127.0.0.1:6379");
  return {
    REDIS_HOST: url.hostname,
    REDIS_PORT: url.port === "" ? "6379" : url.port,
    REDIS_USERNAME: decodeURIComponent(url.username),
    REDIS_PASSWORD: decodeURIComponent(url.password),
    REDIS_TLS: String(url.protocol === "rediss:"),
  };
}

/**
 * The services' variables of a PostgreSQL that is there already: the one that DATABASE_URL names with the owner of its
 * tables, `postgresql://owner:password@host:port/name?sslmode=require`. The services get a user of their own. Undefined
 * when neither it nor DB_HOST is set.
 */
export function givenDatabaseVariables(environment: Variables, servicesPassword: string): Variables | undefined {
  const text = environment["DATABASE_URL"];
  if (text === undefined || text === "") return environment["DB_HOST"] === undefined ? undefined : {};
  const example = "postgresql://owner:password@127.0.0.1:5432/bist_trading";
  const url = parsed("DATABASE_URL", text, ["postgres:", "postgresql:"], example);
  const name = decodeURIComponent(url.pathname.slice(1));
  if (name === "") throw new Error(`DATABASE_URL names no database; it looks like ${example}`);
  return databaseVariables({
    host: url.hostname,
    port: url.port === "" ? "5432" : url.port,
    name,
    username: databaseUsers.application,
    password: servicesPassword,
    owner: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    sslMode: url.searchParams.get("sslmode") ?? "disable",
  });
}

/** Who owns the tables of the PostgreSQL that is started on this machine: no superuser, as in production. */
export const databaseOwner = "bist_admin";

/** The services' variables of the PostgreSQL that is started with them on this machine. */
export const embeddedDatabaseVariables = (
  { databaseOwnerPassword, databaseServicesPassword }: Secrets,
  port: string,
  name: string,
): Variables =>
  databaseVariables({
    host: "127.0.0.1",
    port,
    name,
    username: databaseUsers.application,
    password: databaseServicesPassword,
    owner: { username: databaseOwner, password: databaseOwnerPassword },
    sslMode: "disable",
  });

/** The text itself may hold a password, so that no message repeats it. */
function parsed(variable: string, text: string, protocols: readonly string[], example: string): URL {
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return new URL(text);
  throw new Error(`${variable} is not a URL that can be used; it looks like ${example}`);
}
