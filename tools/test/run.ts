import { spawn } from "node:child_process";

/** No suite takes as long as this; one that does hangs, and is ended. */
const LIMIT_MS = 30 * 60_000;

/** Runs a command to its end and returns what it printed, standard output and error together. */
export function run(command: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT_MS });
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    // jest's report goes to a file as well; here it would bury what it says on standard error.
    child.stdout.on("data", (chunk: Buffer) => {
      if (!args.includes("--json")) chunks.push(chunk);
    });
    const end = (exitCode: number, last = "") => {
      resolve({ exitCode, output: Buffer.concat(chunks).toString() + last });
    };
    child.on("error", (error) => {
      end(1, error.message);
    });
    child.on("close", (code, signal) => {
      end(code ?? 1, signal === null ? "" : `\n${file} was ended by ${signal}\n`);
    });
  });
}
