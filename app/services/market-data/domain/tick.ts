/** One trade as the broker reported it. Amounts are exact decimal text. */
export interface Tick {
  readonly symbol: string;
  readonly market: string;
  /** Exchange time, see `ExchangeTime`. */
  readonly timestamp: string;
  readonly epochMs: number;
  readonly price: string;
  /** Shares. */
  readonly quantity: string;
  /** Who crossed the spread, where the broker says. */
  readonly side: Side | undefined;
  readonly bid: string | undefined;
  readonly ask: string | undefined;
}

/** A tick with its place among all stored ticks of the feed, and among those of its symbol. Both count from 1 on. */
export interface StoredTick extends Tick {
  readonly sequence: number;
  /** Without a hole: a client that misses one knows it. */
  readonly symbolSequence: number;
}

export type Side = "BUY" | "SELL";

/** Index and currency codes are longer than share codes. */
export const feedSymbolPattern = /^[A-Z0-9][A-Z0-9._-]{0,19}$/;

/** A tick older than this is a picture of the past that the broker sends on subscribing, not news. */
export const oldestTickMs = 24 * 3_600_000;

/** Clocks differ; what is of a time further ahead than this is an error. */
export const furthestAheadMs = 60_000;
