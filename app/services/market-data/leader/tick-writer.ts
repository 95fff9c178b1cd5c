import type { Pool } from "pg";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "../../../packages/kit/backoff";
import type { Logger } from "../../../packages/kit/observability/logger";
import type { StoredTick, Tick } from "../domain/tick";
import { tickLine } from "../store/tick-lines";
import { FencedError, storeBatch } from "../store/tick-store";
import type { TickBatch } from "../store/tick-store";

export interface CommittedBatch extends TickBatch {
  readonly ticks: readonly StoredTick[];
}

export interface WriterLimits {
  /** Most ticks in a batch. */
  readonly batchRows: number;
  /** Time that a tick waits for company while nothing is being written. */
  readonly lingerMs: number;
  /** Ticks in memory at which the source is asked to pause; it may go on at half of it. */
  readonly backlogRows: number;
}

export interface WriterEvents {
  /** A batch is in the database. */
  committed(batch: CommittedBatch): void;
  /** The source must pause or may go on: memory is bounded. */
  paused(paused: boolean): void;
  /** Another replica took over; what is not stored is given up. */
  fenced(): void;
}

const retryTimes = { firstMs: 50, mostMs: 1_000 };

/**
 * Stores the ticks of one grant in batches, one after the other: the next one gathers while one is written, so that
 * batches are small when ticks are few and large when they are many. A failed batch is tried again until it is known
 * to be stored, never skipped and never doubled.
 */
export class TickWriter {
  private pending: Tick[] = [];
  private inFlight = 0;
  /** When the oldest tick of each came. */
  private pendingSince = 0;
  private inFlightSince = 0;
  private pausing = false;
  private running: Promise<void> | undefined;
  private stopped = false;

  /**
   * @param nextSequence of the first tick
   * @param symbolSequences last stored sequence of each symbol; changed as ticks are numbered
   */
  constructor(
    private readonly pool: Pool,
    private readonly epoch: number,
    private nextSequence: number,
    private readonly symbolSequences: Map<string, number>,
    private readonly limits: WriterLimits,
    private readonly events: WriterEvents,
    private readonly log: Logger,
  ) {}

  /** Ticks received and not yet committed. */
  get backlog(): number {
    return this.pending.length + this.inFlight;
  }

  /** For how long the oldest of them has waited, in milliseconds; 0 where none does. */
  get backlogMs(): number {
    if (this.backlog === 0) return 0;
    return performance.now() - (this.inFlight > 0 ? this.inFlightSince : this.pendingSince);
  }

  add(tick: Tick): void {
    if (this.stopped) return;
    if (this.pending.length === 0) this.pendingSince = performance.now();
    this.pending.push(tick);
    if (!this.pausing && this.backlog >= this.limits.backlogRows) this.pause(true);
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Stores what was received, for at most `patienceMs`, and takes no more. */
  async stop(patienceMs: number): Promise<void> {
    const gaveUp = new AbortController();
    await Promise.race([this.running, sleep(patienceMs, undefined, { signal: gaveUp.signal }).catch(() => undefined)]);
    gaveUp.abort();
    this.discard();
  }

  /** Takes no more and forgets what is not stored. */
  discard(): void {
    this.stopped = true;
    this.pending = [];
  }

  private async run(): Promise<void> {
    if (this.pending.length < this.limits.batchRows) await sleep(this.limits.lingerMs);
    while (this.pending.length > 0) {
      // What is left of them came no earlier.
      this.inFlightSince = this.pendingSince;
      const batch = this.number(this.pending.splice(0, this.limits.batchRows));
      this.inFlight = batch.ticks.length;
      const stored = await this.store(batch);
      this.inFlight = 0;
      if (!stored) return;
      this.events.committed(batch);
      if (this.pausing && this.backlog <= this.limits.backlogRows / 2) this.pause(false);
    }
  }

  private number(ticks: readonly Tick[]): CommittedBatch {
    const firstSequence = this.nextSequence;
    let lines = "";
    const numbered = ticks.map((tick) => {
      const symbolSequence = (this.symbolSequences.get(tick.symbol) ?? 0) + 1;
      this.symbolSequences.set(tick.symbol, symbolSequence);
      const stored = { ...tick, sequence: this.nextSequence++, symbolSequence };
      lines += tickLine(stored);
      return stored;
    });
    return { firstSequence, lastSequence: this.nextSequence - 1, lines, ticks: numbered };
  }

  /** @returns false when the ticks are given up: fenced, or stopped while the database was away */
  private async store(batch: CommittedBatch): Promise<boolean> {
    for (let failures = 0; ; failures++) {
      try {
        await storeBatch(this.pool, this.epoch, batch);
        return true;
      } catch (error) {
        if (error instanceof FencedError) {
          this.discard();
          this.events.fenced();
          return false;
        }
        this.log.warn(
          { error: (error as Error).message, ticks: batch.ticks.length },
          "ticks could not be stored; trying again",
        );
      }
      if (this.stopped) return false;
      await sleep(backoffMs(retryTimes, failures));
    }
  }

  private pause(paused: boolean): void {
    this.pausing = paused;
    this.events.paused(paused);
  }
}
