import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../app/packages/embedded/free-port";
import { projectRoot } from "../../lib/paths";
import { refuseTakenPort } from "../ports";
import { commandOf, endProcess } from "../../lib/process";
import { emulatorPython } from "./python";

const LAUNCHER = join(projectRoot, "local/emulator/launcher.py");
const START_TIMEOUT_MS = 60_000;
/** Saving the state of everything that the platform declares takes well under a second. */
const STOP_PATIENCE_MS = 20_000;

export interface EmulatorOptions {
  /** Where everything that was declared is kept between runs. */
  readonly stateFolder: string;
  /** Port on 127.0.0.1. @default a free one */
  readonly port?: number;
  /** Host at which RDS, ElastiCache and EKS claim to be: the emulator itself has no servers behind them. @default 127.0.0.1 */
  readonly serversHost?: string;
  /** Port that EKS claims for its API server. @default 16443 */
  readonly kubernetesPort?: number;
}

export interface Emulator {
  readonly pid: number;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
}

/**
 * Starts the emulator in a process of its own, which outlives this one, and waits until it answers.
 *
 * @throws MissingTool when Python cannot be had
 * @throws Error when the port is taken, or the emulator ends instead of answering
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const port = options.port ?? (await freePort());
  await refuseTakenPort(port, "the AWS emulator", `EMULATOR_PORT=${port + 1} npm start`);
  mkdirSync(options.stateFolder, { recursive: true });
  const logFile = join(options.stateFolder, "emulator.log");
  const log = openSync(logFile, "a");
  const child = spawn(emulatorPython(), [LAUNCHER], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...settings(options, port) },
  });
  closeSync(log);
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error(`The AWS emulator could not be started; see ${logFile}`);
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isHealthy(endpoint))) {
    if (commandOf(pid) === undefined || Date.now() > deadline) {
      await endProcess(pid, STOP_PATIENCE_MS);
      const last = readFileSync(logFile, "utf8").trim().split("\n").slice(-10).join("\n  ");
      throw new Error(`The AWS emulator did not start. The end of ${logFile}:\n  ${last}`);
    }
    await sleep(50);
  }
  return { pid, endpoint };
}

/** Ends an emulator so that it keeps its state. Returns false when it had to be killed, which loses what it held. */
export async function stopEmulator(pid: number): Promise<boolean> {
  return endProcess(pid, STOP_PATIENCE_MS);
}

/** Whether a process is an emulator that this project started. */
export function isEmulator(pid: number): boolean {
  return commandOf(pid)?.includes(LAUNCHER) === true;
}

export async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    const answer = await fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

function settings(options: EmulatorOptions, port: number): Record<string, string> {
  const { stateFolder, serversHost = "127.0.0.1", kubernetesPort = 16_443 } = options;
  return {
    GATEWAY_PORT: String(port),
    BIND_HOST: "127.0.0.1",
    MINISTACK_HOST: serversHost,
    REDIS_HOST: serversHost,
    EKS_BASE_PORT: String(kubernetesPort),
    PERSIST_STATE: "1",
    STATE_DIR: join(stateFolder, "services"),
    S3_PERSIST: "1",
    S3_DATA_DIR: join(stateFolder, "objects"),
    // Listeners of services that the platform does not use.
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    // Never a container, whatever this machine offers: the platform's real servers are its own.
    DOCKER_HOST: "unix:///nonexistent",
    LOG_LEVEL: "WARNING",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}
