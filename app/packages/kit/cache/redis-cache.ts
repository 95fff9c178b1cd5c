import type { Clock } from "../clock";
import type { RedisConfig } from "../config/sections";
import type { Logger } from "../observability/logger";
import type { Bucket, Cache, Taken } from "./cache";
import { MemoryCache } from "./memory-cache";
import { RedisConnections } from "./redis-connections";

/**
 * The cache that replicas share. While Redis takes no writes, this process's own memory stands in, so that callers see a
 * shorter memory but no error. `onChange` hears when what others publish begins and ceases to arrive.
 */
export class RedisCache implements Cache {
  private readonly connections: RedisConnections;
  private readonly memory: MemoryCache;
  private readonly channels = new Map<string, Set<(message: string) => void>>();
  private wasHearing = false;

  constructor(
    config: RedisConfig,
    clock: Clock,
    log: Logger,
    private readonly onChange: (hears: boolean) => void = () => undefined,
  ) {
    this.memory = new MemoryCache(clock);
    this.connections = new RedisConnections(config, log, {
      changed: () => {
        this.changed();
      },
      message: (channel, message) => {
        this.deliver(channel, message);
      },
      channels: () => this.channels.keys(),
    });
  }

  get shared(): boolean {
    return this.connections.takesWrites;
  }

  get hears(): boolean {
    return this.shared && (this.channels.size === 0 || this.connections.bringsMessages);
  }

  get(key: string): Promise<string | undefined> {
    return this.or(
      async () => (await this.connections.commands.get(key)) ?? undefined,
      () => this.memory.get(key),
    );
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    return this.or(
      async () => {
        await this.connections.commands.set(key, value, "PX", Math.ceil(ttlMs));
      },
      () => this.memory.set(key, value, ttlMs),
    );
  }

  delete(key: string): Promise<void> {
    return this.or(
      async () => {
        await this.connections.commands.del(key);
      },
      () => this.memory.delete(key),
    );
  }

  increment(key: string, ttlMs: number): Promise<number> {
    return this.or(
      () => this.connections.commands.incrementFor(key, Math.ceil(ttlMs)),
      () => this.memory.increment(key, ttlMs),
    );
  }

  take(key: string, bucket: Bucket): Promise<Taken> {
    return this.or(
      async () => {
        const [allowed, remaining, resetMs, retryMs] = await this.connections.commands.take(
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
      () => this.connections.commands.giveBack(key, bucket.rate, bucket.windowMs),
      () => this.memory.giveBack(key, bucket),
    );
  }

  publish(channel: string, message: string): Promise<void> {
    return this.or(
      async () => {
        await this.connections.commands.publish(channel, message);
      },
      // Other processes miss it now, but this process's own subscribers do not.
      () => {
        this.deliver(channel, message);
        return Promise.resolve();
      },
    );
  }

  async subscribe(channel: string, received: (message: string) => void): Promise<() => Promise<void>> {
    const subscribers = this.channels.get(channel) ?? new Set();
    this.channels.set(channel, subscribers);
    subscribers.add(received);
    this.changed();
    // Not awaited while Redis is away: the subscription is made when it comes.
    const made = this.connections.subscribe(channel);
    if (this.shared) await made;
    return async () => {
      subscribers.delete(received);
      if (subscribers.size > 0) return;
      this.channels.delete(channel);
      this.changed();
      await this.connections.unsubscribe(channel);
    };
  }

  /** @throws while writes of this process, or messages of others, do not arrive */
  check(): Promise<void> {
    return this.hears ? Promise.resolve() : Promise.reject(new Error("Redis is away"));
  }

  async close(): Promise<void> {
    this.connections.close();
    await this.memory.close();
  }

  private async or<T>(shared: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    if (!this.shared) return own();
    try {
      return await shared();
    } catch (error) {
      this.connections.refused(error as Error);
      return own();
    }
  }

  private deliver(channel: string, message: string): void {
    for (const received of this.channels.get(channel) ?? []) received(message);
  }

  private changed(): void {
    const { hears } = this;
    if (this.wasHearing === hears) return;
    this.wasHearing = hears;
    this.onChange(hears);
  }
}
