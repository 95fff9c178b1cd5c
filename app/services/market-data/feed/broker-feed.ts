import type WebSocket from "ws";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import { sessionAt } from "../../../packages/bist/calendar-session";
import { openSocket } from "../../../packages/algolab/socket";
import type { SocketOptions, SocketRequest } from "../../../packages/algolab/socket";
import { backoffMs } from "../../../packages/kit/backoff";
import type { Clock } from "../../../packages/kit/clock";
import type { Logger } from "../../../packages/kit/observability/logger";

/** Gives the broker's current session, or nothing while no user is signed in. */
export type BrokerSession = () => Promise<SocketOptions | undefined>;

export interface FeedOptions {
  /** Symbols to subscribe to; `["ALL"]` for every one. Always sent in full: a new list replaces the one before it. */
  readonly symbols: readonly string[];
  readonly heartbeatMs: number;
  /** In continuous trading, a feed without data for this long is dead whatever its connection says. */
  readonly silenceMs: number;
  readonly firstRetryMs: number;
  readonly mostRetryMs: number;
}

export interface FeedEvents {
  /** @returns whether the frame was market data: answers to heartbeats do not count as a sign of life */
  frame(text: string): boolean;
  /** Connected and subscribed. */
  up(): void;
  down(reason: DownReason): void;
}

export type DownReason = "no session" | "refused" | "closed" | "silent" | "stopped";

/** How often silence is looked for. */
const watchMs = 1_000;
/**
 * Frames read before the rest of the process has its turn: about two milliseconds of work. Without it libuv reads a socket
 * up to 32 times in one turn (11,647 frames were counted), while answers of the database and the lease's renewal wait.
 */
const framesATurn = 500;

/**
 * One connection to the broker's socket that comes back by itself: with jittered, growing waits, with the session that
 * is current then, and with the full subscription. Made for one grant of the feed.
 */
export class BrokerFeed {
  private socket: WebSocket | undefined;
  private timers: NodeJS.Timeout[] = [];
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  /** Of the last data; now, while none is to be expected. */
  private heardAt = 0;
  /** When reading was last taken up. */
  private readingSince = 0;
  private stopped = true;
  /** Counts the stops, so that an attempt to connect knows whether it is still wanted. */
  private run = 0;
  private isUp = false;
  private paused = false;
  private heard = 0;

  constructor(
    private readonly session: BrokerSession,
    private readonly options: FeedOptions,
    private readonly events: FeedEvents,
    private readonly calendar: TradingCalendar,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly random: () => number = Math.random,
  ) {}

  get up(): boolean {
    return this.isUp;
  }

  /** For how long the connection has brought no data although it should: what was said meanwhile may be lost. */
  get silentMs(): number {
    return this.clock.now() - this.heardAt;
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.failures = 0;
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.run++;
    clearTimeout(this.retry);
    this.end("stopped");
  }

  /** Stops or goes on reading, so that a slow database fills the network's buffers and not this process's memory. */
  pause(paused: boolean): void {
    this.paused = paused;
    if (paused) this.socket?.pause();
    else this.socket?.resume();
    this.readingSince = this.clock.now();
  }

  private async connect(): Promise<void> {
    const run = this.run;
    let session: SocketOptions | undefined;
    try {
      session = await this.session();
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "the broker's session could not be read");
    }
    // Stopped meanwhile, perhaps started again: that start connects by itself.
    if (this.run !== run) return;
    if (session === undefined) this.retryAfter("no session");
    else this.open(session);
  }

  private open(session: SocketOptions): void {
    const socket = openSocket(session);
    this.socket = socket;
    const mine = () => this.socket === socket;
    socket.on("open", () => {
      if (!mine()) return;
      if (this.paused) socket.pause();
      const { symbols } = this.options;
      this.send({ Type: "T", Token: session.hash, Symbols: symbols });
      this.send({ Type: "D", Token: session.hash, Symbols: symbols });
      this.heardAt = this.clock.now();
      this.timers = [
        setInterval(() => {
          this.send({ Type: "H", Token: session.hash });
          void this.checkSession(session, mine);
        }, this.options.heartbeatMs),
        setInterval(() => {
          this.watch();
        }, watchMs),
      ];
      this.isUp = true;
      this.events.up();
    });
    socket.on("message", (data: Buffer) => {
      if (!mine()) return;
      this.heard++;
      if (this.heard % framesATurn === 0) this.letOthersWork(socket);
      if (!this.events.frame(data.toString("utf8"))) return;
      this.heardAt = this.clock.now();
      this.failures = 0;
    });
    socket.on("close", () => {
      if (mine()) this.retryAfter(this.isUp ? "closed" : "refused");
    });
    socket.on("error", (error) => {
      this.log.warn({ error: error.message }, "the broker's feed failed");
    });
  }

  /** A session that ended here, by a logout or because its user may not trade, is read over no longer. */
  private async checkSession({ hash }: SocketOptions, mine: () => boolean): Promise<void> {
    try {
      const current = await this.session();
      if (mine() && current?.hash !== hash) this.retryAfter("no session");
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "the broker's session could not be read");
    }
  }

  /** While frames keep coming, Node would read on for thousands of them before it looks at what the database says. */
  private letOthersWork(socket: WebSocket): void {
    if (this.paused) return;
    socket.pause();
    setImmediate(() => {
      if (this.socket === socket && !this.paused) socket.resume();
    });
  }

  private send(message: SocketRequest): void {
    this.socket?.send(JSON.stringify(message));
  }

  /** A socket can be open, its heartbeats answered, and the feed dead. */
  private watch(): void {
    const now = this.clock.now();
    // What waits in the network's buffers is neither heard nor missing.
    if (this.socket?.isPaused) return;
    if (sessionAt(this.calendar, now).phase !== "CONTINUOUS") this.heardAt = now;
    else if (now - Math.max(this.heardAt, this.readingSince) > this.options.silenceMs) this.retryAfter("silent");
  }

  private retryAfter(reason: DownReason): void {
    this.end(reason);
    const { firstRetryMs: firstMs, mostRetryMs: mostMs } = this.options;
    const waitMs = backoffMs({ firstMs, mostMs, jitter: 0.5 }, this.failures++, this.random);
    this.log.info({ reason, waitMs: Math.round(waitMs) }, "the broker's feed is down; connecting again");
    this.retry = setTimeout(() => void this.connect(), waitMs);
  }

  private end(reason: DownReason): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
    const { socket, isUp } = this;
    this.socket = undefined;
    this.isUp = false;
    socket?.terminate();
    if (isUp || reason === "no session" || reason === "refused") this.events.down(reason);
  }
}
