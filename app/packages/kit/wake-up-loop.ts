import { setTimeout as sleep } from "node:timers/promises";

/** Work of which one run is under way at a time: asked for during a run, it runs once more, for all who asked. */
export class CoalescedWork {
  private again = false;
  private runs: Promise<void> | undefined;

  constructor(
    private readonly work: () => Promise<void>,
    /** Called in the same turn in which the last run is over. */
    private readonly rested: () => void = () => undefined,
  ) {}

  get running(): boolean {
    return this.runs !== undefined;
  }

  /** Resolves after a run that began at the call or later. @throws what the work throws, which ends the runs */
  run(): Promise<void> {
    this.again = true;
    if (this.runs !== undefined) return this.runs;
    // Known before the work begins, which may throw or ask for more at once.
    const { promise, resolve, reject }: PromiseWithResolvers<void> = Promise.withResolvers();
    this.runs = promise;
    this.runWhileAsked().then(resolve, reject);
    return promise;
  }

  /** Resolves when nothing runs, whether the work succeeded or not. */
  async settled(): Promise<void> {
    await this.runs?.catch(() => undefined);
  }

  private async runWhileAsked(): Promise<void> {
    try {
      while (this.again) {
        this.again = false;
        await this.work();
      }
    } finally {
      this.again = false;
      // In the same turn as the last look, so that whoever asks next starts a new run.
      this.runs = undefined;
      this.rested();
    }
  }
}

export interface WakeUpOptions {
  /** Told what the work throws; the loop goes on. */
  readonly onError: (error: Error) => void;
  /** Time after each run within which wake-ups are gathered for the next. @default none */
  readonly pauseMs?: number;
  /** Time at rest after which the loop wakes by itself. @default never */
  readonly everyMs?: number;
}

/** Runs work whenever it is woken, and now and then by itself. Wake-ups during a run cause one more, none is lost. */
export class WakeUpLoop {
  private readonly coalesced = new CoalescedWork(
    () => this.turn(),
    () => {
      this.schedule();
    },
  );
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly options: WakeUpOptions,
  ) {}

  get running(): boolean {
    return this.coalesced.running;
  }

  /** Whether work that takes long should come to an end. */
  get closed(): boolean {
    return this.ended;
  }

  wake(): void {
    if (!this.ended) void this.coalesced.run();
  }

  /** Starts no more runs. Resolves when the one that is under way is over. */
  async close(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.coalesced.settled();
  }

  private async turn(): Promise<void> {
    if (this.ended) return;
    clearTimeout(this.timer);
    const { onError, pauseMs } = this.options;
    try {
      await this.work();
    } catch (error) {
      onError(error as Error);
    }
    if (pauseMs !== undefined) await sleep(pauseMs);
  }

  private schedule(): void {
    const { everyMs } = this.options;
    if (this.ended || everyMs === undefined) return;
    this.timer = setTimeout(() => {
      this.wake();
    }, everyMs);
  }
}
