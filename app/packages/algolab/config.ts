import { ConfigProblem, section } from "../kit/config/read";
import { maybe, otherwise, secret, url } from "../kit/config/variables";
import { assertApiKey } from "./crypto";

/** How the broker is reached, and how its sessions are sealed in the database. */
export interface AlgolabConfig {
  /** Scheme and host; calls go to /api/api/... below it, the socket to /api/ws. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For `SessionVault`: the same in every service that reads sessions. */
  readonly sessionSecret: string;
}

/** The key comes whole (`API-...`), or as the code behind its dash; the guide names a variable for each. */
export const algolabSection = section(
  {
    ALGOLAB_API_URL: otherwise(url("https", "http"), "https://www.algolab.com.tr"),
    ALGOLAB_API_KEY: maybe(secret("the API key, API-<code>, or its file in ALGOLAB_API_KEY_FILE")),
    ALGOLAB_API_CODE: maybe(secret("the API key's code, or its file in ALGOLAB_API_CODE_FILE")),
    ALGOLAB_SESSION_SECRET: secret("at least 32 characters, or their file in ALGOLAB_SESSION_SECRET_FILE", 32),
  },
  (values): AlgolabConfig => {
    const { ALGOLAB_API_KEY: key, ALGOLAB_API_CODE: code } = values;
    const fromCode = code === undefined ? undefined : `API-${code.replace(/^API-/, "")}`;
    const apiKey = key ?? fromCode;
    if (apiKey === undefined) throw new ConfigProblem("ALGOLAB_API_KEY is missing; set it, or ALGOLAB_API_CODE");
    if (key !== undefined && fromCode !== undefined && fromCode.slice(4) !== key.slice(key.indexOf("-") + 1)) {
      throw new ConfigProblem("ALGOLAB_API_KEY and ALGOLAB_API_CODE differ; set one, or both to the same code");
    }
    try {
      assertApiKey(apiKey);
    } catch (error) {
      throw new ConfigProblem(`ALGOLAB_API_KEY: ${(error as Error).message}`);
    }
    return {
      baseUrl: values.ALGOLAB_API_URL.replace(/\/+$/, ""),
      apiKey,
      sessionSecret: values.ALGOLAB_SESSION_SECRET,
    };
  },
);
