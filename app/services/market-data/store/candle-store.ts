import type { Pool } from "pg";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Queryable } from "../../../packages/kit/database/database";
import { oldestTickMs } from "../domain/tick";
import { inFeedTransaction } from "./feed-pool";
import { FencedError, feedName } from "./tick-store";
import { candleFigures as figures, ofCandles, ofTicks, openTimeSql, timeParameter } from "./sql";
import type { CandleRow } from "./sql";

interface SymbolCandleRow extends CandleRow {
  readonly symbol: string;
  readonly interval: "1m" | "1d";
}

/** A minute of a symbol. */
export interface Minute {
  readonly symbol: string;
  /** Milliseconds since the epoch. */
  readonly openTimeMs: number;
}

/** How far candles are stored. */
export interface CandleProgress {
  /** Every minute before it is stored; -Infinity before the first one. */
  readonly untilMs: number;
  /** The minutes hold every tick up to it. */
  readonly sequence: number;
}

export async function candleProgress(database: Queryable): Promise<CandleProgress> {
  const { rows } = await database.query<{ candles_until: Date | number; candles_sequence: string }>(
    "SELECT candles_until, candles_sequence FROM market_feeds WHERE feed = $1",
    [feedName],
  );
  return { untilMs: Number(rows[0]?.candles_until ?? -Infinity), sequence: Number(rows[0]?.candles_sequence ?? 0) };
}

/**
 * Stores minutes from the ticks themselves, and from the minutes the days that they belong to. Repeatable: a late tick
 * asks for its minute again.
 *
 * Candles are computed and written before the feed's row is taken, so that no batch of ticks waits for them. A tick that is committed
 * meanwhile is after `progress.sequence`: whoever notes it, or a later leader, stores its minute again.
 *
 * @param stored how far candles are stored
 * @param progress how far they are once these minutes are stored as well
 * @throws FencedError when the feed has been taken over since `epoch`; as after any other error, the minutes of some hours may be
 *   stored
 */
export async function storeCandles(
  pool: Pool,
  epoch: number,
  minutes: readonly Minute[],
  stored: CandleProgress,
  progress: CandleProgress,
): Promise<void> {
  const hours = byHour(minutes);
  let before = stored;
  for (const [index, hour] of hours.entries()) {
    const next = hours[index + 1];
    const after = next ? { ...before, untilMs: Math.max(before.untilMs, next.fromMs) } : progress;
    const candles = await candlesOf(pool, hour.minutes);
    await saveCandles(pool, epoch, before, after, [...candles, ...(await daysOf(pool, candles, before.untilMs))]);
    before = after;
  }
  if (hours.length === 0) await saveCandles(pool, epoch, stored, progress, []);
}

interface Hour {
  /** The first minute. */
  readonly fromMs: number;
  readonly minutes: readonly Minute[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** In order of time. A late tick's minute may be of yesterday: one statement for both would go through every partition between. */
function byHour(minutes: readonly Minute[]): Hour[] {
  const hours = Map.groupBy(minutes, ({ openTimeMs }) => Math.floor(openTimeMs / hourMs));
  return [...hours]
    .sort(([one], [other]) => one - other)
    .map(([, ofHour]) => ({ fromMs: Math.min(...ofHour.map(({ openTimeMs }) => openTimeMs)), minutes: ofHour }));
}

/** Minutes of one hour, from their ticks. The bounds of all prune partitions while the statement is planned. */
async function candlesOf(database: Queryable, minutes: readonly Minute[]): Promise<SymbolCandleRow[]> {
  const times = minutes.map(({ openTimeMs }) => openTimeMs);
  const { rows } = await database.query<SymbolCandleRow>(
    `SELECT w.symbol, '1m' AS interval, w.open_time, t.* FROM unnest($1::text[], $2::timestamptz[]) AS w (symbol, open_time)
     CROSS JOIN LATERAL (SELECT ${ofTicks} FROM market_ticks WHERE symbol = w.symbol
       AND "timestamp" >= $3 AND "timestamp" < $4
       AND "timestamp" >= w.open_time AND "timestamp" < w.open_time + interval '1 minute') t
     WHERE t.trades > 0`,
    [
      minutes.map(({ symbol }) => symbol),
      times.map((time) => new Date(time)),
      new Date(Math.min(...times)),
      new Date(Math.max(...times) + minuteMs),
    ],
  );
  return rows;
}

const minuteMs = 60_000;

const columnTypes = {
  symbol: "text",
  interval: "text",
  open_time: "timestamptz",
  open: "numeric",
  high: "numeric",
  low: "numeric",
  close: "numeric",
  volume: "numeric",
  turnover: "numeric",
  trades: "bigint",
} as const satisfies Record<keyof SymbolCandleRow, string>;
const columns = Object.keys(columnTypes) as readonly (keyof SymbolCandleRow)[];

/** Candles that are given by `candleParameters`, from this parameter on. */
const candlesFrom = (first: number) =>
  `unnest(${columns.map((column, n) => `$${first + n}::${columnTypes[column]}[]`).join(", ")})
     AS c (${columns.join(", ")})`;

const candleParameters = (candles: readonly SymbolCandleRow[]) =>
  columns.map((column) => candles.map((candle) => candle[column]));

/**
 * Days that minutes belong to. The stored candle of a day holds its minutes before `storedUntilMs`, so that later ones are added to
 * it; one of before changes what is in it already, and the day is put together from all of its minutes.
 */
async function daysOf(
  database: Queryable,
  minutes: readonly SymbolCandleRow[],
  storedUntilMs: number,
): Promise<SymbolCandleRow[]> {
  const { rows } = await database.query<SymbolCandleRow>(
    `WITH minutes AS (SELECT * FROM ${candlesFrom(2)}),
     days AS (
       SELECT symbol, ${openTimeSql("1d", "open_time")} AS day, min(open_time) < $1 AS again FROM minutes GROUP BY 1, 2
     ), parts AS (
       SELECT symbol, open_time, ${figures} FROM minutes
       UNION ALL
       SELECT c.symbol, open_time, ${figures} FROM days d
       JOIN candles c ON c.symbol = d.symbol AND c.interval = '1d' AND c.open_time = d.day WHERE NOT again
       UNION ALL
       SELECT c.symbol, open_time, ${figures} FROM days d
       JOIN candles c ON c.symbol = d.symbol AND c.interval = '1m'
         AND c.open_time >= d.day AND c.open_time < d.day + interval '1 day'
       WHERE again AND NOT EXISTS (SELECT FROM minutes m WHERE m.symbol = c.symbol AND m.open_time = c.open_time)
     )
     SELECT symbol, '1d' AS interval, ${openTimeSql("1d", "open_time")} AS open_time, ${ofCandles}
     FROM parts GROUP BY 1, 3`,
    [timeParameter(storedUntilMs), ...candleParameters(minutes)],
  );
  return rows;
}

/**
 * Writes candles and how far they are stored, unless that has changed since they were computed: then nothing is written. The feed's
 * row is taken last, so that no batch of ticks waits until a minute of every symbol is written.
 */
async function saveCandles(
  pool: Pool,
  epoch: number,
  before: CandleProgress,
  after: CandleProgress,
  candles: readonly SymbolCandleRow[],
): Promise<void> {
  await inFeedTransaction(pool, async (tx) => {
    // In one order, always: a leader that was replaced and its successor wait for each other's rows, and not both.
    await tx.query(
      `INSERT INTO candles SELECT * FROM ${candlesFrom(1)} ORDER BY symbol, interval, open_time
       ON CONFLICT (symbol, interval, open_time) DO UPDATE
       SET (${figures}) = ROW (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
         excluded.turnover, excluded.trades)`,
      candleParameters(candles),
    );
    const { rowCount } = await tx.query(
      `UPDATE market_feeds SET candles_until = $5, candles_sequence = $6
       WHERE feed = $1 AND epoch = $2 AND candles_until = $3 AND candles_sequence = $4`,
      [feedName, epoch, timeParameter(before.untilMs), before.sequence, timeParameter(after.untilMs), after.sequence],
    );
    // What was written is rolled back.
    if (rowCount !== 1) throw await refusal(tx, epoch);
  });
}

async function refusal(database: Queryable, epoch: number): Promise<Error> {
  const { rows } = await database.query("SELECT FROM market_feeds WHERE feed = $1 AND epoch = $2", [feedName, epoch]);
  // An attempt whose answer was given up may have been carried out since.
  if (rows.length === 1) return new Error("other candles were stored while these were computed");
  return new FencedError(`the feed was taken over after epoch ${epoch}`);
}

/** Clocks of replicas differ by less: no leader noted a tick of further ahead than this, by what it stored candles until. */
const mostAheadMs = dayMs;
/** What one statement looks through: so many sequences, or a day of so many symbols. */
const sequencesAtOnce = 50_000;
const symbolsAtOnce = 50;

/**
 * Minutes with ticks that an earlier leader may not have stored, however long ago it ended: those that it had noted are of minutes
 * that were not over, and those that came after it stored candles last are at most a day older than that.
 *
 * @param symbols every one that has ticks
 * @param upTo sequence of the newest stored tick
 */
export async function unstoredMinutes(
  database: Queryable,
  stored: CandleProgress,
  symbols: readonly string[],
  upTo: number,
): Promise<Minute[]> {
  const minutes = await notedMinutes(database, stored.untilMs, symbols);
  // A time that is still to come is an absurd one.
  const newestMs = Math.min((await databaseTime(database)).getTime(), stored.untilMs);
  for (let after = stored.sequence; after < upTo; after += sequencesAtOnce) {
    const { rows } = await database.query<MinuteRow>(
      `SELECT DISTINCT symbol, ${openTimeSql("1m", `"timestamp"`)} AS open_time FROM market_ticks
       WHERE sequence > $1 AND sequence <= $2 AND "timestamp" > $3`,
      [after, Math.min(after + sequencesAtOnce, upTo), timeParameter(newestMs - 2 * oldestTickMs)],
    );
    minutes.push(...rows.map(minuteOf));
  }
  return minutes;
}

interface MinuteRow {
  readonly symbol: string;
  readonly open_time: Date;
}

const minuteOf = ({ symbol, open_time }: MinuteRow): Minute => ({ symbol, openTimeMs: open_time.getTime() });

/** By the index of symbol and time: no other finds the newest ticks of all. */
async function notedMinutes(database: Queryable, untilMs: number, symbols: readonly string[]): Promise<Minute[]> {
  // Before the first candle, every tick is after the sequence.
  if (untilMs === -Infinity) return [];
  const minutes: Minute[] = [];
  for (let first = 0; first < symbols.length; first += symbolsAtOnce) {
    const { rows } = await database.query<MinuteRow>(
      `SELECT DISTINCT wanted AS symbol, ${openTimeSql("1m", `"timestamp"`)} AS open_time
       FROM unnest($1::text[]) wanted CROSS JOIN LATERAL (
         SELECT "timestamp" FROM market_ticks WHERE symbol = wanted AND "timestamp" >= $2 AND "timestamp" < $3) t`,
      [symbols.slice(first, first + symbolsAtOnce), new Date(untilMs), new Date(untilMs + mostAheadMs)],
    );
    minutes.push(...rows.map(minuteOf));
  }
  return minutes;
}
