import { spawn } from "node:child_process";
import { getPriority, setPriority } from "node:os";

/** No suite takes as long as this; one that does hangs, and is ended. */
const LIMIT_MS = 60 * 60_000;

/** What is done ends within this time; what does not left something open, and is ended. */
const LINGER_MS = 30_000;

export interface RunOptions {
  /** Whether the command has done its work and has only to end. @default it does not say */
  readonly isDone?: () => boolean;
  /** How much more than this process it gives way to others; 19 is the most there is. @default 0 */
  readonly niceness?: number;
  /** Milliseconds for which a command that is done may go on. */
  readonly lingerMs?: number;
}

/** Runs a command to its end and returns what it printed, standard output and error together. */
export function run(
  command: readonly string[],
  { isDone = () => false, niceness = 0, lingerMs = LINGER_MS }: RunOptions = {},
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS });
    if (child.pid !== undefined && niceness > 0) setPriority(child.pid, Math.min(getPriority() + niceness, 19));
    let linger: NodeJS.Timeout | undefined;
    const watch = setInterval(() => {
      if (!isDone()) return;
      clearInterval(watch);
      linger = setTimeout(() => child.kill("SIGKILL"), lingerMs);
    }, 500);
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    // jest's report goes to a file as well; here it would bury what it says on standard error.
    child.stdout.on("data", (chunk: Buffer) => {
      if (!args.includes("--json")) chunks.push(chunk);
    });
    const end = (exitCode: number, last = "") => {
      clearInterval(watch);
      clearTimeout(linger);
      resolve({ exitCode, output: Buffer.concat(chunks).toString() + last });
    };
    child.on("error", (error) => {
      end(1, error.message);
    });
    child.on("close", (code, signal) => {
      end(code ?? 1, signal === null ? "" : `\n${endOf(file, signal, linger !== undefined)}\n`);
    });
  });
}

const endOf = (file: string, signal: string, wasDone: boolean) =>
  wasDone
    ? `${file} had done its work and did not end: something is left open. It was ended by ${signal}.`
    : `${file} was ended by ${signal}.`;
