import type { Tick } from "../domain/tick";
import { toUnits } from "../domain/units";

/** What tells one trade from another: the broker numbers nothing. */
export type Trade = Pick<Tick, "symbol" | "timestamp" | "epochMs" | "price" | "quantity" | "side">;

/** Latest trades of each symbol that are remembered: more than a broker is expected to repeat. */
export const rememberedTrades = 100;

const secondMs = 1_000;

/**
 * Recognises what the broker repeats after a reconnection, by what was stored before it: nothing, the last trade of a
 * symbol, or its last ones in any order. Within a connection there is no repetition: times are whole seconds, and equal
 * trades of one second are different trades. Each stored trade can be repeated once a connection, so that of four equal
 * ones after three stored ones the fourth is new. Bid and ask do not count: a repetition may show those of now.
 */
export class Repetitions {
  private readonly bySymbol = new Map<string, RecentTrades>();
  private connection = 0;
  private connectedMs = 0;

  /** Adds what an earlier leader stored, oldest first. */
  restore(trades: Iterable<Trade>): void {
    for (const trade of trades) this.of(trade.symbol).add(trade);
  }

  /** A connection starts. @param nowMs of this process's clock */
  connected(nowMs: number): void {
    this.connection++;
    this.connectedMs = nowMs - (nowMs % secondMs);
  }

  /** Whether a tick repeats a trade of before the connection; remembers it otherwise. */
  repeats(tick: Tick): boolean {
    const recent = this.of(tick.symbol);
    if (recent.repeats(tick, this.connection, this.connectedMs)) return true;
    recent.add(tick);
    return false;
  }

  private of(symbol: string): RecentTrades {
    let recent = this.bySymbol.get(symbol);
    if (recent === undefined) this.bySymbol.set(symbol, (recent = new RecentTrades()));
    return recent;
  }
}

/** The latest trades of one symbol, and those of before the connection that may still be repeated. */
class RecentTrades {
  private readonly trades: Trade[] = [];
  private oldest = 0;
  private connection = 0;
  private awaited: Trade[] = [];
  private awaitedUntilMs = -Infinity;
  private live = false;

  add(trade: Trade): void {
    this.trades[this.oldest] = trade;
    this.oldest = (this.oldest + 1) % rememberedTrades;
  }

  repeats(tick: Tick, connection: number, connectedMs: number): boolean {
    if (connection !== this.connection) this.await(connection);
    // All that most ticks cost: they are newer than everything that was stored before the connection.
    if (tick.epochMs > this.awaitedUntilMs) return false;
    // The second of the connection holds trades of before and after it: the first that is new ends the repetition there.
    const ofNow = tick.epochMs >= connectedMs;
    if (ofNow && this.live) return false;
    const index = this.awaited.findIndex((trade) => isSame(trade, tick));
    if (index >= 0) this.awaited.splice(index, 1);
    else if (ofNow) this.live = true;
    return index >= 0;
  }

  private await(connection: number): void {
    this.connection = connection;
    this.awaited = [...this.trades];
    this.awaitedUntilMs = this.trades.reduce((newest, { epochMs }) => Math.max(newest, epochMs), -Infinity);
    this.live = false;
  }
}

function isSame(trade: Trade, tick: Trade): boolean {
  return (
    trade.epochMs === tick.epochMs &&
    trade.timestamp === tick.timestamp &&
    trade.side === tick.side &&
    isSameAmount(trade.price, tick.price) &&
    isSameAmount(trade.quantity, tick.quantity)
  );
}

const isSameAmount = (one: string, other: string) => one === other || toUnits(one) === toUnits(other);
