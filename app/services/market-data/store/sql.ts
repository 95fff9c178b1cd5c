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

export const candleFigures = "open, high, low, close, volume, turnover, trades";

/**
 * Figures of a candle from ticks.
 * @param prices the array of their prices, by exchange time, and by sequence within the same instant: one for open and close, so
 *   that it is sorted once
 */
export const ofTicks = (prices: string) => `
  (${prices})[1] AS open, max(price) AS high, min(price) AS low, (${prices})[count(*)::int] AS close,
  sum(quantity) AS volume, sum(price * quantity) AS turnover, count(*) AS trades`;

/** Figures of a candle from shorter ones. */
export const ofCandles = `
  (array_agg(open ORDER BY open_time))[1] AS open, max(high) AS high, min(low) AS low,
  (array_agg(close ORDER BY open_time DESC))[1] AS close,
  sum(volume) AS volume, sum(turnover) AS turnover, sum(trades) AS trades`;
