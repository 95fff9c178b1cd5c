import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The command line of a running process; undefined when it has ended, also while it is a zombie. */
export function commandOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const state = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
      return state === "Z" ? undefined : readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return undefined;
    }
  }
  const { stdout } = spawnSync("ps", ["-o", "stat=,command=", "-p", String(pid)], { encoding: "utf8" });
  const [state, ...command] = stdout.trim().split(/\s+/);
  return state === undefined || state === "" || state.startsWith("Z") ? undefined : command.join(" ");
}

/** The process that runs exactly this command; undefined where none does. */
export function processOf(command: string): number | undefined {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .find((pid) => commandOf(pid) === command);
  }
  const { stdout } = spawnSync("ps", ["-axo", "pid=,command="], { encoding: "utf8" });
  const found = stdout.split("\n").find((line) => line.trim().replace(/^\d+\s+/, "") === command);
  return found === undefined ? undefined : Number.parseInt(found, 10);
}

/**
 * Starts a program that outlives this process and writes to the end of a file.
 *
 * @returns its process id, or undefined when it cannot be run
 */
export function startDetached(
  [program = "", ...args]: readonly string[],
  { cwd, env, logFile }: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv; readonly logFile: string },
): number | undefined {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.once("error", () => undefined); // It has no process id then.
  child.unref();
  return child.pid;
}

/** Waits until a process has ended. Returns false when it still runs after `timeoutMs`. */
export async function ended(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (commandOf(pid) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
}

/** Asks a process to end, and insists after `patienceMs`. Returns false when it had to be killed. */
export async function endProcess(pid: number, patienceMs: number): Promise<boolean> {
  if (!signal(pid, "SIGTERM") || (await ended(pid, patienceMs))) return true;
  signal(pid, "SIGKILL");
  await ended(pid, patienceMs);
  return false;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Who listens on a TCP port of this machine, as far as this user may know. */
export function listenerOn(port: number): { readonly pid: number; readonly command: string } | undefined {
  const pid = process.platform === "linux" ? linuxListener(port) : lsofListener(port);
  return pid === undefined ? undefined : { pid, command: commandOf(pid) ?? "ended meanwhile" };
}

function linuxListener(port: number): number | undefined {
  const LISTEN = "0A";
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN)
      .map((fields) => `socket:[${fields[9] ?? ""}]`),
  );
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => openFiles(pid).some((file) => inodes.includes(file)));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      } catch {
        return "";
      }
    });
  } catch {
    return []; // Another user's process, or one that has ended.
  }
}

function lsofListener(port: number): number | undefined {
  const { stdout } = spawnSync("lsof", ["-nP", "-t", `-iTCP:${port}`, "-sTCP:LISTEN"], { encoding: "utf8" });
  const pid = Number.parseInt(stdout, 10);
  return Number.isNaN(pid) ? undefined : pid;
}
