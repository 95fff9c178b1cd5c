import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandOf } from "../../lib/process";

/** An application on this machine: the process that supervises it, and its page once it is up. */
export interface Running {
  readonly pid: number;
  /** Base URL of the page. */
  readonly page?: string;
}

/** Part of the supervisor's command line, which a later process of the same id does not have. */
export const supervisor = "local/app.ts";

/** The one application of a folder, which its supervisor notes in a file and other commands find there. */
export class RunningApplication {
  private readonly record: string;

  constructor(folder: string) {
    this.record = join(folder, "running.json");
  }

  /** The application that runs or starts, unless its supervisor has ended. */
  find(): Running | undefined {
    try {
      const running = JSON.parse(readFileSync(this.record, "utf8")) as Running;
      return commandOf(running.pid)?.includes(supervisor) === true ? running : undefined;
    } catch {
      return undefined; // No record was written, or it is being written.
    }
  }

  /** Notes this process as the supervisor. */
  note(page?: string): void {
    mkdirSync(dirname(this.record), { recursive: true });
    writeFileSync(this.record, JSON.stringify({ pid: process.pid, page } satisfies Running));
  }

  forget(): void {
    rmSync(this.record, { force: true });
  }
}
