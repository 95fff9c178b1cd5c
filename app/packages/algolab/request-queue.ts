import { setTimeout as sleep } from "node:timers/promises";
import type { CallGate } from "./call-slots";

/** What goes first when several calls wait: less risk before more, and the customer before background work. */
export const priorities = ["KEEP_ALIVE", "CANCEL", "ORDER", "RECONCILE", "READ", "BACKGROUND"] as const;
export type Priority = (typeof priorities)[number];

export interface RequestQueueOptions {
  /** Least time from the end of one call to the start of the next. The broker allows one call in 5 s. @default 5000 */
  readonly intervalMs?: number;
  /** Spaces the calls of other processes too. While it cannot be asked, no call is made. @default none */
  readonly gate?: CallGate;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** Ends early when the signal is given. @default a timer */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * What a call costs of the patience of those that it passes over. Once calls that are as urgent as the most urgent one that
 * waits have spent it, the kind that was passed over most has a turn. So twelve orders go in a row before a look-up, lists of
 * orders take turns with what users want to see, and neither holds up an order by what it spent.
 */
const costs: Readonly<Record<Priority, number>> = {
  KEEP_ALIVE: 1,
  CANCEL: 1,
  ORDER: 1,
  RECONCILE: 12,
  READ: 3,
  BACKGROUND: 12,
};
const patience = 12;

/** The most calls that are made before the last of some orders, the calls that have their turn in between included. */
export const callsUntilSent = (orders: number): number => orders + Math.ceil(orders / patience);

/** What a caller says of its turn while it has it. */
export interface Turn {
  /** No call was made: the next of those that wait has the turn at once. */
  unused(): void;
  /** Runs the caller once more after the call of this turn, before those that came after it. */
  again(): void;
}

/** How long a gate that failed is left alone. */
const gateRetryMs = 1_000;

interface Waiting {
  /** @returns whether a call was made, and whether it waits on for another turn */
  readonly run: () => Promise<{ readonly used: boolean; readonly again: boolean }>;
  readonly cancel: (reason: Error) => void;
}

/**
 * Runs the calls of one account one after another, spaced as the broker demands, the most urgent first and equals in the
 * order they came. Calls that are passed over have their turn after some others, however many more urgent ones come.
 */
export class RequestQueue {
  private readonly intervalMs: number;
  private readonly gate: CallGate | undefined;
  private readonly now: () => number;
  private readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  private readonly waiting = new Map<Priority, Waiting[]>(priorities.map((priority) => [priority, []]));
  /** How many calls went before those of a priority since one of them had its turn. */
  private readonly passedOver = new Map<Priority, number>();
  /** What calls of a priority have cost since one that was passed over had its turn. */
  private readonly spent = new Map<Priority, number>();
  private readonly closing = new AbortController();
  private freeAt = -Infinity;
  private closed: Error | undefined;
  private draining: Promise<void> | undefined;

  constructor(options: RequestQueueOptions = {}) {
    this.intervalMs = options.intervalMs ?? 5000;
    this.gate = options.gate;
    this.now = options.now ?? (() => performance.now());
    this.pause = options.pause ?? ((ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined));
  }

  /** Calls that wait for their turn. */
  get length(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Runs a call when its turn comes, and gives its result or its error. Rejects when the queue is closed before. */
  run<T>(priority: Priority, call: (turn: Turn) => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        let [used, again] = [true, false];
        const turn: Turn = {
          unused: () => {
            used = false;
          },
          again: () => {
            again = true;
          },
        };
        const outcome = call(turn);
        await outcome.catch(() => {
          again = false;
        });
        again &&= used && this.closed === undefined;
        if (!again) outcome.then(resolve, reject);
        return { used, again };
      };
      this.waiting.get(priority)?.push({ run, cancel: reject });
      this.draining ??= this.drain();
    });
  }

  /** Lets the call that runs finish and rejects those that wait with the reason. */
  async close(reason: Error): Promise<void> {
    this.closed ??= reason;
    for (const waiting of this.waiting.values()) for (const { cancel } of waiting.splice(0)) cancel(reason);
    this.closing.abort();
    await this.draining;
  }

  private async drain(): Promise<void> {
    while (this.mostUrgent() !== undefined) {
      const spacingMs = this.freeAt - this.now();
      const waitMs = spacingMs > 0 || this.gate === undefined ? spacingMs : await askGate(this.gate);
      if (waitMs > 0) {
        await this.pause(waitMs, this.closing.signal);
        // Something more urgent may have come meanwhile, or the queue may have been closed.
        continue;
      }
      const used = await this.useTurn();
      if (used) this.freeAt = this.now() + this.intervalMs;
      // A slot that cannot be left now runs out by itself.
      await this.gate?.leave(used).catch(() => undefined);
    }
    // In the same turn as the last look, so that a call that comes next starts a new round.
    this.draining = undefined;
  }

  /** Runs those that wait until one of them makes a call. @returns whether one did */
  private async useTurn(): Promise<boolean> {
    // Chosen only now: asking the gate took time, in which something more urgent may have come.
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const ofPriority = this.waiting.get(next.priority);
      const first = ofPriority?.shift();
      if (first === undefined) return false;
      const { used, again } = await first.run();
      if (again) ofPriority?.unshift(first);
      if (!used) continue;
      this.count(next);
      return true;
    }
    return false;
  }

  private mostUrgent(): Priority | undefined {
    return priorities.find((priority) => this.waiting.get(priority)?.length);
  }

  private next(): Chosen | undefined {
    const urgent = this.mostUrgent();
    if (urgent === undefined) return undefined;
    const asUrgent = priorities.slice(0, priorities.indexOf(urgent) + 1);
    const spent = asUrgent.reduce((sum, priority) => sum + (this.spent.get(priority) ?? 0), 0);
    if (spent < patience) return { priority: urgent, hasWaited: false };
    const passed = (priority: Priority) => this.passedOver.get(priority) ?? 0;
    // Of those that were passed over alike the most urgent: they are in the order of urgency, and the sort is stable.
    const [longest = urgent] = priorities
      .filter((priority) => this.waiting.get(priority)?.length)
      .toSorted((one, other) => passed(other) - passed(one));
    return { priority: longest, hasWaited: true };
  }

  /** Notes whom a call passed over. */
  private count({ priority: called, hasWaited }: Chosen): void {
    const others = priorities.filter((priority) => priority !== called && this.waiting.get(priority)?.length);
    const lessUrgent = others.filter((priority) => priorities.indexOf(priority) > priorities.indexOf(called));
    // One that has waited passes over the more urgent too: else one that came later could have two turns before them.
    const over = hasWaited ? others : lessUrgent;
    for (const priority of over) this.passedOver.set(priority, (this.passedOver.get(priority) ?? 0) + 1);
    this.passedOver.set(called, 0);
    if (hasWaited || over.length === 0) this.spent.clear();
    else this.spent.set(called, (this.spent.get(called) ?? 0) + costs[called]);
  }
}

interface Chosen {
  readonly priority: Priority;
  /** It has its turn for having been passed over. */
  readonly hasWaited: boolean;
}

/** @returns 0 when a call may start; else after how many milliseconds to ask again */
async function askGate(gate: CallGate): Promise<number> {
  try {
    return await gate.take();
  } catch {
    return gateRetryMs;
  }
}
