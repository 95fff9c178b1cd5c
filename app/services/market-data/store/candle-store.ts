import type { Pool } from "pg";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Queryable } from "../../../packages/kit/database/database";
import { openTimeOf } from "../domain/interval";
import { oldestTickMs } from "../domain/tick";
import { inFeedTransaction } from "./feed-pool";
import { FencedError, feedName } from "./tick-store";
import { candleFigures as figures, ofCandles, ofTicks, openTimeSql, timeParameter } from "./sql";

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
 * @throws FencedError when the feed has been taken over since `epoch`; as after any other error, some of the minutes may be stored
 */
export async function storeCandles(
  pool: Pool,
  epoch: number,
  minutes: readonly Minute[],
  stored: CandleProgress,
  progress: CandleProgress,
): Promise<void> {
  const parts = inParts(minutes);
  let before = stored;
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    const after = next ? { ...before, untilMs: Math.max(before.untilMs, firstOf(next)) } : progress;
    await storePart(pool, epoch, before, after, part);
    before = after;
  }
  if (parts.length === 0) await storePart(pool, epoch, stored, progress, []);
}

/** So many minutes of every symbol are stored well within a statement's time limit. */
const partMs = 600_000;
const dayMs = 86_400_000;

/** In order of time. A late tick's minute may be of yesterday: one statement for both would go through every partition between. */
function inParts(minutes: readonly Minute[]): (readonly Minute[])[] {
  const parts = Map.groupBy(minutes, ({ openTimeMs }) => Math.floor(openTimeMs / partMs));
  return [...parts].sort(([one], [other]) => one - other).map(([, part]) => part);
}

const firstOf = (minutes: readonly Minute[]) => Math.min(...minutes.map(({ openTimeMs }) => openTimeMs));

/**
 * Writes candles and how far they are stored, unless that has changed since `before`: then nothing is written. The feed's row is
 * taken last.
 */
async function storePart(
  pool: Pool,
  epoch: number,
  before: CandleProgress,
  after: CandleProgress,
  minutes: readonly Minute[],
): Promise<void> {
  await inFeedTransaction(pool, async (tx) => {
    if (minutes.length > 0) await writeCandles(tx, before, minutes);
    const { rowCount } = await tx.query(
      `UPDATE market_feeds SET candles_until = $5, candles_sequence = $6
       WHERE feed = $1 AND epoch = $2 AND candles_until = $3 AND candles_sequence = $4`,
      [feedName, epoch, timeParameter(before.untilMs), before.sequence, timeParameter(after.untilMs), after.sequence],
    );
    // What was written is rolled back.
    if (rowCount !== 1) throw await refusal(tx, epoch);
  });
}

/**
 * Minutes from their ticks, whose bounds prune partitions while the statement is planned. The stored candle of a day holds its minutes
 * before `before.untilMs`, so that later ones are added to it; one of before changes what is in it already, and the day is put
 * together from all of its minutes. Bounds of the days are values, too: without them PostgreSQL would rather read the whole table for
 * one late tick, and would compile that plan each minute, used or not.
 *
 * Ticks are read in their order, as PostgreSQL before 16 sorts them once more for an aggregate that asks for one.
 *
 * In one order, always: a leader that was replaced and its successor wait for each other's rows, and not both.
 */
async function writeCandles(tx: Queryable, before: CandleProgress, minutes: readonly Minute[]): Promise<void> {
  const times = minutes.map(({ openTimeMs }) => openTimeMs);
  await tx.query(
    `WITH minutes AS MATERIALIZED (
       SELECT w.symbol, w.open_time, t.* FROM unnest($1::text[], $2::timestamptz[]) AS w (symbol, open_time)
       CROSS JOIN LATERAL (SELECT ${ofTicks("array_agg(price)")} FROM (
         SELECT price, quantity FROM market_ticks WHERE symbol = w.symbol AND "timestamp" >= $3 AND "timestamp" < $4
           AND "timestamp" >= w.open_time AND "timestamp" < w.open_time + interval '1 minute'
         ORDER BY "timestamp", sequence) sorted) t
       WHERE t.trades > 0
     ), days AS (
       SELECT symbol, ${openTimeSql("1d", "open_time")} AS day, min(open_time) < $5 AS again FROM minutes GROUP BY 1, 2
     ), parts AS (
       SELECT symbol, open_time, ${figures} FROM minutes
       UNION ALL
       SELECT c.symbol, open_time, ${figures} FROM days d
       JOIN candles c ON c.symbol = d.symbol AND c.interval = '1d' AND c.open_time = d.day WHERE NOT again
       UNION ALL
       SELECT c.symbol, open_time, ${figures} FROM days d
       JOIN candles c ON c.symbol = d.symbol AND c.interval = '1m'
         AND c.open_time >= d.day AND c.open_time < d.day + interval '1 day' AND c.open_time >= $6 AND c.open_time < $7
       WHERE again AND NOT EXISTS (SELECT FROM minutes m WHERE m.symbol = c.symbol AND m.open_time = c.open_time)
     )
     INSERT INTO candles (symbol, interval, open_time, ${figures})
     SELECT symbol, '1m', open_time, ${figures} FROM minutes
     UNION ALL
     SELECT symbol, '1d', ${openTimeSql("1d", "open_time")}, ${ofCandles} FROM parts GROUP BY 1, 3
     ORDER BY 1, 2, 3
     ON CONFLICT (symbol, interval, open_time) DO UPDATE
     SET (${figures}) = ROW (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume,
       excluded.turnover, excluded.trades)`,
    [
      minutes.map(({ symbol }) => symbol),
      times.map((time) => new Date(time)),
      new Date(firstOf(minutes)),
      new Date(Math.max(...times) + minuteMs),
      timeParameter(before.untilMs),
      new Date(openTimeOf("1d", firstOf(minutes))),
      new Date(openTimeOf("1d", Math.max(...times)) + dayMs),
    ],
  );
}

const minuteMs = 60_000;

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
