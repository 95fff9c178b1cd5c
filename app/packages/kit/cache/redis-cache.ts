import { Redis } from "ioredis";
import { backoffMs } from "../backoff";
import type { Clock } from "../clock";
import type { RedisConfig } from "../config/sections";
import type { Logger } from "../observability/logger";
import type { Bucket, Cache, Taken } from "./cache";
import { MemoryCache } from "./memory-cache";

/** `takeToken` of cache.ts, run inside Redis by Redis' clock so that replicas agree. */
const takeScript = `
local rate, window, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local perToken = window / rate
local start = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local used = (start - now) / perToken
if used + 1 > capacity + 1e-9 then
  return {0, 0, math.ceil(start - now), math.ceil((used + 1 - capacity) * perToken)}
end
local after = start + perToken
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - now))
return {1, math.max(0, math.floor(capacity - used - 1 + 1e-9)), math.ceil(after - now), 0}`;

const giveBackScript = `
local fullAt = tonumber(redis.call('GET', KEYS[1]) or 0) - tonumber(ARGV[2]) / tonumber(ARGV[1])
local time = redis.call('TIME')
local left = math.ceil(fullAt - (time[1] * 1000 + time[2] / 1000))
if left > 0 then redis.call('SET', KEYS[1], string.format('%.3f', fullAt), 'PX', left) else redis.call('DEL', KEYS[1]) end`;

const incrementScript = `
local sum = redis.call('INCR', KEYS[1])
if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return sum`;

interface Scripts {
  take(key: string, rate: number, windowMs: number, capacity: number): Promise<[number, number, number, number]>;
  giveBack(key: string, rate: number, windowMs: number): Promise<void>;
  incrementFor(key: string, ttlMs: number): Promise<number>;
}

/**
 * The cache that replicas share. While Redis does not answer, this process's own memory stands in, so that callers
 * see a shorter memory but no error. `onChange` hears when Redis comes and goes.
 */
export class RedisCache implements Cache {
  private readonly commands: Redis & Scripts;
  private readonly subscriber: Redis;
  private readonly memory: MemoryCache;
  private readonly channels = new Map<string, Set<(message: string) => void>>();
  private up = false;
  /** Codes of the errors that Redis has answered with since it came. */
  private readonly refusals = new Set<string>();

  constructor(
    config: RedisConfig,
    clock: Clock,
    private readonly log: Logger,
    private readonly onChange: (up: boolean) => void = () => undefined,
  ) {
    this.memory = new MemoryCache(clock);
    const options = {
      host: config.host,
      port: config.port,
      username: config.username,
      password: config.password,
      tls: config.tls ? {} : undefined,
      keyPrefix: "bist:",
      connectTimeout: config.timeoutMs,
      commandTimeout: config.timeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt: number) => backoffMs({ firstMs: 100, mostMs: 5_000 }, attempt),
    };
    this.commands = new Redis({
      ...options,
      scripts: {
        take: { lua: takeScript, numberOfKeys: 1 },
        giveBack: { lua: giveBackScript, numberOfKeys: 1 },
        incrementFor: { lua: incrementScript, numberOfKeys: 1 },
      },
    }) as Redis & Scripts;
    // Subscriptions wait for the connection and are made again by ioredis after each reconnection.
    this.subscriber = new Redis({
      ...options,
      keyPrefix: "",
      enableOfflineQueue: true,
      commandTimeout: undefined,
      maxRetriesPerRequest: null,
    });
    for (const connection of [this.commands, this.subscriber])
      connection.on("error", (error: Error) => {
        log.debug({ error: error.message }, "Redis connection error");
      });
    this.commands.on("ready", () => {
      this.refusals.clear();
      this.changed(true);
    });
    this.commands.on("close", () => {
      this.changed(false);
    });
    this.subscriber.on("message", (channel: string, message: string) => {
      for (const received of this.channels.get(channel) ?? []) received(message);
    });
  }

  get shared(): boolean {
    return this.up;
  }

  get(key: string): Promise<string | undefined> {
    return this.or(
      async () => (await this.commands.get(key)) ?? undefined,
      () => this.memory.get(key),
    );
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    return this.or(
      async () => {
        await this.commands.set(key, value, "PX", Math.ceil(ttlMs));
      },
      () => this.memory.set(key, value, ttlMs),
    );
  }

  delete(key: string): Promise<void> {
    return this.or(
      async () => {
        await this.commands.del(key);
      },
      () => this.memory.delete(key),
    );
  }

  increment(key: string, ttlMs: number): Promise<number> {
    return this.or(
      () => this.commands.incrementFor(key, Math.ceil(ttlMs)),
      () => this.memory.increment(key, ttlMs),
    );
  }

  take(key: string, bucket: Bucket): Promise<Taken> {
    return this.or(
      async () => {
        const [allowed, remaining, resetMs, retryMs] = await this.commands.take(
          key,
          bucket.rate,
          bucket.windowMs,
          bucket.capacity,
        );
        return { allowed: allowed === 1, remaining, resetMs, retryMs };
      },
      () => this.memory.take(key, bucket),
    );
  }

  giveBack(key: string, bucket: Bucket): Promise<void> {
    return this.or(
      () => this.commands.giveBack(key, bucket.rate, bucket.windowMs),
      () => this.memory.giveBack(key, bucket),
    );
  }

  publish(channel: string, message: string): Promise<void> {
    return this.or(
      async () => {
        await this.commands.publish(channel, message);
      },
      // Other processes miss it now, but this process's own subscribers do not.
      () => {
        for (const received of this.channels.get(channel) ?? []) received(message);
        return Promise.resolve();
      },
    );
  }

  async subscribe(channel: string, received: (message: string) => void): Promise<() => Promise<void>> {
    const subscribers = this.channels.get(channel) ?? new Set();
    this.channels.set(channel, subscribers);
    subscribers.add(received);
    // Not awaited while Redis is away: the subscription is made when it comes.
    const made = this.subscriber.subscribe(channel).catch(() => undefined);
    if (this.up) await made;
    return async () => {
      subscribers.delete(received);
      if (subscribers.size > 0) return;
      this.channels.delete(channel);
      if (this.up) await this.subscriber.unsubscribe(channel).catch(() => undefined);
    };
  }

  /** @throws when Redis does not answer */
  async ping(): Promise<void> {
    await this.commands.ping();
  }

  async close(): Promise<void> {
    this.commands.disconnect();
    this.subscriber.disconnect();
    await this.memory.close();
  }

  private async or<T>(shared: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    if (!this.up) return own();
    try {
      return await shared();
    } catch (error) {
      this.noteRefusal(error as Error);
      return own();
    }
  }

  /** An answer that is an error is no outage, and every call would meet it again: each kind is told once. */
  private noteRefusal({ name, message }: Error): void {
    const [code = ""] = message.split(" ");
    if (name !== "ReplyError" || this.refusals.has(code)) return;
    this.refusals.add(code);
    this.log.error({ error: message }, "Redis refuses a command: the memory of this process stands in for it");
  }

  private changed(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    if (up) this.log.info("Redis answers: the cache is shared");
    else this.log.warn("Redis does not answer: falling back to the memory of this process");
    this.onChange(up);
  }
}
