import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Everything that the local deploy keeps: Terraform's states and what the emulator holds, which belong together.
 *
 * When a process is killed half way, the emulator may hold resources that no state knows, and creating them again is
 * refused. A checkpoint from before is then a world in which both agree.
 */
export class World {
  /** Where the stacks' backends keep their states, and the emulator its own. */
  readonly state: string;
  readonly emulatorState: string;
  private readonly checkpoint: string;

  constructor(folder: string) {
    this.state = join(folder, "state");
    this.emulatorState = join(this.state, "emulator");
    this.checkpoint = join(folder, "checkpoint");
  }

  /** Whether the last change of this world was cut short. */
  get isTorn(): boolean {
    return existsSync(this.checkpoint);
  }

  /** Opens a change. A world that is torn already keeps the checkpoint that it has. */
  beginChange(): void {
    if (this.isTorn) return;
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

  /** Goes back to before the change that was cut short. Nothing may run on this world meanwhile. */
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
