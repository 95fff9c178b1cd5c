import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf, endProcess } from "../../lib/process";

/** Processes that a folder's application has started, noted in files so that the next start knows of them. */
export class Leftovers {
  /**
   * @param folder one empty file a process, named by its id
   * @param mark part of each command line, which a later process of the same id does not have
   */
  constructor(
    private readonly folder: string,
    private readonly mark: string,
  ) {}

  /** Notes a process until the returned function is called. */
  note(pid: number): () => void {
    const file = join(this.folder, String(pid));
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(file, "");
    return () => {
      rmSync(file, { force: true });
    };
  }

  /**
   * Ends what the supervisor left when it was killed. Its processes notice that by themselves and begin to end: they are
   * waited for, and killed after `patienceMs`.
   */
  async end(patienceMs: number): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    // The last that was started first, as an orderly end does: process ids grow.
    const pids = readdirSync(this.folder)
      .map(Number)
      .sort((one, other) => other - one);
    for (const pid of pids) {
      if (commandOf(pid)?.includes(this.mark) === true) await endProcess(pid, patienceMs);
      rmSync(join(this.folder, String(pid)), { force: true });
    }
  }
}
