import { exchangeTimeText, parseExchangeTime } from "./exchange-time";

/** Price, shares, orders: exact text, as on the wire. */
export type BookLevel = readonly [price: string, quantity: string, orders: string];

export interface BookSnapshot {
  readonly symbol: string;
  /** Grows with every change of this symbol's book, from one leader to the next as well. */
  readonly version: number;
  /** Exchange time of the newest row; of a book that was emptied, when that was. */
  readonly timestamp: string;
  /** Best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** One row of one side, as a `D` frame carries it. */
export interface BookRow {
  readonly symbol: string;
  readonly side: "BID" | "ASK";
  /** 0 is the best price. */
  readonly row: number;
  /** Absent when the row is empty. */
  readonly level: BookLevel | undefined;
  readonly epochMs: number;
  readonly timestamp: string;
}

interface PlacedLevel {
  readonly level: BookLevel;
  /** Exchange time. */
  readonly ofMs: number;
  readonly receivedMs: number;
}

/**
 * The order book of one symbol, put together from rows that arrive one by one. A row replaces the one in its place; an
 * empty row ends the side there. Between two rows of one change the book may look crossed, as on the broker's own screen.
 */
export class OrderBook {
  private readonly bids: (PlacedLevel | undefined)[] = [];
  private readonly asks: (PlacedLevel | undefined)[] = [];
  private newestMs = -Infinity;
  private timestamp = "";

  constructor(
    readonly symbol: string,
    private version = 0,
  ) {}

  /** A book that an earlier leader put together. @param version of the next change, unless the known one is higher */
  static restore({ symbol, version: known, timestamp, bids, asks }: BookSnapshot, version: number): OrderBook {
    const book = new OrderBook(symbol, Math.max(known, version));
    const ofMs = parseExchangeTime(timestamp)?.epochMs ?? -Infinity;
    book.timestamp = timestamp;
    for (const level of bids) book.bids.push({ level, ofMs, receivedMs: -Infinity });
    for (const level of asks) book.asks.push({ level, ofMs, receivedMs: -Infinity });
    return book;
  }

  /** @param receivedMs by this process's clock */
  apply(row: BookRow, receivedMs: number): void {
    const side = row.side === "BID" ? this.bids : this.asks;
    if (row.level === undefined) side.length = Math.min(side.length, row.row);
    else side[row.row] = { level: row.level, ofMs: row.epochMs, receivedMs };
    if (row.epochMs >= this.newestMs) {
      this.newestMs = row.epochMs;
      this.timestamp = row.timestamp;
    }
    this.version++;
  }

  /**
   * Forgets what was received before one instant and is of a time before another.
   * @param nowMs by this process's clock
   * @returns whether there was such a level
   */
  forget(receivedBeforeMs: number, ofBeforeMs: number, nowMs: number): boolean {
    const isOld = (placed: PlacedLevel) => placed.receivedMs < receivedBeforeMs && placed.ofMs < ofBeforeMs;
    let forgotten = false;
    for (const side of [this.bids, this.asks]) {
      for (const [row, placed] of side.entries()) {
        if (placed === undefined || !isOld(placed)) continue;
        side[row] = undefined;
        forgotten = true;
      }
    }
    if (!forgotten) return false;
    this.newestMs = -Infinity;
    this.timestamp = exchangeTimeText(nowMs);
    this.version++;
    return true;
  }

  /** The rows known without a hole: a row beyond one that has not arrived yet waits for it. */
  snapshot(): BookSnapshot {
    return {
      symbol: this.symbol,
      version: this.version,
      timestamp: this.timestamp,
      bids: withoutHoles(this.bids),
      asks: withoutHoles(this.asks),
    };
  }
}

function withoutHoles(side: readonly (PlacedLevel | undefined)[]): BookLevel[] {
  const levels: BookLevel[] = [];
  for (const placed of side) {
    if (placed === undefined) break;
    levels.push(placed.level);
  }
  return levels;
}
