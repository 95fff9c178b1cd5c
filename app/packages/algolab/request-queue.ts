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

/** How long a gate that failed is left alone. */
const gateRetryMs = 1_000;

interface Waiting {
  readonly run: () => Promise<void>;
  readonly cancel: (reason: Error) => void;
}

/**
 * Runs the calls of one account one after another, spaced as the broker demands, the most urgent first
 * and equals in the order they came.
 */
export class RequestQueue {
  private readonly intervalMs: number;
  private readonly gate: CallGate | undefined;
  private readonly now: () => number;
  private readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  private readonly waiting = new Map<Priority, Waiting[]>(priorities.map((priority) => [priority, []]));
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
  run<T>(priority: Priority, call: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(this.closed);
    return new Promise<T>((resolve, reject) => {
      this.waiting.get(priority)?.push({ run: () => call().then(resolve, reject), cancel: reject });
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
      // Chosen only now: asking the gate took time, in which something more urgent may have come.
      const urgent = this.mostUrgent();
      if (urgent !== undefined) await this.waiting.get(urgent)?.shift()?.run();
      this.freeAt = this.now() + this.intervalMs;
      // A slot that cannot be left now runs out by itself.
      if (this.gate !== undefined) await this.gate.leave().catch(() => undefined);
    }
    // In the same turn as the last look, so that a call that comes next starts a new round.
    this.draining = undefined;
  }

  private mostUrgent(): Priority | undefined {
    return priorities.find((priority) => this.waiting.get(priority)?.length);
  }
}

/** @returns 0 when a call may start; else after how many milliseconds to ask again */
async function askGate(gate: CallGate): Promise<number> {
  try {
    return await gate.take();
  } catch {
    return gateRetryMs;
  }
}
