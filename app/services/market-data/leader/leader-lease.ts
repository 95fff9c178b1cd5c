import type { Pool } from "pg";
import { LeaseValidity } from "../../../packages/kit/lease-validity";
import type { Logger } from "../../../packages/kit/observability/logger";
import { feedName } from "../store/tick-store";

/** The right to be connected to the broker and to store ticks, as long as it is renewed. */
export interface Grant {
  /** Fencing token: what is stored names it, and a later grant has a higher one. */
  readonly epoch: number;
  /** Sequence of the newest stored tick when the grant was made. */
  readonly lastSequence: number;
}

export interface LeaderLeaseTimes {
  /** Time after which a leader that does not renew loses the lease. */
  readonly ttlMs: number;
  readonly renewMs: number;
  /** How often the other replicas try to acquire it. */
  readonly pollMs: number;
}

/** Worst take-over: ttl + poll + the time limit of a frozen leader's transaction = 21 s, below the 30 s of the objective. */
export const leaseTimes: LeaderLeaseTimes = { ttlMs: 14_000, renewMs: 3_000, pollMs: 2_000 };

export interface LeaderLeaseEvents {
  granted(grant: Grant): void;
  /** The lease could not be renewed in time: another replica may lead by now, so the broker must be left. */
  suspended(): void;
  /** Renewed before another replica acquired it. */
  resumed(): void;
  /** Another replica is the leader: nothing may be stored any more. */
  lost(): void;
}

/** While suspended, the lease is renewed this often, ahead of the replicas that poll. */
const suspendedLookMs = 250;

/**
 * Elects the leader, the replica that reads the broker's feed: a row with an expiry by the database's clock. A session
 * lock would not do, since the kernel of a frozen process keeps its connections alive for hours.
 */
export class LeaderLease {
  private grant: Grant | undefined;
  private suspended = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly validity: LeaseValidity;
  private stopped = false;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly replicaId: string,
    private readonly events: LeaderLeaseEvents,
    private readonly log: Logger,
    private readonly times: LeaderLeaseTimes = leaseTimes,
  ) {
    const onExpired = () => {
      this.suspended = true;
      log.warn("feed lease expired without renewal: disconnecting from the broker");
      events.suspended();
    };
    this.validity = new LeaseValidity(times.ttlMs, { onExpired });
  }

  start(): void {
    this.schedule(0);
  }

  /** Whether this replica is the one that may be connected to the broker. */
  isHeld(): boolean {
    return this.grant !== undefined && !this.suspended;
  }

  /** Whether a grant is the one of now, suspended or not: what was made for an earlier one has no say any more. */
  isOf(grant: Grant): boolean {
    return this.grant?.epoch === grant.epoch;
  }

  /** Stops polling and releases the lease. Call it once everything is stored. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.release("this replica stops");
  }

  /** Ends the lease at once, so that another replica acquires it at its next poll. */
  async release(reason: string): Promise<void> {
    const { grant } = this;
    if (grant === undefined) return;
    this.forget(reason);
    try {
      await this.pool.query("UPDATE market_feeds SET expires_at = '-infinity' WHERE feed = $1 AND epoch = $2", [
        feedName,
        grant.epoch,
      ]);
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, "feed lease could not be released; it expires by itself");
    }
  }

  /** What was made for a grant found out that another replica took over. */
  fenced(grant: Grant): void {
    if (this.isOf(grant)) this.forget("another replica took over");
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
      this.log.warn({ error: (error as Error).message }, "feed lease could not be acquired or renewed");
    }
  }

  private async acquire(startedAt: number): Promise<void> {
    const { rows } = await this.pool.query<{ epoch: string; last_sequence: string }>(
      `UPDATE market_feeds SET holder = $2, epoch = epoch + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE feed = $1 AND expires_at < clock_timestamp() RETURNING epoch, last_sequence`,
      [feedName, this.replicaId, this.times.ttlMs],
    );
    const [row] = rows;
    if (row === undefined) return;
    this.grant = { epoch: Number(row.epoch), lastSequence: Number(row.last_sequence) };
    this.log.info({ epoch: this.grant.epoch }, "feed lease acquired: this replica is the leader");
    this.validity.extend(startedAt);
    this.events.granted(this.grant);
  }

  private async renew(grant: Grant, startedAt: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `UPDATE market_feeds SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE feed = $1 AND epoch = $2`,
      [feedName, grant.epoch, this.times.ttlMs],
    );
    if (!this.isOf(grant)) return;
    if (rowCount !== 1) {
      this.forget("another replica took over");
      return;
    }
    this.validity.extend(startedAt);
    if (!this.suspended) return;
    this.suspended = false;
    this.log.info({ epoch: grant.epoch }, "feed lease renewed after its expiry: this replica stays the leader");
    this.events.resumed();
  }

  private forget(reason: string): void {
    if (this.grant === undefined) return;
    this.log.info({ epoch: this.grant.epoch, reason }, "feed lease lost or released");
    this.validity.end();
    this.grant = undefined;
    this.suspended = false;
    this.events.lost();
  }
}
