import { channels } from "./messages";
import type { Channel, Pieces } from "./messages";

export type Subscriptions = Readonly<Record<Channel, ReadonlySet<string>>>;

export const noSubscriptions: Subscriptions = { QUOTE: new Set(), TRADE: new Set(), DEPTH: new Set() };

/** What changed since the last frame, by symbol. */
export interface Changes {
  readonly quotes: ReadonlyMap<string, string>;
  readonly trades: ReadonlyMap<string, readonly string[]>;
  readonly books: ReadonlyMap<string, string>;
}

/** Clients with the same subscriptions: a frame is put together once for all of them. */
export class Audience<Member> {
  readonly members = new Set<Member>();

  constructor(
    readonly key: string,
    readonly subscriptions: Subscriptions,
  ) {}

  /** The part of the changes that this audience listens to. */
  pick({ quotes, trades, books }: Changes): Pieces {
    return {
      quotes: pick(this.subscriptions.QUOTE, quotes),
      trades: pick(this.subscriptions.TRADE, trades).flat(),
      books: pick(this.subscriptions.DEPTH, books),
    };
  }
}

/** Walks the smaller of the two. */
function pick<T>(wanted: ReadonlySet<string>, changed: ReadonlyMap<string, T>): T[] {
  const picked: T[] = [];
  if (wanted.size < changed.size) {
    for (const symbol of wanted) {
      const value = changed.get(symbol);
      if (value !== undefined) picked.push(value);
    }
  } else {
    for (const [symbol, value] of changed) if (wanted.has(symbol)) picked.push(value);
  }
  return picked;
}

/** The same for the same subscriptions, in whatever order they were made. */
export const keyOf = (subscriptions: Subscriptions) =>
  channels.map((channel) => `${channel}:${[...subscriptions[channel]].sort().join()}`).join(" ");
