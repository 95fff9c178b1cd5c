import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { actuator, serviceKeys, services } from "../../app/packages/contract/services";
import type { ServiceKey } from "../../app/packages/contract/services";
import { freePort } from "../../app/packages/embedded/free-port";
import { projectRoot } from "../../lib/paths";
import {
  callIntervalMs,
  givenBroker,
  givenBrokerLines,
  givenBrokerVariables,
  simulatedBrokerVariables,
  whyUnreachable,
} from "./broker";
import { Children, stopPatienceMs } from "./children";
import { Leftovers } from "./leftovers";
import { logInOperator, registerOperator } from "./operator";
import { choosePorts } from "./ports";
import { secretsIn } from "./secrets";
import type { Secrets } from "./secrets";
import { databaseOwner, embeddedDatabaseVariables, givenDatabaseVariables, redisVariables } from "./settings";
import type { Ports, Variables } from "./settings";
import { startWebServer } from "./web-server";

export interface ApplicationOptions {
  /** Keeps data, secrets, logs and what is built. */
  readonly folder: string;
  /** 0 lets the system choose. */
  readonly ports: Ports;
  /** DATABASE_URL or DB_*, REDIS_URL or REDIS_*, and what else the processes shall know. */
  readonly environment: Variables;
  /** Told each step, and the SMS codes that the simulator sends. */
  readonly tell: (line: string) => void;
  /** Ends the start early. */
  readonly interrupt?: AbortSignal;
}

export interface Application {
  /** Base URLs without a final slash. */
  readonly addresses: Readonly<Record<ServiceKey | "page", string>>;
  /** What somebody who is about to use it has to know of the broker, line by line. */
  readonly brokerLines: readonly string[];
  /** Resolves to what happened when a process ends by itself; the others wait for `stop`. */
  readonly failed: Promise<string>;
  /** Ends everything in order; no process is left. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL, the simulator, the services and the page on this machine, and waits until all are ready. Where
 * ALGOLAB_API_URL names a broker, that one is used and no simulator started.
 *
 * @throws Error that says which part did not start, with its last words; nothing is left running then
 */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { folder, environment, tell, interrupt } = options;
  const secrets = secretsIn(join(folder, "secrets.json"));
  const given = givenBroker(environment, secrets);
  const leftovers = new Leftovers(join(folder, "processes"), folder);
  await leftovers.end(stopPatienceMs);
  const ports = await choosePorts(options.ports);
  const dist = join(folder, "dist");
  const pageFolder = join(folder, "page");
  tell("Building.");
  build("app/build.mjs", dist);
  build("app/web/build.mjs", pageFolder);

  const entry = (name: string) => [join(dist, `${name}.js`)];
  const children = new Children(join(folder, "logs"), interrupt, leftovers);
  try {
    const database =
      givenDatabaseVariables(environment, secrets.databaseServicesPassword) ??
      (await embeddedDatabase(children, dataFolder(folder, given?.name), environment, secrets, tell));
    const common = { ...environment, ...redisVariables(environment), ...database };
    tell("Preparing the database.");
    await children.run("bootstrap-database", entry("bootstrap-database"), common);

    const showSms = { now: false };
    const startSimulator = async () => {
      const simulator = await children.startAndHear(
        "simulator",
        entry("simulator"),
        simulatorVariables(environment, secrets, folder),
        /^AlgoLab simulator at (\S+)/,
        (line) => {
          if (showSms.now && line.startsWith("SMS ")) tell(line);
        },
      );
      return simulator[1] ?? "";
    };
    const simulatorUrl = given === undefined ? await startSimulator() : undefined;
    const broker =
      simulatorUrl === undefined
        ? givenBrokerVariables(secrets)
        : simulatedBrokerVariables(environment, secrets, simulatorUrl);

    tell("Starting the services.");
    const urls = mapKeys((key) => `http://127.0.0.1:${ports[key]}`);
    const serve = (key: ServiceKey) =>
      children.startUntilReady(
        services[key].name,
        entry(services[key].name),
        { ...common, ...serviceVariables(secrets, ports, urls), ...broker, PORT: String(ports[key]) },
        urls[key] + actuator.readiness,
      );
    await Promise.all([serve("userManagement"), serve("brokerIntegration")]);
    const operator = {
      urls,
      password: secrets.operatorPassword,
      grantRoles: (email: string, role: string) =>
        children.run("grant-roles", [...entry("grant-roles"), email, role], common),
    };
    await registerOperator(operator);
    // Before market data looks for a session at the broker, so that it finds one at once.
    if (simulatorUrl !== undefined) await logInOperator(operator, simulatorUrl);
    await serve("marketData");

    const upstreams = Object.fromEntries(serviceKeys.map((key) => [services[key].pathPrefix, urls[key]]));
    const web = await startWebServer({
      folder: pageFolder,
      port: ports.page,
      upstreams: { ...upstreams, ...(simulatorUrl === undefined ? {} : { "/simulator/sms": simulatorUrl }) },
    });
    showSms.now = true;
    const stop = async () => {
      await web.close();
      await children.stop();
    };
    const brokerLines =
      given === undefined
        ? ["SMS codes of the simulated broker are shown here and on the page."]
        : givenBrokerLines(given, folder, await whyUnreachable(given));
    return { addresses: { ...urls, page: web.url }, brokerLines, failed: children.failed, stop };
  } catch (error) {
    await children.stop();
    throw error;
  }
}

function build(script: string, folder: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, script), folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${script} failed:\n${stderr}`);
}

/** Accounts, orders and prices of one broker mean nothing to another. */
const dataFolder = (folder: string, broker: string | undefined) =>
  broker === undefined ? folder : join(folder, "brokers", broker);

async function embeddedDatabase(
  children: Children,
  folder: string,
  environment: Variables,
  secrets: Secrets,
  tell: (line: string) => void,
): Promise<Variables> {
  tell("Starting PostgreSQL.");
  const port = String(await freePort());
  const name = "bist_trading";
  const log = join(children.logFolder, "postgresql.log");
  await children.startAndHear(
    "postgres",
    ["tools/run.mjs", "local/app/postgres-process.ts", join(folder, "postgres"), port, name, databaseOwner, log],
    { ...environment, POSTGRES_PASSWORD: secrets.databaseOwnerPassword },
    /^PostgreSQL listens on/,
  );
  return embeddedDatabaseVariables(secrets, port, name);
}

/** The simulator counts from arrival to arrival, which may be a little less than from call to call. */
const jitterMs = 50;

const simulatorVariables = (environment: Variables, secrets: Secrets, folder: string): Variables => ({
  ...environment,
  ALGOLAB_API_KEY: secrets.brokerApiKey,
  SIMULATOR_RATE_INTERVAL_MS: String(Math.max(0, callIntervalMs(environment) - jitterMs)),
  SIMULATOR_STATE_FILE: join(folder, "simulator.state"),
});

function serviceVariables(secrets: Secrets, ports: Ports, urls: Readonly<Record<ServiceKey, string>>): Variables {
  return {
    HOST: "127.0.0.1",
    // The page's web server, which says whom it speaks for.
    TRUSTED_PROXIES: "127.0.0.1",
    CORS_ALLOWED_ORIGINS: `http://127.0.0.1:${ports.page},http://localhost:${ports.page}`,
    DRAIN_DELAY_MS: "0",
    JWT_SECRET: secrets.tokenSecret,
    JWT_KEYS_URL: `${urls.userManagement}/.well-known/jwks.json`,
    DATA_ENCRYPTION_KEYS: `local:${secrets.dataEncryptionKey}`,
    DATA_LOOKUP_SECRET: secrets.dataLookupSecret,
    // Every user who registers on this machine may trade.
    REGISTRATION_ROLES: "TRADER",
  };
}

const mapKeys = (make: (key: ServiceKey) => string) =>
  Object.fromEntries(serviceKeys.map((key) => [key, make(key)])) as Record<ServiceKey, string>;
