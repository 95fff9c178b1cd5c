import type { Pool, PoolClient } from "pg";
import { CoalescedWork } from "../wake-up-loop";

interface Announcement {
  readonly channel: string;
  readonly payload: string;
}

/** What transactions have announced so far; gone with those that roll back. */
const announced = new WeakMap<PoolClient, Announcement[]>();

/**
 * Sends NOTIFY on a channel after the transaction's commit, and not at all when it rolls back. A process that ends in
 * between sends nothing: listeners poll from time to time as well.
 */
export function announce(tx: PoolClient, channel: string, payload = ""): void {
  const announcements = announced.get(tx) ?? [];
  announced.set(tx, announcements);
  announcements.push({ channel, payload });
}

/** Ends the transaction's announcements. @returns what to send if it was committed */
export function takeAnnouncements(tx: PoolClient): readonly Announcement[] {
  const announcements = announced.get(tx) ?? [];
  announced.delete(tx);
  return announcements;
}

/**
 * Sends NOTIFY after commits, never in them: PostgreSQL lets one notifying transaction commit at a time, flush to disk
 * included. What comes while a statement is under way leaves together with the next, the same only once.
 */
export class Announcer {
  private waiting = new Map<string, Announcement>();
  private readonly sending = new CoalescedWork(() => this.sendWaiting());

  constructor(
    private readonly pool: Pool,
    private readonly onError: (error: Error) => void,
  ) {}

  send(announcements: readonly Announcement[]): void {
    for (const each of announcements) this.waiting.set(`${each.channel} ${each.payload}`, each);
    if (this.waiting.size > 0) void this.sending.run();
  }

  /** Resolves when everything was sent. */
  async settled(): Promise<void> {
    await this.sending.settled();
  }

  private async sendWaiting(): Promise<void> {
    const batch = [...this.waiting.values()];
    this.waiting = new Map();
    try {
      await this.pool.query(
        "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS batch (channel, payload)",
        [batch.map(({ channel }) => channel), batch.map(({ payload }) => payload)],
      );
    } catch (error) {
      this.onError(error as Error);
    }
  }
}
