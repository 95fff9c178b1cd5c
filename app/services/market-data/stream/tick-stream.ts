import type { Queryable } from "../../../packages/kit/database/database";
import type { Logger } from "../../../packages/kit/observability/logger";
import { CoalescedWork } from "../../../packages/kit/wake-up-loop";
import { parseTickLines } from "../store/tick-lines";
import type { StoredTick } from "../domain/tick";
import { storedTicks, ticksBetween } from "../store/tick-store";
import type { TickBatch } from "../store/tick-store";

/** How often the database is asked whether fan-out has missed something. */
export interface CatchUpTimes {
  /** While fan-out works. */
  readonly sharedMs: number;
  /** While it does not: then this is how ticks arrive. */
  readonly aloneMs: number;
}

export const catchUpTimes: CatchUpTimes = { sharedMs: 1_000, aloneMs: 100 };

/** What is known when the stream begins. */
export interface StreamStart {
  /** Of the last known tick. */
  readonly sequence: number;
  /** Latest exchange time of the known ticks; -Infinity where none is. */
  readonly newestMs: number;
}

/** Ticks read at once while catching up. */
const pageRows = 10_000;

/**
 * Every committed tick once and in order, on every replica. Batches come from the writer of this process or by
 * fan-out; both follow the commit, so whatever they fail to bring is read from the database. Fan-out makes it fast,
 * the sequence makes it right.
 */
export class TickStream {
  private last: number;
  /** Latest exchange time of what was delivered. */
  private newestMs: number;
  private readonly catching = new CoalescedWork(() => this.readMissing());
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Queryable,
    startAfter: StreamStart,
    private readonly deliver: (ticks: readonly StoredTick[]) => void,
    private readonly onCatchUp: () => void,
    private readonly shared: () => boolean,
    private readonly log: Logger,
    private readonly times: CatchUpTimes = catchUpTimes,
  ) {
    this.last = startAfter.sequence;
    this.newestMs = startAfter.newestMs;
  }

  /** Sequence of the last tick delivered. */
  get position(): number {
    return this.last;
  }

  start(): void {
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.catching.settled();
  }

  /** Takes a committed batch, in any order and any number of times. What it says beside its ticks is not believed. */
  receive(batch: TickBatch & { readonly ticks?: readonly StoredTick[] }): void {
    if (this.stopped || batch.lastSequence <= this.last) return;
    // What is being read now may lack the batch: then it is read once more.
    const ticks = this.catching.running ? undefined : ticksOf(batch);
    const isNext = batch.firstSequence <= this.last + 1 && ticks?.at(-1)?.sequence === batch.lastSequence;
    // The next turn of the clock tries again what fails here, and says why.
    if (ticks === undefined || !isNext) this.catchUp().catch(() => undefined);
    else {
      const { last } = this;
      this.advance(
        last + 1 === batch.firstSequence ? ticks : ticks.filter(({ sequence }) => sequence > last),
        batch.lastSequence,
      );
    }
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(
      () => {
        this.catchUp()
          .catch((error: unknown) => {
            this.log.warn({ error: (error as Error).message }, "committed ticks could not be read yet");
          })
          .finally(() => {
            this.schedule();
          });
      },
      this.shared() ? this.times.sharedMs : this.times.aloneMs,
    );
  }

  /**
   * Reads what was committed and not brought. Resolves when everything is delivered that was committed at the call.
   * @throws when the database does not answer
   */
  catchUp(): Promise<void> {
    return this.catching.run();
  }

  private async readMissing(): Promise<void> {
    const { sequence: target, asOfMs } = await storedTicks(this.database);
    if (this.last < target) this.onCatchUp();
    while (this.last < target && !this.stopped) {
      const upTo = Math.min(target, this.last + pageRows);
      this.advance(await ticksBetween(this.database, this.last, upTo, Math.min(this.newestMs, asOfMs)), upTo);
    }
  }

  private advance(ticks: readonly StoredTick[], position: number): void {
    this.last = position;
    for (const { epochMs } of ticks) if (epochMs > this.newestMs) this.newestMs = epochMs;
    if (ticks.length > 0) this.deliver(ticks);
  }
}

/** None when another process wrote something else into the channel. */
function ticksOf(batch: TickBatch & { readonly ticks?: readonly StoredTick[] }): readonly StoredTick[] {
  try {
    return batch.ticks ?? parseTickLines(batch.lines);
  } catch {
    return [];
  }
}
