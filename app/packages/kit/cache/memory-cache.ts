import { EventEmitter } from "node:events";
import type { Clock } from "../clock";
import { takeToken } from "./cache";
import type { Bucket, Cache, Taken } from "./cache";

interface Entry {
  readonly value: string;
  readonly endsAt: number;
}

const mostEntries = 100_000;

/** The cache of one process. Bounded: the oldest entries make room. */
export class MemoryCache implements Cache {
  readonly shared = false;
  readonly hears = false;
  private readonly entries = new Map<string, Entry>();
  private readonly channels = new EventEmitter().setMaxListeners(0);

  constructor(private readonly clock: Clock) {}

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.read(key)?.value);
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.write(key, value, this.clock.now() + ttlMs);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.entries.delete(key);
    return Promise.resolve();
  }

  increment(key: string, ttlMs: number): Promise<number> {
    const entry = this.read(key);
    const sum = Number(entry?.value ?? 0) + 1;
    this.write(key, String(sum), entry?.endsAt ?? this.clock.now() + ttlMs);
    return Promise.resolve(sum);
  }

  take(key: string, bucket: Bucket): Promise<Taken> {
    const stored = this.read(key);
    const { fullAt, ...taken } = takeToken(
      stored === undefined ? undefined : Number(stored.value),
      bucket,
      this.clock.now(),
    );
    this.write(key, String(fullAt), fullAt);
    return Promise.resolve(taken);
  }

  giveBack(key: string, { rate, windowMs }: Bucket): Promise<void> {
    const stored = this.read(key);
    const fullAt = Number(stored?.value ?? 0) - windowMs / rate;
    if (stored !== undefined) this.write(key, String(fullAt), fullAt);
    return Promise.resolve();
  }

  publish(channel: string, message: string): Promise<void> {
    this.channels.emit(channel, message);
    return Promise.resolve();
  }

  subscribe(channel: string, received: (message: string) => void): Promise<() => Promise<void>> {
    this.channels.on(channel, received);
    return Promise.resolve(() => {
      this.channels.off(channel, received);
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    this.channels.removeAllListeners();
    this.entries.clear();
    return Promise.resolve();
  }

  private read(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || entry.endsAt > this.clock.now()) return entry;
    this.entries.delete(key);
    return undefined;
  }

  private write(key: string, value: string, endsAt: number): void {
    this.entries.delete(key);
    this.entries.set(key, { value, endsAt });
    if (this.entries.size <= mostEntries) return;
    const oldest = this.entries.keys().next();
    if (oldest.done !== true) this.entries.delete(oldest.value);
  }
}
