export interface BackoffTimes {
  /** Wait after the first failure; each further failure doubles it. */
  readonly firstMs: number;
  /** No wait is longer. */
  readonly mostMs: number;
  /** Share of a wait, from 0 to 1, that is left to chance, so that many processes do not come back at once. @default 0 */
  readonly jitter?: number;
}

/**
 * Time to wait before the next attempt: exponential backoff with a cap.
 * @param failures before the one that is waited after
 * @param random from 0 to 1
 */
export function backoffMs(
  { firstMs, mostMs, jitter = 0 }: BackoffTimes,
  failures: number,
  random: () => number = Math.random,
): number {
  const waitMs = Math.min(firstMs * 2 ** failures, mostMs);
  return jitter === 0 ? waitMs : waitMs * (1 - jitter + jitter * random());
}
