import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

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

  constructor(folder: string) {
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
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(this.state, { recursive: true });
    cpSync(this.state, draft, { recursive: true });
    renameSync(draft, this.checkpoint);
  }

  /** Closes a change that ended in good order, whether it succeeded or not. */
  endChange(): void {
    rmSync(this.checkpoint, { recursive: true, force: true });
  }

  /** Goes back to before the interrupted change. No emulator and no Terraform may run meanwhile. */
  restore(): void {
    rmSync(this.state, { recursive: true, force: true });
    cpSync(this.checkpoint, this.state, { recursive: true });
  }

  /** Forgets everything. */
  erase(): void {
    rmSync(this.state, { recursive: true, force: true });
    this.endChange();
  }
}
