import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandOf, endProcess, processOf } from "../../lib/process";
import { writeFileAtomically } from "../../lib/write-file-atomically";

const LOOK_EVERY_MS = 100;
const SHOWS_EVERY_MS = 5;
const LAST_LINES = 10;

interface Started {
  /** Not known yet while it is being started. */
  readonly pid?: number;
  readonly command: string;
}

/** A program that goes on in the background and is found again by the next command, through a file. */
export class Daemon {
  readonly logFile: string;
  private readonly record: string;

  /** @param folder keeps which process it is, and its log */
  constructor(
    readonly name: string,
    folder: string,
  ) {
    this.logFile = join(folder, `${name}.log`);
    this.record = join(folder, `${name}.json`);
  }

  /** Its process, while that runs. The whole command is compared: the id may be another program's by now. */
  get pid(): number | undefined {
    const { pid, command } = this.read() ?? {};
    if (command === undefined) return undefined;
    // The process that started it was killed before it could record its id.
    if (pid === undefined) return processOf(command);
    return commandOf(pid) === command ? pid : undefined;
  }

  /**
   * Starts a command, unless exactly it runs already. What runs with other arguments ends first.
   *
   * @returns whether it was started
   */
  async start(command: readonly string[], patienceMs: number): Promise<boolean> {
    const line = command.join(" ");
    if (this.pid !== undefined) {
      if (this.read()?.command === line) return false;
      await this.stop(patienceMs);
    }
    mkdirSync(dirname(this.logFile), { recursive: true, mode: 0o700 });
    this.write({ command: line });
    const log = openSync(this.logFile, "a", 0o600);
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      cwd: dirname(this.logFile),
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"], HOME: dirname(this.logFile) },
    });
    closeSync(log);
    child.once("error", () => undefined); // It has no process then, which is said below.
    child.unref();
    if (child.pid === undefined) throw new Error(`${this.name} could not be started: ${program} cannot be run`);
    this.write({ pid: child.pid, command: line });
    await untilShown(child.pid);
    return true;
  }

  /** Waits until `isReady` says so. @throws Error with the log's last lines when it ends before, or takes too long */
  async untilReady(isReady: () => Promise<boolean>, patienceMs: number): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await isReady())) {
      const runs = this.pid !== undefined;
      if (runs && Date.now() < deadline) {
        await sleep(LOOK_EVERY_MS);
        continue;
      }
      const what = runs ? `was not ready after ${patienceMs / 1000} s` : "ended instead of becoming ready";
      throw new Error(`${this.name} ${what}. The end of ${this.logFile}:\n  ${this.lastLines()}`);
    }
  }

  /** Asks it to end, and insists after `patienceMs`. Returns whether it ran. */
  async stop(patienceMs: number): Promise<boolean> {
    const { pid } = this;
    if (pid !== undefined) await endProcess(pid, patienceMs);
    rmSync(this.record, { force: true });
    return pid !== undefined;
  }

  private read(): Started | undefined {
    return existsSync(this.record) ? (JSON.parse(readFileSync(this.record, "utf8")) as Started) : undefined;
  }

  private write(started: Started): void {
    writeFileAtomically(this.record, JSON.stringify(started));
  }

  private lastLines(): string {
    return readFileSync(this.logFile, "utf8").trim().split("\n").slice(-LAST_LINES).join("\n  ");
  }
}

/**
 * Waits until a new process shows its command. The kernel shows none while it loads the program, which takes seconds
 * where a large one comes from a busy disk; what looked meanwhile would take it for a process that has ended.
 */
async function untilShown(pid: number): Promise<void> {
  while (commandOf(pid) === "") await sleep(SHOWS_EVERY_MS);
}
