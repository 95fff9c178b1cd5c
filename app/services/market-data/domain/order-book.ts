import { decimalText, isPositive } from "./decimal";
import type { FrameFields } from "../feed/frame";
import { feedSymbolPattern } from "./tick";
import { parseExchangeTime } from "./exchange-time";

/** Price, shares, orders: exact text, as on the wire. */
export type BookLevel = readonly [price: string, quantity: string, orders: string];

export interface BookSnapshot {
  readonly symbol: string;
  /** Counts the changes of this symbol's book on the replica that holds the broker's connection. */
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

/** Documents of the broker speak of 10 rows, a sample of 20. */
const mostRows = 50;

/** Reads the content of a `D` frame; `undefined` when it is no row of a book. */
export function readBookRow(fields: FrameFields): BookRow | undefined {
  const symbol = fields.symbol;
  const direction = fields.direction;
  const row = Number(fields.row ?? "x");
  const price = decimalText(fields.price);
  const quantity = decimalText(fields.quantity);
  const time = parseExchangeTime(fields.date);
  if (symbol === undefined || !feedSymbolPattern.test(symbol)) return undefined;
  if (direction !== "B" && direction !== "S") return undefined;
  if (!Number.isInteger(row) || row < 0 || row >= mostRows) return undefined;
  if (price === undefined || quantity === undefined || time === undefined) return undefined;
  const empty = !isPositive(price) || !isPositive(quantity);
  return {
    symbol,
    side: direction === "B" ? "BID" : "ASK",
    row,
    level: empty ? undefined : [price, quantity, decimalText(fields.ordercount) ?? "0"],
    epochMs: time.epochMs,
    timestamp: time.text,
  };
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
