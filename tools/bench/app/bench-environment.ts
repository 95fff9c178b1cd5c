import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { actuator, serviceKeys, services } from "../../../app/packages/contract/services";
import type { ServiceKey } from "../../../app/packages/contract/services";
import { freePort } from "../../../app/packages/embedded/free-port";
import { Children } from "../../../local/app/children";
import { logInOperator, registerOperator } from "../../../local/app/operator";
import { secretsIn } from "../../../local/app/secrets";
import type { Secrets } from "../../../local/app/secrets";
import type { Variables } from "../../../local/app/settings";
import { localFolder, projectRoot } from "../../../lib/paths";
import { BenchServer } from "./bench-server";
import { Databases } from "./databases";
import { Program } from "./program";
import { Tokens } from "./tokens";

/** Set in the environment of every process: nothing of the caller's but where programs are found. */
const common: Variables = { PATH: process.env["PATH"], NODE_ENV: "production" };

/** The application as it runs in production, on 127.0.0.1, with a broker whose ticks the bench sends. */
export interface BenchEnvironment {
  readonly urls: Readonly<Record<ServiceKey, string>>;
  readonly simulatorUrl: string;
  readonly tickSource: Program;
  readonly tokens: Tokens;
  /** DB_* of the services' database. */
  readonly database: Variables;
  /** DB_* of a database with the same tables that no service uses: for references. */
  readonly bareDatabase: Variables;
  /** One statement as the tables' owner. */
  query<R extends object>(database: Variables, sql: string): Promise<R[]>;
  /** Starts another program of the bench. */
  start(name: string, variables?: Variables): Promise<Program>;
  /** Has the processes' logs outlive them. @returns their folder */
  keepLogs(): string;
  /** Ends everything, and removes what it held. */
  stop(): Promise<void>;
}

/**
 * Builds and starts PostgreSQL with its durable defaults, the simulator, the services and the source of ticks.
 * @param profileFolder where the services leave their CPU profiles when they end; none are made without it
 * @throws Error that says which part did not start; nothing is left then
 */
export async function startBenchEnvironment(interrupt: AbortSignal, profileFolder?: string): Promise<BenchEnvironment> {
  mkdirSync(localFolder, { recursive: true });
  const folder = mkdtempSync(join(localFolder, "bench-"));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  chmodSync(folder, 0o711);
  const children = new Children(join(folder, "logs"), interrupt);
  const databases = new Databases();
  const server = new BenchServer(children, common);
  const keepLogs = () => {
    const kept = join(localFolder, "bench-logs");
    rmSync(kept, { recursive: true, force: true });
    cpSync(join(folder, "logs"), kept, { recursive: true });
    return kept;
  };
  const stop = async () => {
    await databases.close();
    await children.stop();
    await server.dropDatabases();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await startParts(folder, children, server, databases, profileFolder)), keepLogs, stop };
  } catch (error) {
    keepLogs();
    await stop();
    throw error;
  }
}

async function startParts(
  folder: string,
  children: Children,
  server: BenchServer,
  databases: Databases,
  profileFolder?: string,
): Promise<Omit<BenchEnvironment, "keepLogs" | "stop">> {
  const secrets = secretsIn(join(folder, "secrets.json"));
  const dist = join(folder, "dist");
  build(dist);
  const entry = (name: string) => [join(dist, `${name}.js`)];
  const start = async (name: string, variables: Variables = {}) => {
    const program = ["tools/run.mjs", `tools/bench/app/programs/${name}.ts`];
    const [, url = ""] = await children.startAndHear(name, program, { ...common, ...variables }, /^listening on (\S+)/);
    return new Program(url);
  };

  const [database, bareDatabase] = await server.start(folder, secrets);
  for (const each of [database, bareDatabase]) {
    await children.run("bootstrap-database", entry("bootstrap-database"), { ...common, ...each });
  }
  const [, simulatorUrl = ""] = await children.startAndHear(
    "simulator",
    entry("simulator"),
    { ...common, ALGOLAB_API_KEY: secrets.brokerApiKey, SIMULATOR_RATE_INTERVAL_MS: "0" },
    /^AlgoLab simulator at (\S+)/,
  );
  const tickSource = await start("tick-source");
  const ports = await freePorts();
  const urls = mapKeys((key) => `http://127.0.0.1:${ports[key]}`);
  const profiling = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
  const serve = (key: ServiceKey, brokerUrl: string) =>
    children.startUntilReady(
      services[key].name,
      [...profiling, ...entry(services[key].name)],
      { ...common, ...database, ...serviceVariables(secrets, urls, brokerUrl), PORT: String(ports[key]) },
      urls[key] + actuator.readiness,
    );
  await Promise.all([serve("userManagement", simulatorUrl), serve("brokerIntegration", simulatorUrl)]);
  const operator = {
    urls,
    password: secrets.operatorPassword,
    grantRoles: (email: string, role: string) =>
      children.run("grant-roles", [...entry("grant-roles"), email, role], { ...common, ...database }),
  };
  await registerOperator(operator);
  await logInOperator(operator, simulatorUrl);
  await serve("marketData", tickSource.url);
  await tickSource.tell("subscribed");
  const tokens = new Tokens(secrets.tokenSecret);
  const query: BenchEnvironment["query"] = (variables, sql) => databases.query(variables, sql);
  return { urls, simulatorUrl, tickSource, tokens, database, bareDatabase, query, start };
}

function build(folder: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, "app/build.mjs"), folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the application could not be built:\n${stderr}`);
}

function serviceVariables(secrets: Secrets, urls: Readonly<Record<ServiceKey, string>>, brokerUrl: string): Variables {
  return {
    HOST: "127.0.0.1",
    DRAIN_DELAY_MS: "0",
    // One caller asks thousands of times: the limits would answer 429.
    RATE_LIMITING_ENABLED: "false",
    JWT_SECRET: secrets.tokenSecret,
    JWT_KEYS_URL: `${urls.userManagement}/.well-known/jwks.json`,
    DATA_ENCRYPTION_KEYS: `bench:${secrets.dataEncryptionKey}`,
    DATA_LOOKUP_SECRET: secrets.dataLookupSecret,
    ALGOLAB_API_URL: brokerUrl,
    ALGOLAB_API_KEY: secrets.brokerApiKey,
    ALGOLAB_SESSION_SECRET: secrets.brokerSessionSecret,
    ALGOLAB_REQUEST_INTERVAL_MS: "0",
    TRADING_HOURS: "always",
    // A machine that is busy otherwise takes minutes to send what a run has placed.
    ORDER_SUBMIT_WITHIN_MS: "600000",
  };
}

async function freePorts(): Promise<Readonly<Record<ServiceKey, number>>> {
  const chosen: Partial<Record<ServiceKey, number>> = {};
  for (const key of serviceKeys) chosen[key] = await freePort();
  return chosen as Record<ServiceKey, number>;
}

const mapKeys = (make: (key: ServiceKey) => string) =>
  Object.fromEntries(serviceKeys.map((key) => [key, make(key)])) as Record<ServiceKey, string>;
