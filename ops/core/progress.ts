import { duration } from "../../lib/display/progress";
import type { Clock } from "./clock";

/** Shows what an operation is at. */
export interface Progress {
  begin(what: string): void;
  /** Something worth knowing about what runs. */
  note(text: string): void;
  end(how: "done" | "failed", result?: string): void;
  /** A line of its own. */
  say(line: string): void;
  /** Gives the output back. */
  close(): void;
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const MARKS = { done: "✔", failed: "✘" } as const;
const REDRAW_MS = 200;
const DEFAULT_COLUMNS = 120;

/** A line that is redrawn in place on a terminal; a line for each thing that happens elsewhere. */
export function progressOn(output: Output, clock: Pick<Clock, "now">): Progress {
  return output.isTTY === true ? new LiveProgress(output, clock) : new PlainProgress(output, clock);
}

class PlainProgress implements Progress {
  private what = "";
  private beganAt = 0;

  constructor(
    private readonly output: Output,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  begin(what: string): void {
    this.what = what;
    this.beganAt = this.clock.now().getTime();
    this.say(`${what} ...`);
  }

  note(text: string): void {
    this.say(`  ${text}`);
  }

  end(how: "done" | "failed", result?: string): void {
    const took = duration(this.clock.now().getTime() - this.beganAt);
    this.say(`${MARKS[how]} ${this.what}${result === undefined ? "" : `: ${result}`} (${took})`);
  }

  say(line: string): void {
    this.output.write(`${line}\n`);
  }

  close(): void {
    // Nothing is buffered.
  }
}

class LiveProgress implements Progress {
  private running: { readonly what: string; readonly beganAt: number; note: string } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly output: Output,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  begin(what: string): void {
    this.running = { what, beganAt: this.clock.now().getTime(), note: "" };
    this.timer ??= setInterval(() => {
      this.draw();
    }, REDRAW_MS);
    this.draw();
  }

  note(text: string): void {
    if (this.running === undefined) this.say(text);
    else this.running.note = text;
  }

  end(how: "done" | "failed", result?: string): void {
    const { what, beganAt } = this.running ?? { what: "", beganAt: this.clock.now().getTime() };
    this.close();
    const took = duration(this.clock.now().getTime() - beganAt);
    this.say(`${MARKS[how]} ${what}${result === undefined ? "" : `: ${result}`} (${took})`);
  }

  say(line: string): void {
    this.output.write(`\r\u001b[K${line}\n`);
    this.draw();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.running !== undefined) this.output.write("\r\u001b[K");
    this.running = undefined;
  }

  private draw(): void {
    if (this.running === undefined) return;
    const { what, beganAt, note } = this.running;
    const line = `▸ ${what} ${duration(this.clock.now().getTime() - beganAt)}${note === "" ? "" : `  ${note}`}`;
    const width = this.output.columns ?? DEFAULT_COLUMNS;
    this.output.write(`\r\u001b[K${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
  }
}
