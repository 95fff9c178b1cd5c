import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { exportJWK } from "jose";
import { databaseVariables } from "../../../../app/packages/contract/database";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { FAILPOINT_BY_MESSAGE } from "../../../../app/services/broker-integration/failpoints";
import type { Failpoint } from "../../../../app/services/broker-integration/domain/failpoint";
import { testSessionSecret, testTradingConfig } from "../../support/broker";
import type { TestDatabase } from "../../support/postgres";
import { testKeys } from "../../support/tokens";

const repository = resolve(__dirname, "../../../..");

/** Bundles broker-integration once, packages and all, so that a process of it starts fast. @returns the file to run */
export async function bundleService(): Promise<string> {
  const outfile = join(repository, ".cache/faults/broker-integration.js");
  mkdirSync(join(repository, ".cache/faults"), { recursive: true });
  await build({
    entryPoints: [join(repository, "app/services/broker-integration/main.ts")],
    outfile,
    bundle: true,
    // These find their own files by where they are, or are not there.
    external: ["@fastify/swagger-ui", "@opentelemetry/*", "pg-native"],
    platform: "node",
    format: "cjs",
    target: "node24",
    logLevel: "error",
  });
  return outfile;
}

/** Publishes the public key of the test tokens, as user-management would. */
export async function serveTestKeys(): Promise<{ readonly url: string; readonly server: Server }> {
  // The test issuer has one key, whatever the token.
  const key = await testKeys({ alg: "EdDSA", kid: "test-key" }, { payload: "", signature: "" });
  const jwk = { ...(await exportJWK(key as KeyObject)), kid: "test-key", alg: "EdDSA" };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`, server };
}

/** A failpoint, and at which time it is reached. */
export interface Crash {
  readonly failpoint: Failpoint;
  readonly count: number;
}

export interface ProcessOptions {
  readonly bundle: string;
  readonly database: TestDatabase;
  readonly brokerUrl: string;
  readonly keysUrl: string;
  /** Variables that differ from those of every fault test. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How long an account stays with a process that is gone. */
export const faultLeaseMs = 600;

/** One process of broker-integration. */
export class ServiceProcess {
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly lines: string[] = [];

  /** Where it listens; rejects when it ends before. */
  readonly url: Promise<string>;

  private constructor(readonly child: ChildProcess) {
    this.ended = new Promise((gone) => {
      child.once("exit", (_code, signal) => {
        gone(signal);
      });
    });
    this.url = new Promise((listening, failed) => {
      for (const stream of [child.stdout, child.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on("line", (line) => {
          this.lines.push(line);
          const found = /"url":"([^"]+)","msg":"listening"/.exec(line)?.[1];
          if (found !== undefined) listening(found);
        });
      }
      child.once("exit", () => {
        failed(new Error("the process ended before it listened"));
      });
    });
    // A rejection that no caller awaits must not end the test run.
    this.url.catch(() => undefined);
  }

  static start(options: ProcessOptions): ServiceProcess {
    const { bundle } = options;
    const child = spawn(process.execPath, [bundle], {
      cwd: repository,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: join(repository, ".cache/faults/compiled"),
        ...environmentOf(options),
        ...options.environment,
        FAILPOINT: FAILPOINT_BY_MESSAGE,
      },
    });
    return new ServiceProcess(child);
  }

  /** Has the process end itself at a failpoint from now on. */
  crashAt({ failpoint, count }: Crash): void {
    this.child.send(`${failpoint}:${count}`);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

function environmentOf({ database, brokerUrl, keysUrl }: ProcessOptions): Record<string, string> {
  return {
    NODE_ENV: "test",
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "info",
    DRAIN_DELAY_MS: "0",
    RATE_LIMITING_ENABLED: "false",
    ...databaseVariables(database.config),
    DB_POOL_MAX: "6",
    DB_POOL_MIN: "0",
    DB_CONNECT_TIMEOUT_MS: "5000",
    JWT_KEYS_URL: keysUrl,
    ALGOLAB_API_URL: brokerUrl,
    ALGOLAB_API_KEY: testApiKey,
    ALGOLAB_SESSION_SECRET: testSessionSecret,
    ALGOLAB_REQUEST_INTERVAL_MS: "20",
    ALGOLAB_REQUEST_TIMEOUT_MS: "400",
    TRADING_HOURS: "always",
    ORDER_SUBMIT_WITHIN_MS: "60000",
    ORDER_RESOLVE_DELAY_MS: "500",
    ORDER_RESOLVE_INTERVAL_MS: "100",
    ORDER_POLL_INTERVAL_MS: "150",
    ORDER_STATEMENT_INTERVAL_MS: "100",
    ALGOLAB_CLOCK_SKEW_MS: String(testTradingConfig.clockSkewMs),
    ACCOUNT_LEASE_MS: String(faultLeaseMs),
    ACCOUNT_VIEW_FRESH_MS: "0",
  };
}
