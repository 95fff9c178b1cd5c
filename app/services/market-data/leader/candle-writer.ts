import type { Pool } from "pg";
import type { Clock } from "../../../packages/kit/clock";
import type { Tick } from "../domain/tick";
import { candlesUntilMs, storeCandles, unstoredMinutes } from "../store/candle-store";
import type { Minute } from "../store/candle-store";
import { openTimeOf } from "../domain/interval";

/** A minute is stored this long after its end; what comes later still is stored again. */
const graceMs = 2_000;

/** Stores the candles of one grant of the feed: each minute once it is over, and again whenever a late tick changes it. */
export class CandleWriter {
  private readonly due = new Map<string, Minute>();
  /** Never goes back, whatever this clock says: later minutes are in the candles of their days already. */
  private storedUntilMs = -Infinity;

  constructor(
    private readonly pool: Pool,
    private readonly epoch: number,
    private readonly clock: Clock,
  ) {}

  /** Finds what an earlier leader left undone. */
  async start(): Promise<void> {
    this.storedUntilMs = await candlesUntilMs(this.pool);
    for (const minute of await unstoredMinutes(this.pool, this.storedUntilMs))
      this.due.set(keyOf(minute.symbol, minute.openTimeMs), minute);
  }

  note(ticks: readonly Tick[]): void {
    for (const { symbol, epochMs } of ticks) {
      const openTimeMs = openTimeOf("1m", epochMs);
      const key = keyOf(symbol, openTimeMs);
      if (!this.due.has(key)) this.due.set(key, { symbol, openTimeMs });
    }
  }

  /**
   * Stores the minutes that are over.
   * @param sequence up to which every tick was noted
   * @throws FencedError when the feed was taken over; any other error leaves the minutes due
   */
  async store(sequence: number): Promise<void> {
    const untilMs = Math.max(this.storedUntilMs, openTimeOf("1m", this.clock.now() - graceMs));
    const minutes = [...this.due].filter(([, { openTimeMs }]) => openTimeMs < untilMs);
    if (minutes.length === 0 && untilMs === this.storedUntilMs) return;
    for (const [key] of minutes) this.due.delete(key);
    try {
      await storeCandles(this.pool, this.epoch, { minutes: minutes.map(([, minute]) => minute), untilMs, sequence });
      this.storedUntilMs = untilMs;
    } catch (error) {
      for (const [key, minute] of minutes) this.due.set(key, minute);
      throw error;
    }
  }
}

const keyOf = (symbol: string, openTimeMs: number) => `${symbol} ${openTimeMs}`;
