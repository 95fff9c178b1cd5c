import type { Pool } from "pg";
import type { Logger } from "../../../packages/kit/observability/logger";
import { feedName } from "../store/tick-store";

/** The right to hold the broker's connection and to store ticks, as long as it is renewed. */
export interface Grant {
  /** Fencing token: what is stored names it, and a later grant has a higher one. */
  readonly epoch: number;
  /** Sequence of the newest stored tick when the grant was made. */
  readonly lastSequence: number;
}

export interface LeaseTimes {
  /** Time after which a holder that does not renew loses the feed. */
  readonly ttlMs: number;
  readonly renewMs: number;
  /** How often the others look. */
  readonly pollMs: number;
}

/** Worst take-over: ttl + poll + the time limit of a frozen holder's transaction = 21 s, below the 30 s of the objective. */
export const leaseTimes: LeaseTimes = { ttlMs: 14_000, renewMs: 3_000, pollMs: 2_000 };

export interface LeaseEvents {
  granted(grant: Grant): void;
  /** The lease could not be renewed in time: another replica may hold the feed by now, so the broker must be left. */
  suspended(): void;
  /** Nobody had taken the feed meanwhile. */
  resumed(): void;
  /** The feed is another replica's: nothing may be stored any more. */
  lost(): void;
}

/** While suspended, the lease is asked for this often, ahead of the replicas that poll. */
const suspendedLookMs = 250;

/**
 * Which replica holds the feed: a row with an end, by the database's clock. A lock of a session would not do, since
 * the kernel of a frozen process keeps its connections alive for hours.
 */
export class Lease {
  private grant: Grant | undefined;
  private suspended = false;
  private timer: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  private stopped = false;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly holder: string,
    private readonly events: LeaseEvents,
    private readonly log: Logger,
    private readonly times: LeaseTimes = leaseTimes,
  ) {}

  start(): void {
    this.schedule(0);
  }

  /** Whether this replica is the one that may be connected to the broker. */
  isHeld(): boolean {
    return this.grant !== undefined && !this.suspended;
  }

  /** Asks no more, and gives the feed back. Call it once everything is stored. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.giveBack("this replica stops");
  }

  /** Gives the feed back, so that another replica takes it at its next look. */
  async giveBack(reason: string): Promise<void> {
    const { grant } = this;
    if (grant === undefined) return;
    this.forget(reason);
    try {
      await this.pool.query("UPDATE market_feeds SET expires_at = '-infinity' WHERE feed = $1 AND epoch = $2", [
        feedName,
        grant.epoch,
      ]);
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "the feed's lease could not be given back; it runs out");
    }
  }

  /** The writer found out that another replica took over. */
  fenced(): void {
    this.forget("another replica took over");
  }

  private schedule(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.turn = this.look().finally(() => {
        this.schedule(this.nextLookMs());
      });
    }, delayMs);
  }

  private nextLookMs(): number {
    if (this.suspended) return suspendedLookMs;
    return this.grant === undefined ? this.times.pollMs : this.times.renewMs;
  }

  private async look(): Promise<void> {
    const startedAt = performance.now();
    try {
      if (this.grant === undefined) await this.acquire(startedAt);
      else await this.renew(this.grant, startedAt);
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "the feed's lease could not be read or renewed");
    }
  }

  private async acquire(startedAt: number): Promise<void> {
    const { rows } = await this.pool.query<{ epoch: string; last_sequence: string }>(
      `UPDATE market_feeds SET holder = $2, epoch = epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE feed = $1 AND expires_at < clock_timestamp() RETURNING epoch, last_sequence`,
      [feedName, this.holder, this.times.ttlMs],
    );
    const [row] = rows;
    if (row === undefined) return;
    this.grant = { epoch: Number(row.epoch), lastSequence: Number(row.last_sequence) };
    this.log.info({ epoch: this.grant.epoch }, "this replica holds the broker's feed");
    this.extend(startedAt);
    this.events.granted(this.grant);
  }

  private async renew(grant: Grant, startedAt: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `UPDATE market_feeds SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE feed = $1 AND epoch = $2`,
      [feedName, grant.epoch, this.times.ttlMs],
    );
    if (this.grant?.epoch !== grant.epoch) return;
    if (rowCount !== 1) {
      this.forget("another replica took over");
      return;
    }
    this.extend(startedAt);
    if (!this.suspended) return;
    this.suspended = false;
    this.log.info({ epoch: grant.epoch }, "nobody took the broker's feed meanwhile: this replica goes on");
    this.events.resumed();
  }

  /** Counts from before the query, so that this process never believes longer than the database does. */
  private extend(startedAt: number): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(
      () => {
        this.suspended = true;
        this.log.warn("the feed's lease could not be renewed in time: the broker is left");
        this.events.suspended();
      },
      Math.max(0, startedAt + this.times.ttlMs - performance.now()),
    );
  }

  private forget(reason: string): void {
    if (this.grant === undefined) return;
    this.log.info({ epoch: this.grant.epoch, reason }, "this replica gives up the broker's feed");
    clearTimeout(this.expiry);
    this.grant = undefined;
    this.suspended = false;
    this.events.lost();
  }
}
