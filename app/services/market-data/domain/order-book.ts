/** Price, shares, orders: exact text, as on the wire. */
export type BookLevel = readonly [price: string, quantity: string, orders: string];

export interface BookSnapshot {
  readonly symbol: string;
  /** Counts the changes of this symbol's book as the leader saw them. */
  readonly version: number;
  /** Exchange time of the newest row. */
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

/**
 * The order book of one symbol, put together from rows that arrive one by one. A row replaces the one in its place; an
 * empty row ends the side there. Between two rows of one change the book may look crossed, as on the broker's own screen.
 */
export class OrderBook {
  private readonly bids: (BookLevel | undefined)[] = [];
  private readonly asks: (BookLevel | undefined)[] = [];
  private newestMs = 0;
  private timestamp = "";
  private version: number;

  constructor(
    readonly symbol: string,
    version = 0,
  ) {
    this.version = version;
  }

  apply(row: BookRow): void {
    const side = row.side === "BID" ? this.bids : this.asks;
    if (row.level === undefined) side.length = Math.min(side.length, row.row);
    else side[row.row] = row.level;
    if (row.epochMs >= this.newestMs) {
      this.newestMs = row.epochMs;
      this.timestamp = row.timestamp;
    }
    this.version++;
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

function withoutHoles(side: readonly (BookLevel | undefined)[]): BookLevel[] {
  const levels: BookLevel[] = [];
  for (const level of side) {
    if (level === undefined) break;
    levels.push(level);
  }
  return levels;
}
