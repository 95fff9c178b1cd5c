import type { Pool } from "pg";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { continuousTradingMs } from "../../../packages/bist/calendar-session";
import type { Queryable } from "../../../packages/kit/database/database";
import { unsubscribedTimes } from "../domain/candle";
import type { Subscription } from "../domain/candle";
import { feedName } from "./tick-store";

/** A time in which the feed was down although the market traded. */
export interface FeedGap {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
}

/** Shorter silences come from the second in which listening is noted. */
const shortestGapMs = 2_000;

/** Until when the broker was surely heard; as long as it was listened to, for a release that notes nothing else. */
const heardUntil = "CASE WHEN heard_as_of = listened_until THEN heard_until ELSE listened_until END";

/**
 * Writes down what was missed, now that the broker is connected again; nothing when the market was closed meanwhile. Where
 * nothing was surely heard since the last gap, as when what came was not stored, that one has lasted on.
 */
export async function recordFeedGap(
  pool: Pool,
  calendar: TradingCalendar,
  epoch: number,
  nowMs: number,
  reason: string,
): Promise<FeedGap | undefined> {
  const { rows } = await pool.query<MissedRow>(
    `SELECT ${heardUntil} AS heard_until, gap_id, from_at, until_at FROM market_feeds f
     LEFT JOIN LATERAL (SELECT * FROM market_feed_gaps g WHERE g.feed = f.feed ORDER BY until_at DESC LIMIT 1) last ON true
     WHERE f.feed = $1 AND epoch = $2`,
    [feedName, epoch],
  );
  const [row] = rows;
  const heardMs = row?.heard_until?.getTime();
  if (row === undefined || heardMs === undefined) return undefined;
  const lastsOn = row.until_at !== null && row.until_at.getTime() >= heardMs;
  const [fromMs, sinceMs] = lastsOn ? [row.from_at.getTime(), row.until_at.getTime()] : [heardMs, heardMs];
  if (nowMs - sinceMs < (lastsOn ? 1 : shortestGapMs) || continuousTradingMs(calendar, sinceMs, nowMs) === 0)
    return undefined;
  const noted = `WITH ours AS (UPDATE market_feeds SET listened_until = $3, heard_until = $3, heard_as_of = $3
    WHERE feed = $1 AND epoch = $2 RETURNING feed)`;
  const values = [feedName, epoch, new Date(nowMs)];
  await (lastsOn
    ? pool.query(
        `${noted} UPDATE market_feed_gaps g SET until_at = $3 FROM ours WHERE g.feed = ours.feed AND gap_id = $4`,
        [...values, row.gap_id],
      )
    : pool.query(
        `${noted} INSERT INTO market_feed_gaps (feed, from_at, until_at, reason) SELECT feed, $4, $3, $5 FROM ours`,
        [...values, new Date(fromMs), reason],
      ));
  return { fromMs, untilMs: nowMs, reason };
}

type MissedRow = { readonly heard_until: Date | null } & (
  | { readonly gap_id: string; readonly from_at: Date; readonly until_at: Date }
  | { readonly gap_id: null; readonly from_at: null; readonly until_at: null }
);

/**
 * Notes what a connection subscribed to: what it did not ends with it. The time between two connections is a gap's matter,
 * so that a subscription outlasts it.
 */
export async function recordSubscriptions(
  pool: Pool,
  epoch: number,
  symbols: readonly string[],
  connectedMs: number,
): Promise<void> {
  await pool.query(
    // Of the first connection of all, nothing else says yet until when it was heard: what is missed after it is a gap.
    `WITH ours AS (
       UPDATE market_feeds SET listened_until = coalesce(listened_until, $4),
         heard_until = CASE WHEN listened_until IS NULL THEN $4 ELSE heard_until END,
         heard_as_of = CASE WHEN listened_until IS NULL THEN $4 ELSE heard_as_of END
       WHERE feed = $1 AND epoch = $2 RETURNING feed
     ), ended AS (
       UPDATE market_feed_subscriptions s SET until_at = greatest($4, from_at) FROM ours
       WHERE s.feed = ours.feed AND until_at IS NULL AND symbol <> ALL ($3)
     )
     INSERT INTO market_feed_subscriptions (feed, symbol, from_at)
     SELECT feed, wanted, $4 FROM ours, unnest($3::text[]) wanted
     ON CONFLICT DO NOTHING`,
    [feedName, epoch, symbols, new Date(connectedMs)],
  );
}

/** When the platform listened to a symbol. */
export interface FeedCoverage {
  /** Since when, in milliseconds since the epoch; undefined when it never has. */
  readonly fromMs: number | undefined;
  /** Those that touch the period asked for, oldest first; the last one may still last. */
  readonly gaps: readonly FeedGap[];
}

/** The leader notes each second that it listens. */
const notedWithinMs = 10_000;

/** What a feed is expected to say, and when. */
export interface FeedExpectations {
  readonly calendar: TradingCalendar;
  /** In continuous trading, a feed without data for this long is dead. */
  readonly silenceMs: number;
}

/**
 * Since when the platform listens to a symbol, and the gaps that touch a period.
 * @param nowMs by the database's clock, as everything that is noted
 */
export async function feedCoverage(
  database: Queryable,
  { calendar, silenceMs }: FeedExpectations,
  symbol: string,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  nowMs: number,
): Promise<FeedCoverage> {
  const { rows } = await database.query<CoverageRow>(
    `SELECT listened_until, ${heardUntil} AS heard_until, from_at, until_at, reason FROM market_feeds f
     LEFT JOIN market_feed_gaps g ON g.feed = f.feed AND until_at > $2 AND from_at < $3
     WHERE f.feed = $1`,
    [feedName, new Date(fromMs), new Date(untilMs)],
  );
  const subscriptions = await readSubscriptions(database, symbol);
  const recorded = rows.flatMap(({ from_at, until_at, reason }) =>
    from_at === null ? [] : [{ fromMs: from_at.getTime(), untilMs: until_at.getTime(), reason }],
  );
  const others = [
    ...unsubscribedTimes(subscriptions, nowMs).map((time) => ({ ...time, reason: "not subscribed" })),
    ...(rows[0] === undefined ? [] : lastingGap(rows[0], silenceMs, nowMs)),
  ].filter(
    (gap) => gap.fromMs < untilMs && gap.untilMs > fromMs && continuousTradingMs(calendar, gap.fromMs, gap.untilMs) > 0,
  );
  const gaps = [...recorded, ...others].sort((one, other) => one.fromMs - other.fromMs);
  return { fromMs: subscriptions[0]?.fromMs, gaps };
}

/** What is missed now, and will be recorded once the broker is connected again. */
function lastingGap(row: Pick<CoverageRow, "listened_until" | "heard_until">, silenceMs: number, nowMs: number) {
  const listens = nowMs - (row.listened_until?.getTime() ?? nowMs) <= notedWithinMs;
  const fromMs = row.heard_until?.getTime() ?? nowMs;
  if (listens && nowMs - fromMs <= silenceMs) return [];
  return [{ fromMs, untilMs: nowMs, reason: listens ? "silent" : "not listening" }];
}

async function readSubscriptions(database: Queryable, symbol: string): Promise<Subscription[]> {
  const { rows } = await database.query<{ readonly from_at: Date; readonly until_at: Date | null }>(
    `SELECT from_at, until_at FROM market_feed_subscriptions WHERE feed = $1 AND symbol IN ($2, 'ALL') ORDER BY from_at`,
    [feedName, symbol],
  );
  return rows.map(({ from_at, until_at }) => ({ fromMs: from_at.getTime(), untilMs: until_at?.getTime() }));
}

type CoverageRow = Record<"listened_until" | "heard_until", Date | null> &
  (
    | { readonly from_at: Date; readonly until_at: Date; readonly reason: string }
    | { readonly from_at: null; readonly until_at: null; readonly reason: null }
  );
