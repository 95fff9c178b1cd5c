import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { commandOf, endProcess } from "../lib/process";

/** Work that one process at a time may be at; a file says which. */
export class ExclusiveRun {
  /**
   * @param file names the process at work
   * @param program part of that process's command line, which a later one of the same id does not have
   */
  constructor(
    private readonly file: string,
    private readonly program: string,
  ) {}

  /** @throws Error when another process is at work, naming it */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const owner = this.owner();
    if (owner !== undefined) {
      throw new Error(`npm start is at work already, as process ${owner}; wait for it, or end it with npm stop.`);
    }
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, String(process.pid));
    try {
      return await work();
    } finally {
      rmSync(this.file, { force: true });
    }
  }

  /** Asks the process at work to end, and insists after `patienceMs`. Returns whether there was one. */
  async end(patienceMs: number): Promise<boolean> {
    const owner = this.owner();
    if (owner === undefined) return false;
    await endProcess(owner, patienceMs);
    rmSync(this.file, { force: true });
    return true;
  }

  private owner(): number | undefined {
    try {
      const pid = Number(readFileSync(this.file, "utf8"));
      return commandOf(pid)?.includes(this.program) === true ? pid : undefined;
    } catch {
      return undefined; // No run is recorded.
    }
  }
}
