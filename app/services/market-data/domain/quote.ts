import type { StoredTick } from "./tick";
import { fromUnits, percentOf, toUnits } from "./units";
import type { Units } from "./units";

/** A quote as it is saved: the latest tick of a symbol, and its day so far as the feed saw it. */
export interface SavedQuote extends StoredTick {
  /** Istanbul date that open, high, low, volume and trades are of. */
  readonly tradingDay: string;
  readonly open: string;
  /** Exchange time of the tick that `open` is of; unknown where an earlier release saved it. */
  readonly openedAt: string | undefined;
  readonly high: string;
  readonly low: string;
  /** Shares. */
  readonly volume: string;
  readonly trades: number;
  /** Last price of the trading day before, where the feed saw one. */
  readonly previousClose: string | undefined;
  /** Exchange time of the tick that `previousClose` is of. */
  readonly previousClosedAt: string | undefined;
}

/** Exact decimal text. */
export interface Change {
  readonly amount: string;
  readonly percent: string;
}

/**
 * The latest state of one symbol. Fed with every stored tick in order of its sequence, it is the same on every replica.
 * First and last prices go by exchange time and, within one instant, by arrival: a late tick counts in the figures of its day,
 * is its open where none was earlier, and never the price.
 */
export class Quote {
  private latest: StoredTick;
  private newest: StoredTick;
  private day: string;
  private open: string;
  private openedAt: string | undefined;
  private high: Units;
  private low: Units;
  private volume: Units;
  private trades: number;
  private previousClose: string | undefined;
  private previousClosedAt: string | undefined;

  private constructor(saved: SavedQuote) {
    this.latest = saved;
    this.newest = saved;
    this.day = saved.tradingDay;
    this.open = saved.open;
    this.openedAt = saved.openedAt;
    this.high = toUnits(saved.high);
    this.low = toUnits(saved.low);
    this.volume = toUnits(saved.volume);
    this.trades = saved.trades;
    this.previousClose = saved.previousClose;
    this.previousClosedAt = saved.previousClosedAt;
  }

  static restore(saved: SavedQuote): Quote {
    return new Quote(saved);
  }

  static first(tick: StoredTick): Quote {
    return new Quote({
      ...tick,
      tradingDay: dayOf(tick),
      open: tick.price,
      openedAt: tick.timestamp,
      high: tick.price,
      low: tick.price,
      volume: tick.quantity,
      trades: 1,
      previousClose: undefined,
      previousClosedAt: undefined,
    });
  }

  apply(tick: StoredTick): void {
    this.latest = tick;
    const day = dayOf(tick);
    if (day > this.day) this.startDay(tick, day);
    else if (day === this.day) this.continueDay(tick);
    else this.completeEarlierDay(tick);
    if (!isBefore(tick.timestamp, this.newest.timestamp)) this.newest = tick;
  }

  /** Of the last tick applied, among those of every symbol. */
  get sequence(): number {
    return this.latest.sequence;
  }

  /** Of the last tick applied, among those of its symbol. */
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
      openedAt: this.openedAt,
      high: fromUnits(this.high, 2),
      low: fromUnits(this.low, 2),
      volume: fromUnits(this.volume),
      trades: this.trades,
      previousClose: this.previousClose,
      previousClosedAt: this.previousClosedAt,
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
    this.previousClosedAt = this.newest.timestamp;
    this.day = day;
    this.open = tick.price;
    this.openedAt = tick.timestamp;
    this.high = this.low = toUnits(tick.price);
    this.volume = toUnits(tick.quantity);
    this.trades = 1;
  }

  private continueDay(tick: StoredTick): void {
    const price = toUnits(tick.price);
    if (this.openedAt !== undefined && isBefore(tick.timestamp, this.openedAt)) {
      this.open = tick.price;
      this.openedAt = tick.timestamp;
    }
    if (price > this.high) this.high = price;
    if (price < this.low) this.low = price;
    this.volume += toUnits(tick.quantity);
    this.trades++;
  }

  private completeEarlierDay(tick: StoredTick): void {
    const { previousClose, previousClosedAt: closedAt } = this;
    const isLatest = closedAt === undefined ? previousClose === undefined : !isBefore(tick.timestamp, closedAt);
    if (!isLatest) return;
    this.previousClose = tick.price;
    this.previousClosedAt = tick.timestamp;
  }
}

/** Texts of exchange times sort as the times do: one offset, and no zeros at the end. */
const isBefore = (one: string, other: string) => one < other;

/** Timestamps are written in Istanbul time. */
const dayOf = (tick: StoredTick) => tick.timestamp.slice(0, 10);
