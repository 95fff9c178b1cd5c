import { Writable } from "node:stream";
import type { ServiceContract } from "../../../app/packages/contract/services";
import type { ServiceConfig } from "../../../app/packages/kit/config/sections";
import { startService } from "../../../app/packages/kit/service";
import type { Kit, RunningService, ServiceOptions } from "../../../app/packages/kit/service";
import { DocumentedAnswers } from "./documented-answers";
import type { OpenApiDocument } from "./documented-answers";
import { closeAfterTests } from "./left-over";
import type { TestDatabase } from "./postgres";
import { testKeys } from "./tokens";

/** Configuration of a service under test: its own database, a free port, no Redis, no rate limits, no waiting. */
export const testServiceConfig = (database: TestDatabase): ServiceConfig => ({
  http: {
    host: "127.0.0.1",
    port: 0,
    allowedOrigins: ["https://bist-trading.com", "https://app.bist-trading.com"],
    trustedProxies: ["127.0.0.1"],
    rateLimits: false,
    drainDelayMs: 0,
    drainTimeoutMs: 5_000,
    logLevel: "info",
  },
  database: database.config,
  cache: undefined,
  tokens: {
    issuer: "bist-trading-platform",
    audience: "bist-trading-users",
    keysUrl: "http://127.0.0.1:9/jwks.json",
    algorithms: ["EdDSA"],
  },
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, parsed when it is JSON. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestService extends RunningService {
  /** Lines that the service has logged, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  /** @throws where the answer is not as the service's OpenAPI document tells */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

/** Starts a service in this process, on a free port; `stop` it in afterAll. Tokens come from `testToken`. */
export async function startTestService(
  contract: ServiceContract,
  config: ServiceConfig,
  build: (kit: Kit) => Promise<void> | void,
  options: ServiceOptions = {},
): Promise<TestService> {
  const logged: Record<string, unknown>[] = [];
  const logDestination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split("\n"))
        if (line !== "") logged.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const service = await startService(contract, config, build, { tokenKeys: testKeys, logDestination, ...options });
  closeAfterTests(() => service.stop());
  const { body } = await request(service.url, "GET", "/openapi.json");
  const documented = new DocumentedAnswers(body as OpenApiDocument, contract.pathPrefix);
  const call = async (method: string, path: string, callOptions?: CallOptions) => {
    const answer = await request(service.url, method, path, callOptions);
    documented.expect(method, path, answer);
    return answer;
  };
  return { ...service, logged, call };
}

/** What is found in an answer along `path`; undefined where it ends early. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((found, name) => (found as Record<string | number, unknown> | undefined)?.[name], value);

/** Text that must be in an answer along `path`. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== "string") throw new Error(`${path.join(".")} is not text in ${JSON.stringify(value)}`);
  return found;
}

/** One HTTP request, with a JSON body when there is one. */
export async function request(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { token, body, headers } = options;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json ? (JSON.parse(text) as unknown) : text,
  };
}
