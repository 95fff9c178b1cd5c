import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../../app/packages/embedded/free-port";
import type { RedisConfig } from "../../../app/packages/kit/config/sections";
import { applicationRights, cacheUser } from "../../../constructs/aws/cache/redis-cache";
import { closeAfterTests } from "./left-over";

/** Why no Redis server can be started here, or undefined where one can. */
export const redisMissing = spawnSync("redis-server", ["--version"]).status === 0 ? undefined : "install redis-server";

/** A Redis server of one's own, on 127.0.0.1, that keeps nothing unless it is told to. */
export interface TestRedis {
  /** A service's, whose user has the rights that production gives it. */
  readonly config: RedisConfig;
  /** Sends a command as the server's administrator. */
  admin(name: string, ...args: readonly (string | number)[]): Promise<unknown>;
  /** Stops the process in place, as a server that hangs; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it was told to keep. */
  restart(...settings: readonly string[]): Promise<void>;
}

/** @param settings of the server's command line */
export async function startTestRedis(...settings: readonly string[]): Promise<TestRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "bist-redis-"));
  const password = "not-a-real-password";
  const user = [cacheUser, `>${password}`, ...applicationRights.split(" ")];
  const start = async (more: readonly string[]) => {
    const listen = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    const args = [...listen, "--save", "", "--appendonly", "no", "--user", ...user, ...settings, ...more];
    const server = spawn("redis-server", args, { stdio: "ignore" });
    while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20));
    // Kept open, as a server that has as many clients as it takes would refuse it.
    const administrator = new Redis({ port, enableReadyCheck: false, maxRetriesPerRequest: 0 });
    administrator.on("error", () => undefined);
    return { server, administrator };
  };
  let running = await start([]);
  const kill = async () => {
    const { server, administrator } = running;
    administrator.disconnect();
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await ended;
  };
  closeAfterTests(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    config: { host: "127.0.0.1", port, username: cacheUser, password, tls: false, timeoutMs: 500 },
    admin: (name, ...args) => running.administrator.call(name, ...args),
    freeze: () => void running.server.kill("SIGSTOP"),
    thaw: () => void running.server.kill("SIGCONT"),
    kill,
    restart: async (...more) => {
      running = await start(more);
    },
  };
}

/** @returns a replica of `primary`, once it follows it */
export async function startReplicaOf(primary: TestRedis): Promise<TestRedis> {
  const replica = await startTestRedis("--replicaof", `127.0.0.1 ${primary.config.port}`);
  while (!String(await replica.admin("INFO", "replication")).includes("master_link_status:up"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  return replica;
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
