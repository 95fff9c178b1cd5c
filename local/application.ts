import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RunningApplication, supervisor } from "./app/running";
import type { Running } from "./app/running";
import type { Part, Session } from "./part";
import { localFolder, projectRoot } from "../lib/paths";
import { commandOf, endProcess, startDetached } from "../lib/process";

/** The supervisor ends its processes one after the other, each within 27 s: this is for it to be asked, not awaited. */
const STOP_PATIENCE_MS = 180_000;
const LOOK_EVERY_MS = 100;
const LAST_LINES = 20;

/** The trading application of `npm run app` in the background, from a folder of its own. */
export function applicationIn(folder: string): Part {
  const running = new RunningApplication(folder);
  const logFile = join(folder, "application.log");

  const stop = async () => {
    const found = running.find();
    if (found === undefined) return false;
    await endProcess(found.pid, STOP_PATIENCE_MS);
    running.forget();
    return true;
  };

  return {
    name: "application",

    async start(session) {
      const found = running.find();
      if (found?.page !== undefined) return report("up already", found.page, folder);
      // Where an npm run app in another terminal is starting it, that start is waited for.
      if (found === undefined) rmSync(logFile, { force: true });
      const pid = found?.pid ?? startSupervisor(folder, logFile);
      session.output.write("\n");
      const { page } = await untilUp(pid, running, session, new LogReader(logFile));
      return report("up", page, folder);
    },

    stop: async () => [
      (await stop()) ? "The application has ended; what it held is kept." : "No application was running.",
    ],

    async erase() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
      return ["The application has ended, and what it held is gone."];
    },
  };
}

export const application = applicationIn(join(localFolder, "app"));

function startSupervisor(folder: string, logFile: string): number {
  const pid = startDetached([process.execPath, "tools/run.mjs", supervisor, folder], {
    cwd: projectRoot,
    env: process.env,
    logFile,
  });
  if (pid === undefined) throw new Error(`The application could not be started: ${process.execPath} cannot be run`);
  return pid;
}

/** Shows what the supervisor says until the application is up. @throws with its last words when it ends instead */
async function untilUp(
  pid: number,
  running: RunningApplication,
  { output, interrupt }: Session,
  log: LogReader,
): Promise<Required<Running>> {
  for (;;) {
    const found = running.find();
    for (const line of log.newLines()) output.write(`application: ${line}\n`);
    if (found?.page !== undefined) return { pid, page: found.page };
    if (commandOf(pid) === undefined)
      throw new Error(`The application did not start. The end of ${log.file}:\n${log.tail()}`);
    if (interrupt.aborted) {
      await endProcess(pid, STOP_PATIENCE_MS);
      interrupt.throwIfAborted();
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const report = (how: string, page: string, folder: string) => [
  "",
  `The application is ${how}. Trade on ${page}`,
  `  its log, with what there is to know of its broker, such as SMS codes: ${join(folder, "application.log")}`,
  `  logs of its processes, PostgreSQL's in postgresql.log: ${join(folder, "logs")}`,
];

/** A log that another process writes. */
class LogReader {
  private position = 0;

  constructor(readonly file: string) {}

  /** Whole lines that came since the last call, without the empty ones. */
  newLines(): string[] {
    const fresh = this.from(this.position);
    const end = fresh.lastIndexOf("\n") + 1;
    this.position += end;
    return fresh.subarray(0, end).toString().split("\n").filter(Boolean);
  }

  tail(): string {
    return this.from(0)
      .toString()
      .trim()
      .split("\n")
      .slice(-LAST_LINES)
      .map((line) => `  ${line}`)
      .join("\n");
  }

  private from(position: number): Buffer {
    return existsSync(this.file) ? readFileSync(this.file).subarray(position) : Buffer.alloc(0);
  }
}
