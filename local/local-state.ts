import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** The emulator saves for a fraction of a second, and not again for two: a copy rarely needs a second attempt. */
const MOST_COPIES = 20;

type Copy = (from: string, to: string) => void;

const copyTree: Copy = (from, to) => {
  cpSync(from, to, { recursive: true });
};

/**
 * Everything that the local deploy keeps: Terraform's states and what the emulator holds, which belong together.
 *
 * When a process is killed half way, the emulator may hold resources that no state knows, and creating them again is
 * refused. A checkpoint from before the change is then the last point at which both agree.
 */
export class LocalState {
  /** Where the stacks' backends keep their states, and the emulator its own. */
  readonly state: string;
  readonly emulatorState: string;
  private readonly checkpoint: string;

  constructor(
    folder: string,
    private readonly copy = copyTree,
  ) {
    this.state = join(folder, "state");
    this.emulatorState = join(this.state, "emulator");
    this.checkpoint = join(folder, "checkpoint");
  }

  /** Whether the last deploy was interrupted: its change was opened and never closed. */
  get isInterrupted(): boolean {
    return existsSync(this.checkpoint);
  }

  /** Opens a change. After an interrupted one the checkpoint from before that is kept. */
  beginChange(): void {
    if (this.isInterrupted) return;
    const draft = `${this.checkpoint}.draft`;
    mkdirSync(this.state, { recursive: true });
    this.copyState(draft);
    renameSync(draft, this.checkpoint);
  }

  /** Closes a change that ended in good order, whether it succeeded or not. */
  endChange(): void {
    rmSync(this.checkpoint, { recursive: true, force: true });
  }

  /** Goes back to before the interrupted change. No emulator and no Terraform may run meanwhile. */
  restore(): void {
    rmSync(this.state, { recursive: true, force: true });
    this.copy(this.checkpoint, this.state);
  }

  /** Forgets everything. */
  erase(): void {
    rmSync(this.state, { recursive: true, force: true });
    this.endChange();
  }

  /**
   * Copies the state as it was at one moment: the emulator runs and replaces its files, and what was copied meanwhile is
   * copied again.
   *
   * @throws Error when the files never stay the same for as long as a copy takes
   */
  private copyState(to: string): void {
    for (let attempt = 1; attempt <= MOST_COPIES; attempt++) {
      rmSync(to, { recursive: true, force: true });
      const before = versionsBelow(this.state);
      try {
        this.copy(this.state, to);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        continue; // A file was listed, and replaced before it was read.
      }
      if (versionsBelow(this.state) === before) return;
    }
    throw new Error(`${this.state} changes all the time, and cannot be kept for a way back: end what writes there`);
  }
}

/** Every file below a folder with when it was written and how long it is. */
function versionsBelow(folder: string): string {
  const versions = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => {
    const file = statSync(join(folder, path), { throwIfNoEntry: false });
    return `${path} ${file?.mtimeMs ?? 0} ${file?.size ?? 0}`;
  });
  return versions.sort().join("\n");
}
