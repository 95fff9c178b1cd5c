import type { Queryable } from "../../../packages/kit/database/database";
import type { Candle } from "../domain/candle";
import type { Interval } from "../domain/interval";
import { candleProgress } from "./candle-store";
import { candleFigures, ofCandles, ofTicks, openTimeSql, timeParameter } from "./sql";
import { feedName } from "./tick-store";

/** A period that candles are asked for of. */
export interface CandleRange {
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** Of the newest, at most so many. */
  readonly limit: number;
}

interface CandleRow {
  readonly open_time: Date;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly turnover: string;
  readonly trades: string;
}

/** Beside no candle, too: how far candles are stored, milliseconds since the epoch. */
type Row = { readonly until_ms: number } & (CandleRow | { readonly open_time: null });

/** Reads candles, stored and not yet stored ones. */
export class CandleHistory {
  /** How far candles were stored when they were read last: asking for it each time costs as much again as short answers do. */
  private storedUntilMs: number | undefined;

  constructor(private readonly database: Queryable) {}

  /**
   * Candles of a symbol that begin in the range, newest last. Exact, and up to the last committed tick: what is not stored as a
   * minute yet is built from its ticks. A period without a trade has no candle.
   */
  async read(symbol: string, interval: Interval, range: CandleRange): Promise<Candle[]> {
    const pruned = this.storedUntilMs ?? (await candleProgress(this.database)).untilMs;
    const { rows } = await this.database.query<Row>(interval === "1d" ? readDays : readMinutes(interval), [
      symbol,
      new Date(range.fromMs),
      new Date(range.untilMs),
      range.limit,
      feedName,
      timeParameter(Math.max(range.fromMs, pruned)),
    ]);
    const untilMs = rows[0]?.until_ms ?? -Infinity;
    this.storedUntilMs = untilMs;
    // A database that was restored to before has taken this one's place, and has ticks that were left out.
    if (untilMs < pruned) return this.read(symbol, interval, range);
    return rows.flatMap((row) => (row.open_time === null ? [] : candleOf(row))).reverse();
  }
}

function candleOf({ open_time, open, high, low, close, volume, turnover, trades }: CandleRow): Candle {
  return { openTimeMs: open_time.getTime(), open, high, low, close, volume, turnover, trades: Number(trades) };
}

/**
 * From where on minutes are built from their ticks. How far they were stored when it was read before prunes partitions while the
 * statement is planned; it never goes back in one database, so that the one of the statement's own snapshot is what counts.
 */
const unstored = `
  SELECT ${openTimeSql("1m", `"timestamp"`)} AS open_time, ${ofTicks('array_agg(price ORDER BY "timestamp", sequence)')}
  FROM market_ticks, feed
  WHERE symbol = $1 AND "timestamp" >= $6 AND "timestamp" >= feed.until AND "timestamp" < $3
  GROUP BY 1`;

/** Of minutes there is nothing to put together: `candles_until` begins one, and each is either stored or not. */
const merged = (interval: Interval) =>
  interval === "1m"
    ? `SELECT open_time, ${candleFigures} FROM parts`
    : `SELECT ${openTimeSql(interval, "open_time")} AS open_time, ${ofCandles} FROM parts GROUP BY 1`;

/** One row at least: how far candles are stored is told beside no candle, too. */
const newestOf = (interval: Interval, parts: string) => `
  WITH feed AS (SELECT candles_until AS until FROM market_feeds WHERE feed = $5), parts AS (${parts} UNION ALL ${unstored})
  SELECT (extract(epoch FROM feed.until) * 1000)::float8 AS until_ms, c.*
  FROM feed LEFT JOIN (${merged(interval)} ORDER BY 1 DESC LIMIT $4) c ON true
  ORDER BY open_time DESC`;

const readMinutes = (interval: Interval) =>
  newestOf(
    interval,
    `SELECT open_time, ${candleFigures} FROM candles, feed
     WHERE symbol = $1 AND interval = '1m' AND open_time >= $2 AND open_time < $3 AND open_time < feed.until`,
  );

/** A day is stored whenever one of its minutes is: the minutes after that are added. */
const readDays = newestOf(
  "1d",
  `SELECT open_time, ${candleFigures} FROM candles
   WHERE symbol = $1 AND interval = '1d' AND open_time >= $2 AND open_time < $3`,
);
