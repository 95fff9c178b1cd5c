import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { RedisOptions } from "ioredis";
import { backoffMs } from "../backoff";
import type { RedisConfig } from "../config/sections";
import type { Logger } from "../observability/logger";

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

/** A write and a message in one: PUBLISH alone succeeds on a read-only replica, where the others do not hear it. */
const heartbeatScript = `
redis.call('SET', KEYS[1], '', 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[1], '')`;

interface Scripts {
  /** `takeToken` of cache.ts, run inside Redis by Redis' clock so that replicas agree. */
  take(key: string, rate: number, windowMs: number, capacity: number): Promise<[number, number, number, number]>;
  giveBack(key: string, rate: number, windowMs: number): Promise<void>;
  incrementFor(key: string, ttlMs: number): Promise<number>;
  heartbeat(key: string, channel: string, ttlMs: number): Promise<void>;
}

export interface RedisEvents {
  /** Whether Redis takes writes, or whether its messages arrive, may have changed. */
  readonly changed: () => void;
  readonly message: (channel: string, message: string) => void;
  /** What is subscribed to on each connection. */
  readonly channels: () => Iterable<string>;
}

const retryTimes = { firstMs: 100, mostMs: 5_000, jitter: 0.5 };
/** Heartbeats that Redis took and this process did not hear, one after another, before it subscribes anew. */
const mostUnheard = 2;

const authorityLacks = "REDIS_TLS_AUTHORITIES lacks the authority that signed the server's certificate";
/** Of a server with too many clients, whose words are often lost with the connection. */
const refusesClients = "if it lasts, Redis may have as many clients as its maxclients lets in";
/** What to do about an error, by its code. */
const remedies: Readonly<Record<string, string>> = {
  WRONGPASS: "check REDIS_USERNAME and REDIS_PASSWORD",
  NOAUTH: "set REDIS_USERNAME and REDIS_PASSWORD",
  NOPERM: "give the user of REDIS_USERNAME its rights",
  READONLY: "REDIS_HOST leads to a replica; it is resolved again until it leads to the primary",
  EPIPE: refusesClients,
  ECONNRESET: refusesClients,
  SELF_SIGNED_CERT_IN_CHAIN: authorityLacks,
  DEPTH_ZERO_SELF_SIGNED_CERT: authorityLacks,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: authorityLacks,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: authorityLacks,
  ERR_TLS_CERT_ALTNAME_INVALID: "REDIS_HOST is none of the names in the server's certificate",
};

/**
 * A connection for commands and one for subscriptions, both used only while they are proven. A heartbeat proves them,
 * twice in `timeoutMs`: Redis takes a write, and carries a message back to this process. A connection that fails it,
 * for whatever reason (a primary that became a replica, that loads, is full or silent), is destroyed and made again
 * with growing pauses, which resolves the name anew: a fail-over moves the name and leaves connections where they were.
 *
 * Nothing waits for a connection, and nothing is sent twice. See docs/adr/185.
 */
export class RedisConnections {
  readonly commands: Redis & Scripts;
  private readonly subscriber: Redis;
  private readonly heartbeatName = `heartbeat:${randomUUID()}`;
  private readonly beatMs: number;
  private nextBeat: NodeJS.Timeout | undefined;
  private beating = false;
  private taken = false;
  private heard = false;
  private unheard = 0;
  /** Of either connection, since it was last proven. */
  private readonly failures = { commands: 0, subscriber: 0 };
  /** Codes of the errors that were logged since Redis last came. */
  private readonly logged = new Set<string>();

  constructor(
    config: RedisConfig,
    private readonly log: Logger,
    private readonly events: RedisEvents,
  ) {
    this.beatMs = config.timeoutMs / 2;
    this.commands = new Redis({
      ...connectionOptions(config),
      keyPrefix: "bist:",
      retryStrategy: () => backoffMs(retryTimes, this.failures.commands++),
      scripts: {
        take: { lua: takeScript, numberOfKeys: 1 },
        giveBack: { lua: giveBackScript, numberOfKeys: 1 },
        incrementFor: { lua: incrementScript, numberOfKeys: 1 },
        heartbeat: { lua: heartbeatScript, numberOfKeys: 1 },
      },
    }) as Redis & Scripts;
    this.commands.on("ready", () => void this.prove());
    this.commands.on("close", () => {
      this.lost();
    });
    this.subscriber = new Redis({
      ...connectionOptions(config),
      lazyConnect: true,
      retryStrategy: () => backoffMs(retryTimes, this.failures.subscriber++),
    });
    this.subscriber.on("ready", () => void this.subscribeAll());
    this.subscriber.on("close", () => {
      this.hear(false);
    });
    this.subscriber.on("message", (channel: string, message: string) => {
      if (channel === this.heartbeatName) this.hear(true);
      else events.message(channel, message);
    });
    for (const connection of [this.commands, this.subscriber])
      connection.on("error", (error: Error) => {
        this.noteOnce(error, "Redis cannot be used");
      });
  }

  /** Redis took this process's last heartbeat. */
  get takesWrites(): boolean {
    return this.taken;
  }

  /** The last heartbeats came back over the subscription; false before the first subscription. */
  get bringsMessages(): boolean {
    return this.taken && this.heard;
  }

  /** Resolves when it is made, or with the next connection will be. */
  async subscribe(channel: string): Promise<void> {
    try {
      if (this.subscriber.status === "wait") await this.subscriber.connect();
      if (this.subscriber.status === "ready") await this.subscriber.subscribe(channel);
    } catch {
      // The connection says by its "error" why there is none, and makes every subscription when there is.
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    if (this.subscriber.status === "ready") await this.subscriber.unsubscribe(channel).catch(() => undefined);
  }

  /**
   * Takes note of a command that was refused. Each kind is logged once, and answered by a heartbeat at once: what it tells
   * of may concern the one command, or all of them.
   */
  refused(error: Error): void {
    if (error.name === "ReplyError" && this.noteOnce(error, "Redis refuses a command")) void this.prove();
  }

  close(): void {
    clearTimeout(this.nextBeat);
    this.taken = false;
    this.commands.disconnect();
    this.subscriber.disconnect();
  }

  private async prove(): Promise<void> {
    if (this.beating || this.commands.status !== "ready") return;
    this.beating = true;
    clearTimeout(this.nextBeat);
    try {
      await this.commands.heartbeat(this.heartbeatName, this.heartbeatName, 10 * this.beatMs);
      this.come();
      this.nextBeat = setTimeout(() => void this.prove(), this.beatMs);
    } catch (error) {
      this.lost();
      if ((error as Error).name === "ReplyError") this.noteOnce(error as Error, "Redis cannot be used");
      reconnect(this.commands);
    } finally {
      this.beating = false;
    }
  }

  private come(): void {
    this.failures.commands = 0;
    if (!this.taken) {
      this.logged.clear();
      this.taken = true;
      this.log.info("Redis takes writes: the cache is shared");
      this.events.changed();
    }
    if (this.subscriber.status !== "ready" || ++this.unheard <= mostUnheard) return;
    this.log.warn("Redis takes writes, but brings no messages: subscribing anew");
    reconnect(this.subscriber);
    this.hear(false);
  }

  private lost(): void {
    clearTimeout(this.nextBeat);
    if (!this.taken) return;
    this.taken = false;
    this.log.warn("Redis takes no writes: falling back to the memory of this process");
    this.events.changed();
  }

  private hear(heard: boolean): void {
    this.unheard = 0;
    if (heard) this.failures.subscriber = 0;
    if (this.heard === heard) return;
    this.heard = heard;
    this.events.changed();
  }

  private async subscribeAll(): Promise<void> {
    try {
      await this.subscriber.subscribe(this.heartbeatName, ...this.events.channels());
      await this.prove();
    } catch (error) {
      if ((error as Error).name === "ReplyError") this.noteOnce(error as Error, "Redis refuses a subscription");
      reconnect(this.subscriber);
    }
  }

  /** @returns whether it is the first of its kind since Redis came */
  private noteOnce(error: Error & { readonly code?: string }, what: string): boolean {
    const code = error.code ?? error.message.split(" ", 1)[0] ?? "";
    if (this.logged.has(code)) return false;
    this.logged.add(code);
    this.log.error({ error: error.message, remedy: remedies[code] }, `${what}: the memory of this process stands in`);
    return true;
  }
}

/** A command, a connection and a silence each end within `timeoutMs`, the last by destroying the socket. */
const connectionOptions = ({ host, port, username, password, tls, tlsAuthorities, timeoutMs }: RedisConfig) =>
  ({
    host,
    port,
    username,
    password,
    tls: tls ? { ca: tlsAuthorities } : undefined,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // The server may be gone without a word: its answer to the end of a connection is not waited for.
    disconnectTimeout: 0,
    // The heartbeat asks for more than whether the server has loaded its data.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }) satisfies RedisOptions;

/** Otherwise there is no connection, and another is on its way already. */
function reconnect(connection: Redis): void {
  if (connection.status === "ready") connection.disconnect(true);
}
