import type { Clock } from "../../../packages/kit/clock";
import { metrics as contract } from "../../../packages/contract/metrics";
import type { Metrics } from "../../../packages/kit/observability/metrics";
import { readBookRow } from "./read-book-row";
import type { BookRow } from "../domain/order-book";
import { FrameError, parseFrame } from "./frame";
import type { Frame } from "./frame";
import { readTick } from "./read-tick";
import { Repetitions } from "./repetitions";
import type { Trade } from "./repetitions";
import type { Tick } from "../domain/tick";

export interface FrameHandlers {
  tick(tick: Tick): void;
  bookRow(row: BookRow): void;
}

/** From a frame's text to a usable tick or book row; counts what is not usable and what a reconnection repeated. */
export class FrameReader {
  private readonly repetitions = new Repetitions();
  private readonly rejected;
  private readonly repeated;

  constructor(
    metrics: Metrics,
    private readonly clock: Clock,
    private readonly handlers: FrameHandlers,
  ) {
    this.rejected = metrics.counter(contract.marketTicksRejected);
    this.repeated = metrics.counter(contract.marketTicksRepeated);
  }

  /** Before the first connection: the last trades that earlier leaders stored, oldest first. */
  restore(trades: Iterable<Trade>): void {
    this.repetitions.restore(trades);
  }

  /** A connection starts. */
  connected(): void {
    this.repetitions.connected(this.clock.now());
  }

  /** @returns whether the frame was market data */
  read(text: string): boolean {
    const frame = this.parse(text);
    if (frame?.type === "T") this.readTick(frame);
    else if (frame?.type === "D") this.readRow(frame);
    else return false;
    return true;
  }

  private parse(text: string): Frame | undefined {
    try {
      return parseFrame(text);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.rejected.inc({ reason: "frame" });
      return undefined;
    }
  }

  private readTick({ fields }: Frame): void {
    const tick = readTick(fields, this.clock.now());
    if (typeof tick === "string") this.rejected.inc({ reason: tick });
    else if (this.repetitions.repeats(tick)) this.repeated.inc();
    else this.handlers.tick(tick);
  }

  private readRow({ fields }: Frame): void {
    const row = readBookRow(fields, this.clock.now());
    if (typeof row === "string") this.rejected.inc({ reason: row });
    else this.handlers.bookRow(row);
  }
}
