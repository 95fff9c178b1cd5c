import type { StoredTick } from "./tick";
import { fromUnits, percentOf, toUnits } from "./units";
import type { Units } from "./units";

/** A quote as it is saved: the latest tick of a symbol, and its day so far as the feed saw it. */
export interface SavedQuote extends StoredTick {
  /** Istanbul date that open, high, low, volume and trades are of. */
  readonly tradingDay: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  /** Shares. */
  readonly volume: string;
  readonly trades: number;
  /** Last price of the trading day before, where the feed saw one. */
  readonly previousClose: string | undefined;
}

/** Exact decimal text. */
export interface Change {
  readonly amount: string;
  readonly percent: string;
}

/**
 * The latest state of one symbol. Fed with every stored tick in order of its sequence, it is the same on every replica.
 * Ticks may be late by exchange time: those change the day's figures, not the price.
 */
export class Quote {
  private latest: StoredTick;
  private newest: StoredTick;
  private day: string;
  private open: string;
  private high: Units;
  private low: Units;
  private volume: Units;
  private trades: number;
  private previousClose: string | undefined;

  private constructor(saved: SavedQuote) {
    this.latest = saved;
    this.newest = saved;
    this.day = saved.tradingDay;
    this.open = saved.open;
    this.high = toUnits(saved.high);
    this.low = toUnits(saved.low);
    this.volume = toUnits(saved.volume);
    this.trades = saved.trades;
    this.previousClose = saved.previousClose;
  }

  static restore(saved: SavedQuote): Quote {
    return new Quote(saved);
  }

  static first(tick: StoredTick): Quote {
    return new Quote({
      ...tick,
      tradingDay: dayOf(tick),
      open: tick.price,
      high: tick.price,
      low: tick.price,
      volume: tick.quantity,
      trades: 1,
      previousClose: undefined,
    });
  }

  apply(tick: StoredTick): void {
    this.latest = tick;
    const day = dayOf(tick);
    if (day > this.day) this.startDay(tick, day);
    else if (day === this.day) this.continueDay(tick);
    if (tick.epochMs >= this.newest.epochMs) this.newest = tick;
  }

  /** The tick whose price the quote shows: the newest by exchange time. */
  get tick(): StoredTick {
    return this.newest;
  }

  /** Of the last tick applied. */
  get symbolSequence(): number {
    return this.latest.symbolSequence;
  }

  save(): SavedQuote {
    return {
      ...this.newest,
      sequence: this.latest.sequence,
      symbolSequence: this.latest.symbolSequence,
      tradingDay: this.day,
      open: this.open,
      high: fromUnits(this.high, 2),
      low: fromUnits(this.low, 2),
      volume: fromUnits(this.volume),
      trades: this.trades,
      previousClose: this.previousClose,
    };
  }

  /** Of the price since the last one of the trading day before, where that is known. */
  get change(): Change | undefined {
    if (this.previousClose === undefined) return undefined;
    const previous = toUnits(this.previousClose);
    const amount = toUnits(this.newest.price) - previous;
    return { amount: fromUnits(amount, 2), percent: percentOf(amount, previous) };
  }

  private startDay(tick: StoredTick, day: string): void {
    this.previousClose = this.newest.price;
    this.day = day;
    this.open = tick.price;
    this.high = this.low = toUnits(tick.price);
    this.volume = toUnits(tick.quantity);
    this.trades = 1;
  }

  private continueDay(tick: StoredTick): void {
    const price = toUnits(tick.price);
    if (price > this.high) this.high = price;
    if (price < this.low) this.low = price;
    this.volume += toUnits(tick.quantity);
    this.trades++;
  }
}

/** Timestamps are written in Istanbul time. */
const dayOf = (tick: StoredTick) => tick.timestamp.slice(0, 10);
