import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { commandOf } from "./process";

/** Something of which one process at a time may be at work; a file says which. */
export class ExclusiveRun {
  constructor(private readonly file: string) {}

  /** @throws Error when another process is at work, naming it */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.claim();
    try {
      return await work();
    } finally {
      rmSync(this.file, { force: true });
    }
  }

  private claim(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    try {
      writeFileSync(this.file, String(process.pid), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = Number(readFileSync(this.file, "utf8"));
      const command = commandOf(owner);
      if (command?.includes("start") === true) {
        throw new Error(`npm start is at work already, as process ${owner} (${command}); wait for it, or end it.`, {
          cause: error,
        });
      }
      // Its process was killed.
      writeFileSync(this.file, String(process.pid));
    }
  }
}
