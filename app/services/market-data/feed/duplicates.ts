import type { Tick } from "../domain/tick";

/** Contents remembered for each symbol. */
const remembered = 32;

/** What is known of the last stored tick of a symbol, to recognise its repetition after a reconnection. */
export type LastTick = Pick<Tick, "timestamp" | "price" | "quantity" | "side" | "bid" | "ask">;

/**
 * Distinguishes repetitions from trades. The broker numbers nothing, and equal trades within a millisecond are real; so only
 * a content that is the same to the last character, among a symbol's latest, counts as a repetition, and after each
 * connection the first tick of a symbol that equals the last one stored.
 */
export class Duplicates {
  private readonly recent = new Map<string, RecentContents>();
  private readonly awaited = new Map<string, LastTick>();

  /** Called when a connection starts: brokers answer a subscription with the last trade of each symbol. */
  connected(lastTicks: Iterable<readonly [string, LastTick]>): void {
    this.awaited.clear();
    for (const [symbol, tick] of lastTicks) this.awaited.set(symbol, tick);
  }

  /** Whether a tick repeats one that was seen; remembers it otherwise. */
  repeats(tick: Tick, content: string): boolean {
    const stored = this.awaited.get(tick.symbol);
    if (stored !== undefined) this.awaited.delete(tick.symbol);
    let contents = this.recent.get(tick.symbol);
    if (contents === undefined) this.recent.set(tick.symbol, (contents = new RecentContents()));
    if (contents.has(tick.epochMs, content)) return true;
    contents.add(tick.epochMs, content);
    return stored !== undefined && sameTrade(stored, tick);
  }
}

/** The latest contents of a symbol. Equal ones have equal times, which are compared sooner than texts are hashed. */
class RecentContents {
  private readonly times = new Float64Array(remembered);
  private readonly contents: string[] = [];
  private oldest = 0;

  has(epochMs: number, content: string): boolean {
    for (let place = this.times.indexOf(epochMs); place >= 0; place = this.times.indexOf(epochMs, place + 1)) {
      if (this.contents[place] === content) return true;
    }
    return false;
  }

  add(epochMs: number, content: string): void {
    this.times[this.oldest] = epochMs;
    this.contents[this.oldest] = content;
    this.oldest = (this.oldest + 1) % remembered;
  }
}

function sameTrade(stored: LastTick, tick: Tick): boolean {
  return (
    stored.timestamp === tick.timestamp &&
    stored.price === tick.price &&
    stored.quantity === tick.quantity &&
    stored.side === tick.side &&
    stored.bid === tick.bid &&
    stored.ask === tick.ask
  );
}
