import { type Tick } from "./tick";

/** Contents remembered for each symbol. */
const remembered = 32;

/** What is known of the last stored tick of a symbol, to recognise its repetition after a reconnection. */
export type LastTick = Pick<Tick, "timestamp" | "price" | "quantity" | "side" | "bid" | "ask">;

/**
 * Tells repetitions from trades. The broker numbers nothing, and equal trades within a millisecond are real; so only
 * a content that is the same to the last character, among a symbol's latest, counts as a repetition, and after each
 * connection the first tick of a symbol that equals the last one stored.
 */
export class Duplicates {
  private readonly recent = new Map<string, Set<string>>();
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
    if (contents === undefined) this.recent.set(tick.symbol, (contents = new Set()));
    if (contents.has(content)) return true;
    contents.add(content);
    if (contents.size > remembered) contents.delete(contents.values().next().value ?? "");
    return stored !== undefined && sameTrade(stored, tick);
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
