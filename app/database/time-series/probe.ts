import { setTimeout as sleep } from "node:timers/promises";
import type { Probe } from "../../packages/contract/time-series";

/** One connection, as far as a probe needs it. */
export interface Probed {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

export interface ProbeOptions {
  /** Opens a connection. */
  readonly connect: () => Promise<Probed>;
  /** Time between two writes. */
  readonly everyMs: number;
  /** Time without a failure after an interruption, by which it is over. */
  readonly settleMs: number;
  /** Time that an interruption is waited for. */
  readonly limitMs: number;
  /** Told of the first write that is acknowledged, and of each interruption. */
  readonly say: (what: "writing" | "interrupted") => void;
}

/**
 * A write that changes no table: it goes into the log, and is acknowledged as any commit is, by a standby too where commits
 * wait for one. No server that only follows another takes it.
 */
const WRITE = "SELECT pg_logical_emit_message(true, 'probe', '')";

/**
 * Writes until writing was interrupted and has gone well again for a while.
 *
 * @throws Error when nothing interrupted it, or it did not go on, within the limit
 */
export async function probeWrites({ connect, everyMs, settleMs, limitMs, say }: ProbeOptions): Promise<Probe> {
  const beganAt = performance.now();
  let client: Probed | undefined;
  let committed = 0;
  let last: number | undefined;
  let longestGapMs = 0;
  let failed = false;
  let recovered: { readonly at: number; readonly time: Date } | undefined;
  try {
    while (performance.now() - beganAt < limitMs) {
      try {
        client ??= await connect();
        await client.query(WRITE);
        const now = performance.now();
        committed += 1;
        if (last === undefined) say("writing");
        else longestGapMs = Math.max(longestGapMs, now - last);
        last = now;
        if (failed) recovered = { at: now, time: new Date() };
        failed = false;
      } catch {
        // Before the first write there is nothing to interrupt.
        if (!failed && last !== undefined) say("interrupted");
        failed = last !== undefined;
        await client?.end().catch(() => undefined);
        client = undefined;
      }
      if (!failed && recovered !== undefined && performance.now() - recovered.at >= settleMs) {
        return { committed, longestGapMs: Math.round(longestGapMs), recoveredAt: recovered.time.toISOString() };
      }
      await sleep(everyMs);
    }
  } finally {
    await client?.end().catch(() => undefined);
  }
  const seconds = Math.round(limitMs / 1_000);
  throw new Error(
    last === undefined
      ? `the server took no write within ${seconds} s`
      : failed
        ? `the server took no write any more until ${seconds} s were over`
        : `nothing interrupted ${committed} writes within ${seconds} s`,
  );
}
