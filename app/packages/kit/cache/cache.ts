/**
 * What may be lost: rate limits, copies, fan-out. With Redis it is shared by all replicas; without, each process
 * keeps its own, and nothing that calls it fails.
 */
export interface Cache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Adds one and returns the sum; the key ends `ttlMs` after its first increment. */
  increment(key: string, ttlMs: number): Promise<number>;
  /** Takes one from the bucket `key`. */
  take(key: string, bucket: Bucket): Promise<Taken>;
  /** Puts back one that was taken from the bucket `key` and not used. */
  giveBack(key: string, bucket: Bucket): Promise<void>;
  /** Publishes to every subscriber of the channel, in this process and, with Redis, in all others. */
  publish(channel: string, message: string): Promise<void>;
  /** @returns ends the subscription */
  subscribe(channel: string, received: (message: string) => void): Promise<() => Promise<void>>;
  /** True while what is written and published here is seen by other replicas. */
  readonly shared: boolean;
  /** True while it is shared, and what others publish is heard here. */
  readonly hears: boolean;
  close(): Promise<void>;
}

/** A bucket that holds `capacity` tokens and gains `rate` of them each `windowMs`, evenly. */
export interface Bucket {
  readonly rate: number;
  readonly windowMs: number;
  readonly capacity: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** Time until the bucket is full again. */
  readonly resetMs: number;
  /** Time until one token is there; 0 when allowed. */
  readonly retryMs: number;
}

/**
 * The generic cell rate algorithm: one instant a bucket, the time at which it would be full again.
 * @param fullAt milliseconds since the epoch as stored, or undefined for a bucket that was never used
 * @returns what the caller gets, and what to store
 */
export function takeToken(
  fullAt: number | undefined,
  bucket: Bucket,
  now: number,
): Taken & { readonly fullAt: number } {
  const perTokenMs = bucket.windowMs / bucket.rate;
  const start = Math.max(fullAt ?? now, now);
  const used = (start - now) / perTokenMs;
  if (used + 1 > bucket.capacity + 1e-9)
    return {
      allowed: false,
      remaining: 0,
      resetMs: Math.ceil(start - now),
      retryMs: Math.ceil((used + 1 - bucket.capacity) * perTokenMs),
      fullAt: start,
    };
  const after = start + perTokenMs;
  return {
    allowed: true,
    remaining: Math.max(0, Math.floor(bucket.capacity - used - 1 + 1e-9)),
    resetMs: Math.ceil(after - now),
    retryMs: 0,
    fullAt: after,
  };
}
