/** What goes first when several calls wait: less risk before more, and the customer before background work. */
export const priorities = ["KEEP_ALIVE", "CANCEL", "ORDER", "RECONCILE", "READ", "BACKGROUND"] as const;
export type Priority = (typeof priorities)[number];

export interface RequestQueueOptions {
  /** Least time from the end of one call to the start of the next. The broker allows one call in 5 s. @default 5000 */
  readonly intervalMs?: number;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** @default a timer */
  readonly pause?: (ms: number) => Promise<void>;
}

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
  private readonly now: () => number;
  private readonly pause: (ms: number) => Promise<void>;
  private readonly waiting = new Map<Priority, Waiting[]>(priorities.map((priority) => [priority, []]));
  private freeAt = -Infinity;
  private closed: Error | undefined;
  private draining: Promise<void> | undefined;

  constructor(options: RequestQueueOptions = {}) {
    this.intervalMs = options.intervalMs ?? 5000;
    this.now = options.now ?? (() => performance.now());
    this.pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
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
    await this.draining;
  }

  private async drain(): Promise<void> {
    let urgent: Priority | undefined;
    while ((urgent = this.mostUrgent()) !== undefined) {
      const wait = this.freeAt - this.now();
      if (wait > 0) {
        await this.pause(wait);
        // Something more urgent may have come meanwhile, or the queue may have been closed.
        continue;
      }
      await this.waiting.get(urgent)?.shift()?.run();
      this.freeAt = this.now() + this.intervalMs;
    }
    // In the same turn as the last look, so that a call that comes next starts a new round.
    this.draining = undefined;
  }

  private mostUrgent(): Priority | undefined {
    return priorities.find((priority) => this.waiting.get(priority)?.length);
  }
}
