import type { Kurus } from "../bist/price";
import { isWithin, priceLimits } from "../bist/price-limits";
import type { PriceLimits } from "../bist/price-limits";
import { roundDownToTick, tickSizeAt } from "../bist/tick-sizes";
import type { Random } from "./random";

/** A share as it trades now. */
export interface Share {
  readonly symbol: string;
  /** Previous close. */
  readonly base: Kurus;
  readonly limits: PriceLimits;
  last: Kurus;
  high: Kurus;
  low: Kurus;
}

/** One trade between others: what the feed calls a tick. */
export interface Trade {
  readonly share: Share;
  readonly price: Kurus;
  readonly quantity: number;
  readonly side: "B" | "S";
  readonly bid: Kurus;
  readonly ask: Kurus;
}

export interface DepthRow {
  readonly side: "B" | "S";
  readonly row: number;
  readonly price: Kurus;
  readonly quantity: number;
  readonly orders: number;
}

/** Prices that walk at random from tick to tick, inside the limits of the day. */
export class Market {
  readonly shares: ReadonlyMap<string, Share>;
  private readonly list: readonly Share[];

  constructor(
    symbols: readonly string[],
    readonly random: Random,
  ) {
    this.list = symbols.map((symbol) => {
      const base = roundDownToTick(BigInt(random.between(5_00, 600_00)));
      return { symbol, base, limits: priceLimits(base), last: base, high: base, low: base };
    });
    this.shares = new Map(this.list.map((share) => [share.symbol, share]));
  }

  /** Lets one share trade once: the same price, or one tick up or down. */
  trade(): Trade {
    const share = this.list[this.random.between(0, this.list.length - 1)];
    if (share === undefined) throw new RangeError("the market has no shares");
    const step = BigInt(this.random.between(-1, 1));
    const next = step < 0n ? below(share.last) : share.last + step * tickSizeAt(share.last);
    if (isWithin(next, share.limits)) share.last = next;
    if (share.last > share.high) share.high = share.last;
    if (share.last < share.low) share.low = share.last;
    const side = this.random.chance(0.5) ? "B" : "S";
    return { share, price: share.last, quantity: this.random.between(1, 5_000), side, ...this.quote(share) };
  }

  /** Best bid and ask: one tick apart, the last price on the ask side. */
  quote(share: Share): { bid: Kurus; ask: Kurus } {
    const bid = below(share.last);
    return { bid: bid < share.limits.floor ? share.last : bid, ask: share.last };
  }

  /** The best rows of both sides, best first. */
  depth(share: Share, rows = 10): DepthRow[] {
    const { bid, ask } = this.quote(share);
    const book: DepthRow[] = [];
    let [down, up] = [bid, ask];
    for (let row = 0; row < rows; row++) {
      if (isWithin(down, share.limits)) book.push(this.row("B", row, down));
      if (isWithin(up, share.limits)) book.push(this.row("S", row, up));
      down = below(down);
      up += tickSizeAt(up);
    }
    return book;
  }

  private row(side: "B" | "S", row: number, price: Kurus): DepthRow {
    return { side, row, price, quantity: this.random.between(1, 50_000), orders: this.random.between(1, 200) };
  }
}

/** One tick lower, by the step of the band below where the price opens a band. */
function below(price: Kurus): Kurus {
  return price - tickSizeAt(price - 1n);
}
