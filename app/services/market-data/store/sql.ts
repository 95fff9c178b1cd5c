import { intervals } from "../domain/interval";
import type { Interval } from "../domain/interval";

/** SQL that writes a timestamptz as `parseExchangeTime` does. */
export const exchangeTimeSql = (column: string) =>
  `rtrim(rtrim(to_char(${column} AT TIME ZONE 'Europe/Istanbul', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || '+03:00'`;

/** SQL that computes `openTimeOf`. `column` is a timestamptz. */
export const openTimeSql = (interval: Interval, column: string) =>
  `date_bin('${intervals[interval] / 60_000} minutes', ${column}, timestamptz '2000-01-01 00:00:00+03')`;

/** A timestamptz as a parameter: -Infinity is before every time. */
export const timeParameter = (epochMs: number) => (epochMs === -Infinity ? "-infinity" : new Date(epochMs));

/** A candle as its columns are read. */
export interface CandleRow {
  readonly open_time: Date;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly turnover: string;
  readonly trades: string;
}

export const candleFigures = "open, high, low, close, volume, turnover, trades";

/**
 * Figures of a candle from ticks. Open and close by exchange time, and by sequence within the same instant: both from one array, so
 * that a candle's ticks are sorted once.
 */
export const ofTicks = (() => {
  const prices = `array_agg(price ORDER BY "timestamp", sequence)`;
  return `
  (${prices})[1] AS open, max(price) AS high, min(price) AS low, (${prices})[count(*)::int] AS close,
  sum(quantity) AS volume, sum(price * quantity) AS turnover, count(*) AS trades`;
})();

/** Figures of a candle from shorter ones. */
export const ofCandles = `
  (array_agg(open ORDER BY open_time))[1] AS open, max(high) AS high, min(low) AS low,
  (array_agg(close ORDER BY open_time DESC))[1] AS close,
  sum(volume) AS volume, sum(turnover) AS turnover, sum(trades) AS trades`;
