import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A server's log in a file that only its user may read. Past its size the file becomes `<file>.1`, in place of the one before. */
export class ServerLog {
  private size: number;

  constructor(
    private readonly file: string,
    private readonly mostBytes: number,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    this.size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** @throws nothing: a full disk is no reason to end the server */
  write(text: string): void {
    const bytes = Buffer.byteLength(text);
    try {
      if (this.size > 0 && this.size + bytes > this.mostBytes) {
        renameSync(this.file, `${this.file}.1`);
        this.size = 0;
      }
      appendFileSync(this.file, text, { mode: 0o600 });
      this.size += bytes;
    } catch {
      // The next lines are tried again.
    }
  }
}
