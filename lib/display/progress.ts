import type { TerraformEvent } from "../terraform/events";

/** How far one stack is. */
interface StackProgress {
  readonly id: string;
  readonly waitsFor: readonly string[];
  phase: "waiting" | "planning" | "changing" | "done" | "failed" | "left out";
  beganAt: number;
  endedAt: number;
  /** Resources to change; known once planned. */
  total: number;
  finished: number;
  /** Addresses in flight, with when each began. */
  readonly running: Map<string, number>;
}

/** What runs, for how long, and what is left: the state behind both displays. Times in milliseconds. */
export class Progress {
  private readonly stacks: ReadonlyMap<string, StackProgress>;

  constructor(
    stacks: readonly { readonly id: string; readonly dependencies: readonly string[] }[],
    private readonly now: () => number,
  ) {
    this.stacks = new Map(
      stacks.map(({ id, dependencies }) => [
        id,
        {
          id,
          waitsFor: dependencies,
          phase: "waiting",
          beganAt: 0,
          endedAt: 0,
          total: 0,
          finished: 0,
          running: new Map<string, number>(),
        },
      ]),
    );
  }

  begin(id: string): void {
    Object.assign(this.stack(id), { phase: "planning", beganAt: this.now() });
  }

  event(id: string, event: TerraformEvent): void {
    const stack = this.stack(id);
    switch (event.kind) {
      case "planned":
        Object.assign(stack, { phase: "changing", total: event.changes });
        break;
      case "started":
        stack.running.set(event.address, this.now());
        break;
      case "finished":
        stack.running.delete(event.address);
        if (event.succeeded) stack.finished += 1;
        break;
      default:
    }
  }

  end(id: string, phase: "done" | "failed" | "left out"): void {
    const stack = this.stack(id);
    stack.running.clear();
    Object.assign(stack, { phase, endedAt: this.now() });
  }

  /** One line a stack and one for all of them, cut to a width. */
  lines(width: number): string[] {
    const all = [...this.stacks.values()];
    const idWidth = Math.max(...all.map(({ id }) => id.length));
    const lines = all.map((stack) => `${MARKS[stack.phase]} ${stack.id.padEnd(idWidth)}  ${this.describe(stack)}`);
    return [...lines, "", this.summary()].map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
  }

  /** The stack's line, for an output that cannot be overwritten. */
  line(id: string): string {
    return `${id}: ${this.describe(this.stack(id))}`;
  }

  /** Ids of the stacks that Terraform works on. */
  get active(): string[] {
    return [...this.stacks.values()]
      .filter(({ phase }) => phase === "planning" || phase === "changing")
      .map(({ id }) => id);
  }

  /** What is left of all that has been planned so far. */
  summary(): string {
    const all = [...this.stacks.values()];
    const sum = (of: (stack: StackProgress) => number) => all.reduce((total, stack) => total + of(stack), 0);
    const total = sum((stack) => stack.total);
    const unplanned = all.filter(({ phase }) => phase === "waiting" || phase === "planning").length;
    const more = unplanned > 0 ? `, ${count(unplanned, "stack")} not planned yet` : "";
    return `${sum((stack) => stack.finished)} of ${count(total, "change")}${more}`;
  }

  private describe(stack: StackProgress): string {
    const { phase, total, finished, beganAt, endedAt } = stack;
    switch (phase) {
      case "waiting":
        return `waits for ${stack.waitsFor.filter((id) => this.stacks.get(id)?.phase !== "done").join(", ") || "its turn"}`;
      case "planning":
        return `${duration(this.now() - beganAt)}  planning`;
      case "changing":
        return `${duration(this.now() - beganAt)}  ${finished} of ${total}  ${this.inFlight(stack)}`.trimEnd();
      case "done":
        return `${duration(endedAt - beganAt)}  ${total === 0 ? "no change" : `${count(finished, "change")} made`}`;
      case "failed":
        return `${duration(endedAt - beganAt)}  failed after ${finished} of ${count(total, "change")}`;
      case "left out":
        return "left out: a stack that it needs failed";
    }
  }

  /** What has run longest first: that is what everything waits for. */
  private inFlight({ running }: StackProgress): string {
    const named = [...running]
      .sort(([, one], [, other]) => one - other)
      .slice(0, NAMED)
      .map(([address, since]) => `${address} ${duration(this.now() - since)}`);
    const more = running.size > NAMED ? ` and ${running.size - NAMED} more` : "";
    return named.join(", ") + more;
  }

  private stack(id: string): StackProgress {
    const stack = this.stacks.get(id);
    if (stack === undefined) throw new Error(`${id} is not among the stacks being deployed`);
    return stack;
  }
}

/** Resources in flight that a line names. */
const NAMED = 2;
const MARKS = { waiting: "·", planning: "▸", changing: "▸", done: "✔", failed: "✘", "left out": "-" } as const;

/** `7s`, `1m 05s` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
