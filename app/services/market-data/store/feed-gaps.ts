import type { Pool } from "pg";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { continuousTradingMs } from "../../../packages/bist/calendar-session";
import type { Queryable } from "../../../packages/kit/database/database";
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

/** Writes down what was missed, now that the broker is connected again; nothing when the market was closed meanwhile. */
export async function recordFeedGap(
  pool: Pool,
  calendar: TradingCalendar,
  epoch: number,
  nowMs: number,
  reason: string,
): Promise<FeedGap | undefined> {
  const { rows } = await pool.query<{ heard_until: Date | null }>(
    `SELECT ${heardUntil} AS heard_until FROM market_feeds WHERE feed = $1 AND epoch = $2`,
    [feedName, epoch],
  );
  const since = rows[0]?.heard_until?.getTime();
  if (since === undefined || nowMs - since < shortestGapMs || continuousTradingMs(calendar, since, nowMs) === 0)
    return undefined;
  await pool.query(
    `WITH ours AS (UPDATE market_feeds SET listened_until = $4, heard_until = $4, heard_as_of = $4 WHERE feed = $1 AND epoch = $2 RETURNING feed)
     INSERT INTO market_feed_gaps (feed, from_at, until_at, reason) SELECT feed, $3, $4, $5 FROM ours`,
    [feedName, epoch, new Date(since), new Date(nowMs), reason],
  );
  return { fromMs: since, untilMs: nowMs, reason };
}

/** When the platform listened to the feed. */
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

/** Since when the platform listens, and the gaps that touch a period. */
export async function feedCoverage(
  database: Queryable,
  { calendar, silenceMs }: FeedExpectations,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  nowMs: number,
): Promise<FeedCoverage> {
  const { rows } = await database.query<CoverageRow>(
    `SELECT listened_from, listened_until, ${heardUntil} AS heard_until, from_at, until_at, reason FROM market_feeds f
     LEFT JOIN market_feed_gaps g ON g.feed = f.feed AND until_at > $2 AND from_at < $3
     WHERE f.feed = $1 ORDER BY from_at`,
    [feedName, new Date(fromMs), new Date(untilMs)],
  );
  const gaps = rows.flatMap(({ from_at, until_at, reason }) =>
    from_at === null ? [] : [{ fromMs: from_at.getTime(), untilMs: until_at.getTime(), reason }],
  );
  const listenedFrom = rows[0]?.listened_from?.getTime();
  const listenedUntil = rows[0]?.listened_until?.getTime() ?? nowMs;
  const since = rows[0]?.heard_until?.getTime() ?? nowMs;
  const listens = nowMs - listenedUntil <= notedWithinMs;
  const hears = listens && nowMs - since <= silenceMs;
  if (!hears && since < untilMs && continuousTradingMs(calendar, since, nowMs) > 0) {
    gaps.push({ fromMs: since, untilMs: nowMs, reason: listens ? "silent" : "not listening" });
  }
  return { fromMs: listenedFrom, gaps };
}

type CoverageRow = Record<"listened_from" | "listened_until" | "heard_until", Date | null> &
  (
    | { readonly from_at: Date; readonly until_at: Date; readonly reason: string }
    | { readonly from_at: null; readonly until_at: null; readonly reason: null }
  );
