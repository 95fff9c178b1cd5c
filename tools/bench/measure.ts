import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

export interface Sample {
  readonly seconds: number;
  /** Most memory that the command's processes held together, MiB. */
  readonly peakMiB: number;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** How often memory is looked at; a peak between two looks is missed. */
const LOOK_EVERY_MS = 25;

/**
 * Runs a command and measures it, with every process that it starts.
 *
 * @throws Error with what the command printed, when it fails
 */
export async function measure({ file, args, cwd, env = {} }: Command): Promise<Sample> {
  const started = process.hrtime.bigint();
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  let peakMiB = 0;
  const look = setInterval(() => {
    if (child.pid !== undefined) peakMiB = Math.max(peakMiB, residentMiB(child.pid));
  }, LOOK_EVERY_MS);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`${file} ${args.join(" ")} failed:\n${Buffer.concat(output).toString()}`);
  } finally {
    clearInterval(look);
  }
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, peakMiB };
}

/** Resident memory of a process and its descendants, as Linux counts it; elsewhere 0. */
function residentMiB(pid: number): number {
  return descendants(pid).reduce((sum, each) => {
    const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${each}/status`)) ?? [];
    return sum + Number(kib) / 1024;
  }, 0);
}

function descendants(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
