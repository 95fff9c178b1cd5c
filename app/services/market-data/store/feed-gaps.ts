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

/** Writes down what was missed, now that the broker is connected again; nothing when the market was closed meanwhile. */
export async function recordFeedGap(
  pool: Pool,
  calendar: TradingCalendar,
  epoch: number,
  nowMs: number,
  reason: string,
): Promise<FeedGap | undefined> {
  const { rows } = await pool.query<{ listened_until: Date | null }>(
    "SELECT listened_until FROM market_feeds WHERE feed = $1 AND epoch = $2",
    [feedName, epoch],
  );
  const since = rows[0]?.listened_until?.getTime();
  if (since === undefined || nowMs - since < shortestGapMs || continuousTradingMs(calendar, since, nowMs) === 0)
    return undefined;
  await pool.query(
    `WITH ours AS (UPDATE market_feeds SET listened_until = $4 WHERE feed = $1 AND epoch = $2 RETURNING feed)
     INSERT INTO market_feed_gaps (feed, from_at, until_at, reason) SELECT feed, $3, $4, $5 FROM ours`,
    [feedName, epoch, new Date(since), new Date(nowMs), reason],
  );
  return { fromMs: since, untilMs: nowMs, reason };
}

/** Gaps that touch a period, oldest first. */
export async function feedGapsBetween(database: Queryable, fromMs: number, untilMs: number): Promise<FeedGap[]> {
  const { rows } = await database.query<{ from_at: Date; until_at: Date; reason: string }>(
    `SELECT from_at, until_at, reason FROM market_feed_gaps
     WHERE feed = $1 AND until_at > $2 AND from_at < $3 ORDER BY from_at`,
    [feedName, new Date(fromMs), new Date(untilMs)],
  );
  return rows.map(({ from_at, until_at, reason }) => ({
    fromMs: from_at.getTime(),
    untilMs: until_at.getTime(),
    reason,
  }));
}
