import type { Pool } from "pg";
import type { Clock } from "../../../packages/kit/clock";
import type { Tick } from "../domain/tick";
import { candleProgress, storeCandles, unstoredMinutes } from "../store/candle-store";
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

  /**
   * Finds what an earlier leader left undone.
   * @param symbols every one that has ticks
   * @param upTo sequence of the newest stored tick
   */
  async start(symbols: readonly string[], upTo: number): Promise<void> {
    const stored = await candleProgress(this.pool);
    this.storedUntilMs = stored.untilMs;
    for (const minute of await unstoredMinutes(this.pool, stored, symbols, upTo))
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
    const overMs = openTimeOf("1m", this.clock.now() - graceMs);
    const isDue = [...this.due.values()].some(({ openTimeMs }) => openTimeMs < Math.max(this.storedUntilMs, overMs));
    if (!isDue && overMs <= this.storedUntilMs) return;
    // An attempt that failed may have stored some.
    const stored = await candleProgress(this.pool);
    const untilMs = Math.max(stored.untilMs, overMs);
    const minutes = [...this.due].filter(([, { openTimeMs }]) => openTimeMs < untilMs);
    for (const [key] of minutes) this.due.delete(key);
    try {
      const due = minutes.map(([, minute]) => minute);
      await storeCandles(this.pool, this.epoch, due, stored, { untilMs, sequence });
      this.storedUntilMs = untilMs;
    } catch (error) {
      for (const [key, minute] of minutes) this.due.set(key, minute);
      throw error;
    }
  }
}

const keyOf = (symbol: string, openTimeMs: number) => `${symbol} ${openTimeMs}`;
