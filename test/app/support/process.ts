import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(__dirname, "../../..");
let built: string | undefined;

/** The application bundled as for its image, once a worker: the folder with `user-management.js`, `migrate.js` and so on. */
export function builtApp(): string {
  if (built !== undefined) return built;
  mkdirSync(join(repository, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(repository, ".cache", "test-app-"));
  execFileSync(process.execPath, [join(repository, "app/build.mjs"), folder]);
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  built = folder;
  return folder;
}

type Variables = Readonly<Record<string, string>>;

export interface AppProcess {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Exit code, or -1 when a signal ended it. */
  readonly ended: Promise<number>;
}

/** Starts one entry point of the application as a process with these variables and no others. */
export function startProcess(name: string, environment: Variables, ...parameters: readonly string[]): AppProcess {
  const child = spawn(process.execPath, [join(builtApp(), `${name}.js`), ...parameters], { env: { ...environment } });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output.stderr += data.toString()));
  const ended = new Promise<number>((resolveEnd) =>
    child.once("close", (code) => {
      resolveEnd(code ?? -1);
    }),
  );
  return { child, output, ended };
}

/** Runs a command of the application to its end. */
export async function runCommand(name: string, environment: Variables, ...parameters: readonly string[]) {
  const { output, ended } = startProcess(name, environment, ...parameters);
  return { code: await ended, ...output };
}

/** Waits until the process has written a line that matches. @throws with what it wrote when it ends before */
export async function written({ output, ended }: AppProcess, pattern: RegExp): Promise<RegExpExecArray> {
  const state = { over: false };
  void ended.then(() => (state.over = true));
  for (;;) {
    const match = pattern.exec(output.stdout);
    if (match !== null) return match;
    if (state.over) throw new Error(`the process ended without ${String(pattern)}:\n${output.stdout}${output.stderr}`);
    await new Promise((resolveWait) => setTimeout(resolveWait, 10));
  }
}
