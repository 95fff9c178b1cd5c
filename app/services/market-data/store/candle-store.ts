import type { Pool } from "pg";
import type { Queryable } from "../../../packages/kit/database/database";
import { inFeedTransaction } from "./feed-pool";
import { oldestTickMs } from "../domain/tick";
import { FencedError, feedName } from "./tick-store";
import { openTimeSql, timeParameter } from "./sql";
import type { Candle } from "../domain/candle";
import type { Interval } from "../domain/interval";

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

/** Open and close by exchange time, and by sequence within the same instant. */
const ofTicks = `
  (array_agg(price ORDER BY "timestamp", sequence))[1] AS open, max(price) AS high, min(price) AS low,
  (array_agg(price ORDER BY "timestamp" DESC, sequence DESC))[1] AS close,
  sum(quantity) AS volume, sum(price * quantity) AS turnover, count(*) AS trades`;

const ofCandles = `
  (array_agg(open ORDER BY open_time))[1] AS open, max(high) AS high, min(low) AS low,
  (array_agg(close ORDER BY open_time DESC))[1] AS close,
  sum(volume) AS volume, sum(turnover) AS turnover, sum(trades) AS trades`;

/**
 * Candles of a symbol that begin in [from, until), newest last, at most `limit` of the newest. Exact, and up to the last
 * committed tick: what is not stored as a minute yet is built from its ticks. A period without a trade has no candle.
 */
export async function readCandles(
  database: Queryable,
  symbol: string,
  interval: Interval,
  range: { readonly fromMs: number; readonly untilMs: number; readonly limit: number },
): Promise<Candle[]> {
  const { rows } = await database.query<CandleRow>(interval === "1d" ? readDays : readMinutes(interval), [
    symbol,
    new Date(range.fromMs),
    new Date(range.untilMs),
    range.limit,
    feedName,
  ]);
  return rows.reverse().map((row) => ({
    openTimeMs: row.open_time.getTime(),
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    turnover: row.turnover,
    trades: Number(row.trades),
  }));
}

/** Minutes that are stored, then those that are not. */
const minutes = `
  SELECT open_time, open, high, low, close, volume, turnover, trades FROM candles, feed
  WHERE symbol = $1 AND interval = '1m' AND open_time >= $2 AND open_time < $3 AND open_time < feed.until
  UNION ALL
  SELECT ${openTimeSql("1m", `"timestamp"`)} AS open_time, ${ofTicks} FROM market_ticks, feed
  WHERE symbol = $1 AND "timestamp" >= greatest($2, feed.until) AND "timestamp" < $3
  GROUP BY 1`;

const feed = "SELECT candles_until AS until FROM market_feeds WHERE feed = $5";

const readMinutes = (interval: Interval) => `
  WITH feed AS (${feed}), minutes AS (${minutes})
  SELECT ${openTimeSql(interval, "open_time")} AS open_time, ${ofCandles}
  FROM minutes GROUP BY 1 ORDER BY 1 DESC LIMIT $4`;

/** A day is stored whenever one of its minutes is: the minutes after that are added. */
const readDays = `
  WITH feed AS (${feed}), days AS (
    SELECT open_time, open, high, low, close, volume, turnover, trades FROM candles
    WHERE symbol = $1 AND interval = '1d' AND open_time >= $2 AND open_time < $3
    UNION ALL
    SELECT ${openTimeSql("1m", `"timestamp"`)} AS open_time, ${ofTicks} FROM market_ticks, feed
    WHERE symbol = $1 AND "timestamp" >= greatest($2, feed.until) AND "timestamp" < $3
    GROUP BY 1)
  SELECT ${openTimeSql("1d", "open_time")} AS open_time, ${ofCandles}
  FROM days GROUP BY 1 ORDER BY 1 DESC LIMIT $4`;

/** A minute of a symbol. */
export interface Minute {
  readonly symbol: string;
  /** Milliseconds since the epoch. */
  readonly openTimeMs: number;
}

export interface CandleProgress {
  readonly minutes: readonly Minute[];
  /** Every minute before it is stored, with every tick up to `sequence`. */
  readonly untilMs: number;
  readonly sequence: number;
}

const keepBetter = `ON CONFLICT (symbol, interval, open_time) DO UPDATE
  SET (open, high, low, close, volume, turnover, trades) = ROW (excluded.open, excluded.high, excluded.low,
    excluded.close, excluded.volume, excluded.turnover, excluded.trades)`;

/**
 * Stores minutes from the ticks themselves, and from the minutes the days that they belong to. Repeatable: a late tick
 * asks for its minute again.
 *
 * @throws FencedError when the feed has been taken over since `epoch`
 */
export async function storeCandles(pool: Pool, epoch: number, progress: CandleProgress): Promise<void> {
  await inFeedTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      "UPDATE market_feeds SET candles_until = $3, candles_sequence = $4 WHERE feed = $1 AND epoch = $2",
      [feedName, epoch, new Date(progress.untilMs), progress.sequence],
    );
    if (rowCount !== 1) throw new FencedError(`the feed was taken over after epoch ${epoch}`);
    if (progress.minutes.length === 0) return;
    const wanted = [
      progress.minutes.map(({ symbol }) => symbol),
      progress.minutes.map(({ openTimeMs }) => new Date(openTimeMs)),
    ];
    await tx.query(
      `INSERT INTO candles (symbol, interval, open_time, open, high, low, close, volume, turnover, trades)
       SELECT w.symbol, '1m', w.open_time, t.* FROM unnest($1::text[], $2::timestamptz[]) AS w (symbol, open_time)
       CROSS JOIN LATERAL (SELECT ${ofTicks} FROM market_ticks WHERE symbol = w.symbol
         AND "timestamp" >= w.open_time AND "timestamp" < w.open_time + interval '1 minute') t
       WHERE t.trades > 0 ${keepBetter}`,
      wanted,
    );
    await tx.query(
      `INSERT INTO candles (symbol, interval, open_time, open, high, low, close, volume, turnover, trades)
       SELECT d.symbol, '1d', d.day, c.* FROM
         (SELECT DISTINCT symbol, ${openTimeSql("1d", "at")} AS day FROM unnest($1::text[], $2::timestamptz[]) AS w (symbol, at)) d
       CROSS JOIN LATERAL (SELECT ${ofCandles} FROM candles WHERE symbol = d.symbol AND interval = '1m'
         AND open_time >= d.day AND open_time < d.day + interval '1 day') c
       WHERE c.trades > 0 ${keepBetter}`,
      wanted,
    );
  });
}

/** Until when earlier leaders stored every minute; -Infinity before the first. */
export async function candlesUntilMs(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ candles_until: Date | number }>(
    "SELECT candles_until FROM market_feeds WHERE feed = $1",
    [feedName],
  );
  return Number(rows[0]?.candles_until ?? -Infinity);
}

/**
 * Minutes with ticks that an earlier leader may not have stored, however long ago it ended: ticks that came after it stored
 * candles last are at most a day older than that.
 */
export async function unstoredMinutes(database: Queryable, untilMs: number): Promise<Minute[]> {
  const { rows } = await database.query<{ symbol: string; open_time: Date }>(
    `SELECT DISTINCT symbol, ${openTimeSql("1m", `"timestamp"`)} AS open_time FROM market_ticks, market_feeds
     WHERE feed = $1 AND "timestamp" > least(now(), $2::timestamptz) - $3 * interval '1 millisecond'
     AND ("timestamp" >= candles_until OR sequence > candles_sequence)`,
    [feedName, timeParameter(untilMs), 2 * oldestTickMs],
  );
  return rows.map(({ symbol, open_time }) => ({ symbol, openTimeMs: open_time.getTime() }));
}
