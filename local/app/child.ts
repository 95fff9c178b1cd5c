import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import type { WriteStream } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../lib/paths";
import type { Variables } from "./settings";

/** How many of its last lines a process is reported with when it ends by surprise. */
const keptLines = 15;

export interface ChildOptions {
  readonly name: string;
  /** Arguments of Node: the script and its own. */
  readonly args: readonly string[];
  readonly environment: Variables;
  readonly logFolder: string;
  /** Told each line that the process writes. */
  readonly onLine?: (line: string) => void;
}

/**
 * A process of the application. It has a process group of its own, so that the terminal's Ctrl-C reaches only who
 * started it and all end in order; it learns by its IPC channel when who started it is gone.
 */
export class Child {
  readonly name: string;
  readonly logFile: string;
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when it has ended, to how. */
  readonly ended: Promise<string>;
  private readonly process: ChildProcess;
  private readonly lines: string[] = [];
  private hasEnded = false;

  constructor({ name, args, environment, logFolder, onLine }: ChildOptions) {
    this.name = name;
    mkdirSync(logFolder, { recursive: true });
    this.logFile = join(logFolder, `${name}.log`);
    const log = createWriteStream(this.logFile);
    this.process = spawn(process.execPath, args, {
      cwd: projectRoot,
      detached: true,
      // What is built may lie anywhere; its packages are the project's.
      env: { ...environment, NODE_PATH: join(projectRoot, "node_modules") },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.pid = this.process.pid;
    const note = (line: string) => {
      this.lines.push(line);
      if (this.lines.length > keptLines) this.lines.shift();
      onLine?.(line);
    };
    this.follow(this.process.stdout, log, note);
    this.follow(this.process.stderr, log, note);
    this.ended = new Promise((resolve) => {
      this.process.once("error", (error) => {
        resolve(`could not be started: ${error.message}`);
      });
      this.process.once("close", (code, signal) => {
        this.hasEnded = true;
        log.end();
        resolve(signal === null ? `ended with ${code ?? 0}` : `was ended by ${signal}`);
      });
    });
  }

  /** How it ended and what it said last, for a message. */
  async lastWords(): Promise<string> {
    const how = await this.ended;
    const lines = this.lines.length === 0 ? "it wrote nothing" : this.lines.map((line) => `  ${line}`).join("\n");
    return `${this.name} ${how}; its last lines (all of them are in ${this.logFile}):\n${lines}`;
  }

  /** Waits for something that the process brings about. @throws with its last words when it ends before */
  async meanwhile<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.lastWords().then((text) => Promise.reject(new Error(text)))]);
  }

  /** Asks it to end, and insists after `patienceMs`. */
  async stop(patienceMs: number): Promise<void> {
    if (this.hasEnded) return;
    this.process.kill("SIGTERM");
    const patience = new AbortController();
    const insist = sleep(patienceMs, undefined, { signal: patience.signal }).then(
      () => this.process.kill("SIGKILL"),
      () => undefined, // It has ended in time.
    );
    await this.ended;
    patience.abort();
    await insist;
  }

  private follow(stream: NodeJS.ReadableStream | null, log: WriteStream, note: (line: string) => void): void {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log.write(text);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(note);
    });
    stream?.on("end", () => {
      if (rest !== "") note(rest);
    });
  }
}
