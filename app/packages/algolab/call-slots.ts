import type { Database } from "../kit/database/database";

/**
 * Spaces the calls of one customer over log-ins, services and replicas: the broker counts them together. A slot that is
 * taken is held until it is left, or for a little longer than a call can last when its process died.
 */
export class CallSlots {
  constructor(
    readonly database: Database,
    /** Least time from the end of one call to the start of the next; 0 keeps no slots. */
    readonly intervalMs: number,
    /** Longest time that one call may last. */
    readonly timeoutMs: number,
  ) {}

  /**
   * @param customerHash fingerprint of the customer number, see `SessionVault`
   * @returns 0 when a call may start now; else after how many milliseconds to ask again
   */
  async take(customerHash: Buffer): Promise<number> {
    if (this.intervalMs === 0) return 0;
    const { rows } = await this.database.query<{ wait_ms: number }>(
      `WITH taken AS (
         INSERT INTO broker_call_slots AS slots (customer_hash, free_at)
         VALUES ($1, clock_timestamp() + $2 * interval '1 ms')
         ON CONFLICT (customer_hash) DO UPDATE SET free_at = excluded.free_at WHERE slots.free_at <= clock_timestamp()
         RETURNING 1)
       SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0 ELSE
         greatest(1, extract(epoch FROM (SELECT free_at FROM broker_call_slots WHERE customer_hash = $1) - clock_timestamp()) * 1000)
       END::float8 AS wait_ms`,
      [customerHash, this.timeoutMs + this.intervalMs],
    );
    // A row that another process inserted meanwhile is not in this statement's snapshot.
    return rows[0]?.wait_ms ?? 1;
  }

  /** The call has ended: the next may start after the interval. */
  async leave(customerHash: Buffer): Promise<void> {
    if (this.intervalMs === 0) return;
    await this.database.query(
      "UPDATE broker_call_slots SET free_at = clock_timestamp() + $2 * interval '1 ms' WHERE customer_hash = $1",
      [customerHash, this.intervalMs],
    );
  }
}
