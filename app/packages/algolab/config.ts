import { addressProblem } from "../contract/http-address";
import type { AddressProblem } from "../contract/http-address";
import { ConfigProblem, section } from "../kit/config/read";
import { maybe, otherwise, secret, url } from "../kit/config/variables";
import { assertApiKey } from "./crypto";
import { ForwardProxy } from "./forward-proxy";

/** How the broker is reached, and how its sessions are sealed in the database. */
export interface AlgolabConfig {
  /** Scheme and host; calls go to /api/api/... below it, the socket to /api/ws. */
  readonly baseUrl: string;
  /** The platform's own, for customers who have given none: it is one customer's. */
  readonly apiKey: string | undefined;
  /** For `SessionVault`: the same in every service that reads sessions. */
  readonly sessionSecret: string;
  /** The only way to the broker, for calls and socket. @default straight to it */
  readonly proxy?: ForwardProxy | undefined;
}

const proxyUrlExpected = "the proxy's http://host:port or https://host:port";

/** The platform's key, where it has one, comes whole (`API-...`) or as the code behind its dash: the guide names both. */
export const algolabSection = section(
  {
    ALGOLAB_API_URL: otherwise(url("https", "http"), "https://www.algolab.com.tr"),
    ALGOLAB_API_KEY: maybe(secret("the API key, API-<code>, or its file in ALGOLAB_API_KEY_FILE")),
    ALGOLAB_API_CODE: maybe(secret("the API key's code, or its file in ALGOLAB_API_CODE_FILE")),
    // A secret by kind, so that credentials which somebody puts into it are not repeated.
    ALGOLAB_PROXY_URL: maybe(secret(proxyUrlExpected)),
    ALGOLAB_PROXY_CREDENTIALS: maybe(secret("user:password, or its file in ALGOLAB_PROXY_CREDENTIALS_FILE")),
    ALGOLAB_SESSION_SECRET: secret("at least 32 characters, or their file in ALGOLAB_SESSION_SECRET_FILE", 32),
  },
  (values): AlgolabConfig => {
    const { ALGOLAB_API_KEY: key, ALGOLAB_API_CODE: code } = values;
    const fromCode = code === undefined ? undefined : `API-${code.replace(/^API-/, "")}`;
    const apiKey = key ?? fromCode;
    if (key !== undefined && fromCode !== undefined && fromCode.slice(4) !== key.slice(key.indexOf("-") + 1)) {
      throw new ConfigProblem("ALGOLAB_API_KEY and ALGOLAB_API_CODE differ; set one, or both to the same code");
    }
    if (addressProblem(values.ALGOLAB_API_URL, "path") !== undefined) {
      throw new ConfigProblem("ALGOLAB_API_URL has more than scheme, host, port and path; leave the rest out");
    }
    try {
      if (apiKey !== undefined) assertApiKey(apiKey);
    } catch (error) {
      throw new ConfigProblem(`ALGOLAB_API_KEY: ${(error as Error).message}`);
    }
    return {
      baseUrl: values.ALGOLAB_API_URL.replace(/\/+$/, ""),
      apiKey,
      sessionSecret: values.ALGOLAB_SESSION_SECRET,
      proxy: proxyOf(values.ALGOLAB_PROXY_URL, values.ALGOLAB_PROXY_CREDENTIALS),
    };
  },
);

const proxyProblems: Readonly<Record<AddressProblem, string>> = {
  CREDENTIALS: "carries credentials; put them into ALGOLAB_PROXY_CREDENTIALS",
  MORE: "has more than scheme, host and port; leave the rest out",
  NOT_HTTP: `is not usable; expected ${proxyUrlExpected}`,
};

/** @throws ConfigProblem that repeats neither value */
function proxyOf(address: string | undefined, credentials: string | undefined): ForwardProxy | undefined {
  if (address === undefined) {
    if (credentials === undefined) return undefined;
    // Without its proxy the broker would be called from an address that was not meant.
    throw new ConfigProblem("ALGOLAB_PROXY_CREDENTIALS is set without ALGOLAB_PROXY_URL; set both, or neither");
  }
  const problem = addressProblem(address, "host");
  if (problem !== undefined) throw new ConfigProblem(`ALGOLAB_PROXY_URL ${proxyProblems[problem]}`);
  if (credentials !== undefined && !/^[^:\p{Cc}]+:\P{Cc}*$/u.test(credentials)) {
    throw new ConfigProblem("ALGOLAB_PROXY_CREDENTIALS is not usable; expected user:password");
  }
  return new ForwardProxy({ url: new URL(address), credentials });
}
