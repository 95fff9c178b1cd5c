import { spawn, spawnSync } from "node:child_process";
import { createConnection } from "node:net";
import { freePort } from "../../../app/packages/embedded/free-port";
import type { RedisConfig } from "../../../app/packages/kit/config/sections";
import { closeAfterTests } from "./left-over";

/** Why no Redis server can be started here, or undefined where one can. */
export const redisMissing = spawnSync("redis-server", ["--version"]).status === 0 ? undefined : "install redis-server";

/** A Redis server of one's own, on 127.0.0.1, that keeps nothing. */
export interface TestRedis {
  readonly config: RedisConfig;
  /** Stops the process in place, as a server that hangs; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const port = await freePort();
  const start = async () => {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const started = spawn("redis-server", args, { stdio: "ignore" });
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20));
    return started;
  };
  let server = await start();
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await ended;
  };
  closeAfterTests(kill);
  return {
    config: { host: "127.0.0.1", port, tls: false, timeoutMs: 500 },
    freeze: () => void server.kill("SIGSTOP"),
    thaw: () => void server.kill("SIGCONT"),
    kill,
    restart: async () => {
      server = await start();
    },
  };
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createConnection({ host: "127.0.0.1", port });
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => {
      resolve(false);
    });
  });
