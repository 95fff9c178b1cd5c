import { connect as connectTcp, isIP } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { algolabSection } from "../../app/packages/algolab/config";
import type { AlgolabConfig } from "../../app/packages/algolab/config";
import { readConfig } from "../../app/packages/kit/config/read";
import { operatorEmail } from "./operator";
import type { Secrets } from "./secrets";
import type { Variables } from "./settings";

const reachWithinMs = 5_000;

/** A broker that is there already: AlgoLab itself, or anybody's stand-in for it. */
export interface GivenBroker extends Pick<AlgolabConfig, "baseUrl" | "proxy"> {
  /** Names it in a folder, as what one broker knows means nothing to another. */
  readonly name: string;
}

/**
 * The broker that ALGOLAB_API_URL names, with its key and the proxy before it; undefined when it is not set.
 *
 * @throws ConfigError with everything that is wrong with its variables
 */
export function givenBroker(environment: Variables, { brokerSessionSecret }: Secrets): GivenBroker | undefined {
  if ((environment["ALGOLAB_API_URL"] ?? "") === "") return undefined;
  const variables = { ...environment, ...sessionSecret(brokerSessionSecret) };
  const { baseUrl, proxy } = readConfig({ broker: algolabSection }, variables).broker;
  return { baseUrl, proxy, name: new URL(baseUrl).host.replace(/[^\w.-]/g, "-") };
}

/** Variables of the services with a broker that is there: the rest of what it needs is in the environment. */
export const givenBrokerVariables = (secrets: Secrets): Variables => sessionSecret(secrets.brokerSessionSecret);

/**
 * Least time between two calls of an account to the simulator, in milliseconds. The broker's is 5000, which is long for a
 * trial by hand.
 */
export const callIntervalMs = (environment: Variables) => Number(environment["ALGOLAB_REQUEST_INTERVAL_MS"] ?? "250");

/** Variables of the services with the simulator; what the environment says of another broker does not count. */
export const simulatedBrokerVariables = (
  environment: Variables,
  secrets: Secrets,
  simulatorUrl: string,
): Variables => ({
  ...Object.fromEntries(
    Object.keys(environment).flatMap((name) => (/^ALGOLAB_(API|PROXY|SESSION)_/.test(name) ? [[name, undefined]] : [])),
  ),
  ALGOLAB_API_URL: simulatorUrl,
  ALGOLAB_API_KEY: secrets.brokerApiKey,
  ALGOLAB_SESSION_SECRET: secrets.brokerSessionSecret,
  ALGOLAB_REQUEST_INTERVAL_MS: String(callIntervalMs(environment)),
  // Simulated shares trade day and night.
  TRADING_HOURS: "always",
  ACCOUNT_VIEW_FRESH_MS: "2000",
});

const sessionSecret = (secret: string) => ({ ALGOLAB_SESSION_SECRET: secret, ALGOLAB_SESSION_SECRET_FILE: undefined });

/** Tries to connect, and says nothing. @returns why the broker cannot be reached; undefined when it can */
export async function whyUnreachable({ baseUrl, proxy }: GivenBroker): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    if (proxy !== undefined) {
      proxy.connect({ hostname: host, port, protocol }, (error, socket) => {
        socket?.destroy();
        resolve(error?.message);
      });
      return;
    }
    const reached = () => {
      socket.destroy();
      resolve(undefined);
    };
    const socket =
      protocol === "https:"
        ? connectTls({ host, port: Number(port || 443), ...(isIP(host) === 0 ? { servername: host } : {}) }, reached)
        : connectTcp({ host, port: Number(port || 80) }, reached);
    socket.setTimeout(reachWithinMs, () => socket.destroy(new Error(`no answer within ${reachWithinMs / 1_000} s`)));
    socket.on("error", (error: Error) => {
      resolve(error.message);
    });
  });
}

/** What somebody has to know and to do where the broker is not the simulator. */
export function givenBrokerLines({ baseUrl, proxy }: GivenBroker, folder: string, unreachable?: string): string[] {
  return [
    `Broker        ${baseUrl}${proxy === undefined ? "" : `, through the proxy ${proxy.address}`}; no simulator runs`,
    ...(unreachable === undefined
      ? []
      : [`              It cannot be reached now (${unreachable}); the services go on trying.`]),
    "Log in at it on the page, with your customer number and the code that it sends by SMS.",
    `Prices come over an administrator's session: sign in as ${operatorEmail}, whose password is`,
    `operatorPassword in ${join(folder, "secrets.json")}, and log in at the broker there.`,
    "The exchange's hours apply; TRADING_HOURS=always lifts them.",
  ];
}
