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
