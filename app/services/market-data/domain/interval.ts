/** Lengths of candles. Days are Istanbul's; shorter candles begin at whole multiples of their length in Istanbul. */
export const intervals = {
  "1m": 60_000,
  "5m": 5 * 60_000,
  "15m": 15 * 60_000,
  "30m": 30 * 60_000,
  "1h": 60 * 60_000,
  "4h": 4 * 60 * 60_000,
  "1d": 24 * 60 * 60_000,
} as const satisfies Record<string, number>;

export type Interval = keyof typeof intervals;
export const intervalNames = Object.keys(intervals) as readonly Interval[];

/** Midnight of an Istanbul day, from which buckets are counted. */
const originMs = Date.parse("2000-01-01T00:00:00+03:00");

/** When the candle begins that an instant belongs to, in milliseconds since the epoch. */
export function openTimeOf(interval: Interval, epochMs: number): number {
  const length = intervals[interval];
  return originMs + Math.floor((epochMs - originMs) / length) * length;
}

const dayMs = intervals["1d"];
/** Of a day in which the market trades: less than its hours, as bars are missing in which nobody traded. */
const tradedMs = 8 * intervals["1h"];
/** The longest time that feasts and the weekends beside them keep the market closed. */
const closedDays = 10;

/** How far back so many candles reach: the market is closed for most of the time. */
export function lookbackMs(interval: Interval, candles: number): number {
  const tradingDays = Math.ceil(candles / Math.max(1, Math.floor(tradedMs / intervals[interval])));
  return (Math.ceil((tradingDays * 7) / 5) + closedDays) * dayMs;
}
