import type { Queryable } from "../../../packages/kit/database/database";
import { backoffMs } from "../../../packages/kit/backoff";
import { istanbulDate, startOfIstanbulDate } from "../../../packages/bist/calendar";
import type { BrokerCandle } from "../domain/candle";
import type { Interval } from "../domain/interval";
import { feedName } from "./tick-store";

const dayMs = 86_400_000;
/** A call that has not ended after this long never will: its process died. */
const answerWithinMs = 60_000;
/** The leader notes each second that it listens. */
const noteWithinMs = 10_000;
/** After each further failure in a row the broker is left alone for twice as long: it may answer nobody at all. */
const failureWaits = { firstMs: 10 * 60_000, mostMs: dayMs };
/**
 * Answers without candles concern their symbols alone, unless nobody is given any: so many in a row are free, and any number
 * within so long of a better one.
 */
const freeEmptyAnswers = 3;
const mostEmptyDays = 32;
const answersForMs = 7 * dayMs;

/** The broker's candles of a symbol that begin in [from, until), oldest first, at most `limit` of the newest. */
export async function readBrokerCandles(
  database: Queryable,
  symbol: string,
  interval: Interval,
  range: { readonly fromMs: number; readonly untilMs: number; readonly limit: number },
): Promise<BrokerCandle[]> {
  const { rows } = await database.query<Record<"open" | "high" | "low" | "close" | "volume", string> & Times>(
    `SELECT open_time, open, high, low, close, volume, fetched_at FROM broker_candles
     WHERE symbol = $1 AND interval = $2 AND open_time >= $3 AND open_time < $4 ORDER BY open_time DESC LIMIT $5`,
    [symbol, interval, new Date(range.fromMs), new Date(range.untilMs), range.limit],
  );
  return rows.reverse().map(({ open_time, fetched_at, ...figures }) => ({
    openTimeMs: open_time.getTime(),
    ...figures,
    fetchedMs: fetched_at.getTime(),
  }));
}

interface Times {
  readonly open_time: Date;
  readonly fetched_at: Date;
}

/** What is known of the broker's candles of a symbol and interval: on their way, there, or not to be had for now. */
export type HistoryStatus = "PENDING" | "FETCHED" | "UNAVAILABLE";

/**
 * Notes that a chart lacks the broker's candles, and says what is to be expected. Only known symbols are asked for.
 * @param nowMs here and below by the database's clock: other processes compare with it
 */
export async function wantHistory(
  database: Queryable,
  symbol: string,
  interval: Interval,
  nowMs: number,
): Promise<HistoryStatus> {
  const now = new Date(nowMs);
  await database.query(
    `INSERT INTO broker_candle_requests AS known (symbol, interval, wanted_at)
     SELECT symbol, $2, $3 FROM symbols WHERE symbol = $1
     ON CONFLICT (symbol, interval) DO UPDATE SET wanted_at = excluded.wanted_at
     WHERE known.not_before <= excluded.wanted_at AND known.wanted_at < excluded.wanted_at - interval '1 second'`,
    [symbol, interval, now],
  );
  const { rows } = await database.query<RequestState>(
    `SELECT outcome, asked_at, not_before <= $3 AS due, listened_until
     FROM broker_candle_requests, market_feeds WHERE symbol = $1 AND interval = $2 AND feed = $4`,
    [symbol, interval, now, feedName],
  );
  const [state] = rows;
  if (state === undefined) return "UNAVAILABLE";
  if (state.outcome === "ASKED" && nowMs - (state.asked_at?.getTime() ?? 0) < answerWithinMs) return "PENDING";
  if (!state.due) return state.outcome === "FETCHED" ? "FETCHED" : "UNAVAILABLE";
  const listens = nowMs - (state.listened_until?.getTime() ?? 0) < noteWithinMs;
  return listens && (await askableFromMs(database, nowMs)) <= nowMs ? "PENDING" : "UNAVAILABLE";
}

interface RequestState {
  readonly outcome: "ASKED" | "FETCHED" | "EMPTY" | "FAILED" | null;
  readonly asked_at: Date | null;
  readonly due: boolean;
  readonly listened_until: Date | null;
}

/** From when on the broker may be asked again, after what failed in a row, or was answered without candles. */
async function askableFromMs(database: Queryable, nowMs: number): Promise<number> {
  const { rows } = await database.query<AnswerState>(
    `WITH answered AS (
       SELECT coalesce(max(asked_at) FILTER (WHERE outcome = 'FETCHED'), '-infinity') AS fetched,
         coalesce(max(asked_at) FILTER (WHERE outcome IN ('FETCHED', 'EMPTY')), '-infinity') AS any
       FROM broker_candle_requests
     ), in_row AS (
       SELECT asked_at, outcome = 'EMPTY' AS empty FROM broker_candle_requests, answered
       WHERE outcome = 'EMPTY' AND asked_at > fetched AND fetched < $2
         OR (outcome = 'FAILED' OR outcome = 'ASKED' AND asked_at < $1) AND asked_at > answered.any
     )
     SELECT count(*) AS number, max(asked_at) AS last, empty FROM in_row GROUP BY empty`,
    [new Date(nowMs - answerWithinMs), new Date(nowMs - answersForMs)],
  );
  const waits = rows.map(({ number, last, empty }) => {
    const failures = Number(number) - (empty ? freeEmptyAnswers : 0);
    return failures <= 0 ? -Infinity : last.getTime() + backoffMs(failureWaits, failures - 1);
  });
  return Math.max(-Infinity, ...waits);
}

interface AnswerState {
  readonly number: string;
  readonly last: Date;
  readonly empty: boolean;
}

export interface HistoryRequest {
  readonly symbol: string;
  readonly interval: Interval;
  /** When the broker was asked: what comes of it counts only while nobody has asked again. */
  readonly askedAt: Date;
}

/** Whether the broker is to be asked for something now. */
export async function hasDueRequest(database: Queryable, nowMs: number): Promise<boolean> {
  const { rows } = await database.query<{ due: boolean }>(
    `SELECT EXISTS (SELECT FROM broker_candle_requests WHERE ${isDue("$1")}) AS due`,
    [new Date(nowMs)],
  );
  return rows[0]?.due === true && (await askableFromMs(database, nowMs)) <= nowMs;
}

const isDue = (now: string) => `not_before <= ${now} AND (asked_at IS NULL OR wanted_at > asked_at)`;

/** Takes the request that a chart made last, for this Istanbul day, unless the feed was taken over since `epoch`. */
export async function takeRequest(
  database: Queryable,
  epoch: number,
  nowMs: number,
): Promise<HistoryRequest | undefined> {
  const tomorrow = startOfIstanbulDate(istanbulDate(nowMs + dayMs));
  const { rows } = await database.query<HistoryRequest>(
    `UPDATE broker_candle_requests SET asked_at = $1, outcome = 'ASKED', not_before = $2
     WHERE (symbol, interval) = (SELECT symbol, interval FROM broker_candle_requests WHERE ${isDue("$1")}
       ORDER BY wanted_at DESC LIMIT 1)
       AND EXISTS (SELECT FROM market_feeds WHERE feed = $3 AND epoch = $4)
     RETURNING symbol, interval, asked_at AS "askedAt"`,
    [new Date(nowMs), new Date(tomorrow), feedName, epoch],
  );
  return rows[0];
}

/** Stores what the broker answered; where it gave a later answer meanwhile, that one stays. */
export async function storeBrokerCandles(
  database: Queryable,
  { symbol, interval, askedAt }: HistoryRequest,
  candles: readonly BrokerCandle[],
): Promise<void> {
  await database.query(
    `WITH stored AS (
       INSERT INTO broker_candles (symbol, interval, open_time, open, high, low, close, volume, fetched_at)
       SELECT $1, $2, c.* FROM unnest($3::timestamptz[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
         $8::numeric[], $9::timestamptz[]) c
       ON CONFLICT (symbol, interval, open_time) DO UPDATE SET (open, high, low, close, volume, fetched_at) =
         ROW (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.fetched_at)
       WHERE broker_candles.fetched_at <= excluded.fetched_at)
     UPDATE broker_candle_requests SET outcome = 'FETCHED', empty_answers = 0
     WHERE symbol = $1 AND interval = $2 AND asked_at = $10`,
    [
      symbol,
      interval,
      candles.map(({ openTimeMs }) => new Date(openTimeMs)),
      candles.map(({ open }) => open),
      candles.map(({ high }) => high),
      candles.map(({ low }) => low),
      candles.map(({ close }) => close),
      candles.map(({ volume }) => volume),
      candles.map(({ fetchedMs }) => new Date(fetchedMs)),
      askedAt,
    ],
  );
}

/** Notes an answer without candles: it is asked for again after a day, and after each further one in a row after twice as long. */
export async function requestEmpty(database: Queryable, { symbol, interval, askedAt }: HistoryRequest): Promise<void> {
  await database.query(
    `UPDATE broker_candle_requests SET outcome = 'EMPTY', empty_answers = empty_answers + 1,
       not_before = not_before + (least(2 ^ empty_answers, $3) - 1) * interval '24 hours'
     WHERE symbol = $1 AND interval = $2 AND asked_at = $4`,
    [symbol, interval, mostEmptyDays, askedAt],
  );
}

/** @param notBeforeMs when the same may be asked for again, if that is sooner than tomorrow */
export async function requestFailed(
  database: Queryable,
  { symbol, interval, askedAt }: HistoryRequest,
  notBeforeMs = Infinity,
): Promise<void> {
  await database.query(
    `UPDATE broker_candle_requests SET outcome = 'FAILED', not_before = least(not_before, $3)
     WHERE symbol = $1 AND interval = $2 AND asked_at = $4`,
    [symbol, interval, notBeforeMs === Infinity ? null : new Date(notBeforeMs), askedAt],
  );
}
