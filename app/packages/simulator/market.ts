import type { Kurus } from "../bist/price";
import { isWithin, priceLimits } from "../bist/price-limits";
import type { PriceLimits } from "../bist/price-limits";
import { rulesOf, stepAt } from "./instruments";
import type { Random } from "./random";

/** An instrument as it trades now. */
export interface Share {
  readonly symbol: string;
  /** Previous close. */
  readonly base: Kurus;
  readonly limits: PriceLimits;
  /** Whether the broker states the limits. */
  readonly hasLimits: boolean;
  /** Its own tick size; undefined for the exchange's table of shares. */
  readonly tickSize: Kurus | undefined;
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
  /** 0n where a side of the book is empty, as on a limit of the day. */
  readonly bid: Kurus;
  readonly ask: Kurus;
  /** Brokers of both sides. */
  readonly buying: string;
  readonly selling: string;
}

export interface DepthRow {
  readonly side: "B" | "S";
  readonly row: number;
  readonly price: Kurus;
  readonly quantity: number;
  readonly orders: number;
}

/** Rows of each side of an order book, as the broker's feed has them. */
const bookRows = 10;

/** Short names of brokers, as the feed has them. */
const brokers = ["Deniz", "Gedik", "Info", "Midas", "Seker", "Yatirim"] as const;

/** Where the broker states no limits, the simulator keeps prices between these. */
const widest: PriceLimits = { floor: 1n, ceiling: 100_000_00n };

/** Prices that walk at random from tick to tick, inside the limits of the day. */
export class Market {
  readonly shares: ReadonlyMap<string, Share>;
  private readonly list: readonly Share[];

  constructor(
    symbols: readonly string[],
    readonly random: Random,
  ) {
    this.list = symbols.map((symbol) => this.open(symbol));
    this.shares = new Map(this.list.map((share) => [share.symbol, share]));
  }

  private open(symbol: string): Share {
    const {
      base: [low, high],
      tickSize,
      marginPercent,
    } = rulesOf(symbol);
    const drawn = BigInt(this.random.between(Number(low), Number(high)));
    const base = drawn - (drawn % stepAt(drawn, tickSize));
    const [hasLimits, limits] =
      marginPercent === undefined
        ? [false, widest]
        : [true, tickSize === undefined ? priceLimits(base) : ownLimits(base, tickSize, marginPercent)];
    return { symbol, base, limits, hasLimits, tickSize, last: base, high: base, low: base };
  }

  /** Lets one share trade once: the same price, or one tick up or down. */
  trade(): Trade {
    const share = this.list[this.random.between(0, this.list.length - 1)];
    if (share === undefined) throw new RangeError("the market has no shares");
    const step = BigInt(this.random.between(-1, 1));
    const next = step < 0n ? below(share.last, share) : share.last + step * stepAt(share.last, share.tickSize);
    const side = this.random.chance(0.5) ? "B" : "S";
    return this.tradeAt(share, isWithin(next, share.limits) ? next : share.last, this.random.between(1, 5_000), side);
  }

  /** Lets a share trade at a price. */
  tradeAt(share: Share, price: Kurus, quantity: number, side: "B" | "S"): Trade {
    share.last = price;
    if (price > share.high) share.high = price;
    if (price < share.low) share.low = price;
    const { bid, ask } = this.quote(share);
    return {
      share,
      price,
      quantity,
      side,
      bid: below(price, share) < share.limits.floor ? 0n : bid,
      ask,
      buying: brokers[quantity % brokers.length] ?? brokers[0],
      selling: brokers[(quantity * 7 + 1) % brokers.length] ?? brokers[0],
    };
  }

  /** Best bid and ask: one tick apart, the last price on the ask side. */
  quote(share: Share): { bid: Kurus; ask: Kurus } {
    const bid = below(share.last, share);
    return { bid: bid < share.limits.floor ? share.last : bid, ask: share.last };
  }

  /** The best rows of both sides, best first. */
  depth(share: Share, rows = bookRows): DepthRow[] {
    const [bids, asks] = [this.prices(share, "B", rows), this.prices(share, "S", rows)];
    return Array.from({ length: rows }, (_, row) => [
      ...bids.slice(row, row + 1).map((price) => this.row("B", row, price)),
      ...asks.slice(row, row + 1).map((price) => this.row("S", row, price)),
    ]).flat();
  }

  /** The prices of one side of the book, best first, a tick apart; fewer near a limit of the day. */
  prices(share: Share, side: "B" | "S", rows = bookRows): Kurus[] {
    const { bid, ask } = this.quote(share);
    const prices: Kurus[] = [];
    for (
      let price = side === "B" ? bid : ask;
      prices.length < rows && isWithin(price, share.limits);
      price = side === "B" ? below(price, share) : price + stepAt(price, share.tickSize)
    ) {
      prices.push(price);
    }
    return prices;
  }

  private row(side: "B" | "S", row: number, price: Kurus): DepthRow {
    return { side, row, price, quantity: this.random.between(1, 50_000), orders: this.random.between(1, 200) };
  }
}

/** One tick lower, by the step of the band below where the price opens a band. 0n below the lowest price. */
function below(price: Kurus, { tickSize }: Share): Kurus {
  return price <= 1n ? 0n : price - stepAt(price - 1n, tickSize);
}

function ownLimits(base: Kurus, tickSize: Kurus, marginPercent: bigint): PriceLimits {
  const { floor, ceiling } = priceLimits(base, marginPercent);
  return { floor: floor - (floor % tickSize), ceiling: ceiling - (ceiling % tickSize) };
}
