import { backoffMs } from "../../../packages/kit/backoff";

/** Failed sign-ins in a row. */
export interface Failures {
  readonly count: number;
  /** Milliseconds since the epoch; -Infinity before the first. */
  readonly lastAt: number;
}

/** Failures that cost nothing but the attempt. */
const freeFailures = 4;
/** No lock is longer: an attacker can slow a victim down, never shut it out. */
export const longestLockMs = 15 * 60_000;
const lockTimes = { firstMs: 1_000, mostMs: longestLockMs };
/** Quiet time after which the count starts anew. */
export const forgetAfterMs = 24 * 3_600_000;

/** How long the `count`-th failure in a row locks: nothing at first, then 1 s, doubling up to a quarter of an hour. */
export const lockMs = (count: number): number =>
  count <= freeFailures ? 0 : backoffMs(lockTimes, count - freeFailures - 1);

/** The count after another failure. */
export const countAfter = (before: Failures, now: number): number =>
  now - before.lastAt > forgetAfterMs ? 1 : before.count + 1;
