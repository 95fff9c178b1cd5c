import { intervals } from "./interval";
import type { Interval } from "./interval";
import { toUnits } from "./units";

/** What was traded in one period. Amounts are exact decimal text. */
interface Bar {
  /** When it begins, in milliseconds since the epoch. */
  readonly openTimeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Shares. */
  readonly volume: string;
}

/** Made of ticks that this platform stored. */
export interface Candle extends Bar {
  /** Lira: the sum of price times quantity. */
  readonly turnover: string;
  readonly trades: number;
}

/** As the broker gave it. */
export interface BrokerCandle extends Bar {
  /** When the broker was asked. */
  readonly fetchedMs: number;
}

/** One of the two, or both of them put together where each knows a part of the period. */
export interface ChartCandle extends Bar {
  /** Unknown to the broker. */
  readonly turnover: string | null;
  readonly trades: number | null;
  readonly source: "TICKS" | "BROKER" | "BOTH";
  /** False while the period lasts, and when neither source knows all of it. */
  readonly complete: boolean;
}

/** When this platform listened to a symbol. */
export interface Coverage {
  /** Since when, in milliseconds since the epoch; undefined when it never has. */
  readonly fromMs: number | undefined;
  /** Times since then in which it did not, although the market traded. */
  readonly gaps: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

/** The broker's candle of a period may lack its last trades for this long. */
const brokerDelayMs = 60_000;

/** A time in which a symbol was subscribed to. */
export interface Subscription {
  readonly fromMs: number;
  /** Undefined while it lasts. */
  readonly untilMs: number | undefined;
}

/**
 * Times up to now in which a symbol was not subscribed to any more, oldest first.
 * @param subscriptions that bring the symbol, by their beginning; they may overlap
 */
export function unsubscribedTimes(
  subscriptions: readonly Subscription[],
  nowMs: number,
): { readonly fromMs: number; readonly untilMs: number }[] {
  const times = [];
  let endMs = subscriptions[0]?.fromMs ?? nowMs;
  for (const { fromMs, untilMs = nowMs } of [...subscriptions, { fromMs: nowMs }]) {
    if (fromMs > endMs) times.push({ fromMs: endMs, untilMs: fromMs });
    endMs = Math.max(endMs, untilMs);
  }
  return times;
}

/** Whether the platform listened from the one instant to the other. */
export function listenedThrough({ fromMs, gaps }: Coverage, startMs: number, endMs: number): boolean {
  if (fromMs === undefined || fromMs > startMs) return false;
  return !gaps.some((gap) => gap.fromMs < endMs && gap.untilMs > startMs);
}

/**
 * Candles of a chart, oldest first. Where the platform listened for the whole period its own ticks say what was traded, and
 * that nothing was; elsewhere the broker's candle counts once it was fetched after the period's end. Until then it says how
 * the period began, and the ticks how it goes on.
 */
export function mergeCandles(
  own: readonly Candle[],
  brokers: readonly BrokerCandle[],
  interval: Interval,
  coverage: Coverage,
  nowMs: number,
): ChartCandle[] {
  const merged = new Map(own.map((candle) => [candle.openTimeMs, ofTicks(candle, interval, coverage, nowMs)]));
  for (const bar of brokers) {
    const endMs = bar.openTimeMs + intervals[interval];
    if (listenedThrough(coverage, bar.openTimeMs, endMs)) continue;
    const ended = bar.fetchedMs >= endMs + brokerDelayMs;
    const ofOwn = merged.get(bar.openTimeMs);
    merged.set(bar.openTimeMs, ended || ofOwn === undefined ? ofBroker(bar, ended) : ofBoth(bar, ofOwn));
  }
  return [...merged.values()].sort((a, b) => a.openTimeMs - b.openTimeMs);
}

function ofTicks(candle: Candle, interval: Interval, coverage: Coverage, nowMs: number): ChartCandle {
  const endMs = candle.openTimeMs + intervals[interval];
  return {
    ...candle,
    source: "TICKS",
    complete: endMs <= nowMs && listenedThrough(coverage, candle.openTimeMs, endMs),
  };
}

function ofBroker({ fetchedMs: _, ...bar }: BrokerCandle, complete: boolean): ChartCandle {
  return { ...bar, turnover: null, trades: null, source: "BROKER", complete };
}

/** The volume is at least the greater of the two: how much of it both saw is not known. */
function ofBoth(bar: BrokerCandle, own: ChartCandle): ChartCandle {
  return {
    openTimeMs: bar.openTimeMs,
    open: bar.open,
    high: greater(bar.high, own.high),
    low: greater(bar.low, own.low) === bar.low ? own.low : bar.low,
    close: own.close,
    volume: greater(bar.volume, own.volume),
    turnover: null,
    trades: null,
    source: "BOTH",
    complete: false,
  };
}

const greater = (one: string, other: string) => (toUnits(one) >= toUnits(other) ? one : other);
