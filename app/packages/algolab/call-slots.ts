import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../kit/database/database";

/** A call that was not made: its turn would have come too late. */
export class CallsBusy extends Error {
  constructor(
    /** After how long another try may have its turn. */
    readonly retryMs: number,
  ) {
    super(`calls for this customer wait for another ${Math.ceil(retryMs)} ms`);
  }
}

/** When an account's calls may start; a `RequestQueue` asks before each. */
export interface CallGate {
  /** @returns 0 when the call may start now; else after how many milliseconds to ask again */
  readonly take: () => Promise<number>;
  /** @param used false when no call was made: the next may start at once */
  readonly leave: (used: boolean) => Promise<void>;
}

/** How a caller waits for its turn. */
export interface Wait {
  /** Longest time to wait. */
  readonly patienceMs: number;
  /** Goes before the calls of others that wait. @default false */
  readonly isFirst?: boolean;
}

/** How long a slot stays reserved for a person who was told to try again. */
const comeBackMs = 10_000;

export interface CallSlotsOptions {
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** @default a timer */
  readonly pause?: (ms: number) => Promise<void>;
}

/**
 * Spaces the calls of one customer over log-ins, services and replicas: the broker counts them together. The calls of a
 * log-in go first, for a person waits for them and their code runs out; those of somebody who has not proven to be the
 * customer go last. A slot that is taken is held until it is left, or for a little longer than a call can last when its
 * process died.
 */
export class CallSlots {
  /** Until when this process holds slots, in the database's words: a slot that ran out may be another's by now. */
  private readonly held = new Map<string, string>();

  constructor(
    readonly database: Pick<Database, "query">,
    /** Least time from the end of one call to the start of the next; 0 keeps no slots. */
    readonly intervalMs: number,
    /** Longest time that one call may last. */
    readonly timeoutMs: number,
    private readonly options: CallSlotsOptions = {},
  ) {}

  /**
   * @param customerHash fingerprint of the customer number, see `SessionVault`
   * @param isFirst the call goes before those of others that wait: a slot that cannot be taken now is reserved for it
   * @returns 0 when a call may start now; else after how many milliseconds to ask again
   */
  async take(customerHash: Buffer, isFirst = false): Promise<number> {
    if (this.intervalMs === 0) return 0;
    const { rows } = await this.database.query<{ held_until: string | null; wait_ms: number | null }>(
      `WITH taken AS (
         INSERT INTO broker_call_slots AS slots (customer_hash, free_at)
         VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
         ON CONFLICT (customer_hash) DO UPDATE SET free_at = excluded.free_at, reserved_until = NULL
         WHERE slots.free_at <= clock_timestamp() AND ($3 OR coalesce(slots.reserved_until <= clock_timestamp(), true))
         RETURNING free_at)
       SELECT (SELECT free_at::text FROM taken) AS held_until,
         greatest(1, extract(epoch FROM (
           SELECT CASE WHEN $3 THEN free_at ELSE greatest(free_at, reserved_until) END
           FROM broker_call_slots WHERE customer_hash = $1) - clock_timestamp()) * 1000)::float8 AS wait_ms`,
      [customerHash, this.timeoutMs + this.intervalMs, isFirst],
    );
    const heldUntil = rows[0]?.held_until ?? undefined;
    if (heldUntil === undefined) {
      if (isFirst) await this.reserve(customerHash);
      // A row that another process inserted meanwhile is not in this statement's snapshot. A call that is under way may end at
      // once: the next may then start after the interval, and no sooner.
      return Math.min(rows[0]?.wait_ms ?? 1, this.intervalMs);
    }
    this.held.set(customerHash.toString("hex"), heldUntil);
    return 0;
  }

  /** Keeps the next slot for the one who asks again after the interval at the latest, or comes back soon after that. */
  private async reserve(customerHash: Buffer): Promise<void> {
    await this.database.query(
      `UPDATE broker_call_slots SET reserved_until = clock_timestamp() + $2 * interval '1 ms' WHERE customer_hash = $1`,
      [customerHash, this.intervalMs + comeBackMs],
    );
  }

  /** The call has ended: the next may start after the interval. @param used false when none was made: it may start now */
  async leave(customerHash: Buffer, used = true): Promise<void> {
    if (this.intervalMs === 0) return;
    const customer = customerHash.toString("hex");
    const heldUntil = this.held.get(customer);
    this.held.delete(customer);
    await this.database.query(
      `UPDATE broker_call_slots SET free_at = clock_timestamp() + $2 * interval '1 ms'
       WHERE customer_hash = $1 AND free_at = $3::timestamptz`,
      [customerHash, used ? this.intervalMs : 0, heldUntil],
    );
  }

  /**
   * Makes one call when its turn comes.
   * @throws CallsBusy when the turn comes later than the caller waits; then the call was not made
   */
  async run<T>(customerHash: Buffer, { patienceMs, isFirst = false }: Wait, call: () => Promise<T>): Promise<T> {
    await this.turn(() => this.take(customerHash, isFirst), patienceMs);
    return this.inSlot(customerHash, call);
  }

  /**
   * Makes one call for somebody who has not proven to be the customer, once the customer's slot is free. It does not take
   * that slot: the customer's own calls wait for none of these.
   * @param aside names the slots of calls that are spaced among themselves
   * @throws CallsBusy as `run`
   */
  async runAside<T>(
    customerHash: Buffer,
    { aside, patienceMs }: Pick<Wait, "patienceMs"> & { readonly aside: Buffer },
    call: () => Promise<T>,
  ): Promise<T> {
    await this.turn(async () => (await this.freeIn(customerHash)) || this.take(aside), patienceMs);
    return this.inSlot(aside, call);
  }

  /** Counts a call that was made aside as the customer's, now that it proved to be: the next may start after the interval. */
  async adopt(customerHash: Buffer): Promise<void> {
    if (this.intervalMs === 0) return;
    await this.database.query(
      `INSERT INTO broker_call_slots AS slots (customer_hash, free_at) VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
       ON CONFLICT (customer_hash) DO UPDATE SET free_at = greatest(slots.free_at, excluded.free_at)`,
      [customerHash, this.intervalMs],
    );
  }

  /** 0 while nobody has the customer's slot; else as `take`. */
  private async freeIn(customerHash: Buffer): Promise<number> {
    if (this.intervalMs === 0) return 0;
    const { rows } = await this.database.query<{ wait_ms: number }>(
      `SELECT greatest(0, extract(epoch FROM greatest(free_at, reserved_until) - clock_timestamp()) * 1000)::float8 AS wait_ms
       FROM broker_call_slots WHERE customer_hash = $1`,
      [customerHash],
    );
    return Math.min(rows[0]?.wait_ms ?? 0, this.intervalMs);
  }

  /** Waits until a slot is taken. @throws CallsBusy */
  private async turn(take: () => Promise<number>, patienceMs: number): Promise<void> {
    const { now = () => performance.now(), pause = sleep } = this.options;
    const until = now() + patienceMs;
    let waitMs;
    while ((waitMs = await take()) > 0) {
      if (now() + waitMs > until) throw new CallsBusy(waitMs);
      await pause(waitMs);
    }
  }

  private async inSlot<T>(customerHash: Buffer, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } finally {
      // A slot that cannot be left now runs out by itself; the call's outcome matters more.
      await this.leave(customerHash).catch(() => undefined);
    }
  }

  /** The customer's slots, for a `RequestQueue`; undefined where none are kept. */
  gate(customerHash: Buffer): CallGate | undefined {
    if (this.intervalMs === 0) return undefined;
    return { take: () => this.take(customerHash), leave: (used) => this.leave(customerHash, used) };
  }
}
