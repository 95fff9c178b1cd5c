import { randomUUID } from "node:crypto";
import type { Database } from "../../../packages/kit/database/database";
import { LeaseValidity } from "../../../packages/kit/lease-validity";
import { keepLease, releaseLeases, takeLeases } from "../store/accounts";
import type { LeasedAccount } from "../store/accounts";

/**
 * Which accounts this process talks to the broker for. A lease lives in the database and runs out by its clock, so that
 * the accounts of a process that died or froze pass on. Here it is believed for a shorter time: a process that wakes up
 * from a long pause knows that it may have lost its accounts.
 */
export class AccountLeases {
  readonly owner = randomUUID();
  private readonly leases = new Map<string, LeaseValidity>();

  constructor(
    readonly database: Database,
    readonly ttlMs: number,
    /** Monotonic milliseconds. */
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Renews what is held and takes what is free. @returns the accounts that were taken or renewed */
  async renew(): Promise<LeasedAccount[]> {
    const askedAt = this.now();
    const { database, owner, ttlMs } = this;
    const accounts = await database.as("system", (tx) => takeLeases(tx, owner, ttlMs));
    for (const { accountId } of accounts) this.extend(accountId, askedAt);
    const renewed = new Set(accounts.map(({ accountId }) => accountId));
    const busy = [...this.leases.keys()].filter((accountId) => !renewed.has(accountId) && this.holds(accountId));
    // A worker that sends one order after the other has its row locked most of the time. Each waits by itself: one that
    // hangs must not cost the others theirs.
    const kept = await Promise.all(busy.map((accountId) => this.keep(accountId)));
    return [...accounts, ...kept.filter((account) => account !== undefined)];
  }

  private async keep(accountId: string): Promise<LeasedAccount | undefined> {
    const askedAt = this.now();
    const { database, owner, ttlMs } = this;
    try {
      const account = await database.as("system", (tx) => keepLease(tx, accountId, owner, ttlMs));
      // The account has another owner, or no session: that is certain, whatever was believed.
      if (account === undefined) this.leases.delete(accountId);
      else this.extend(accountId, askedAt);
      return account;
    } catch {
      return undefined; // The next renewal tries again, while the lease lasts.
    }
  }

  private extend(accountId: string, askedAt: number): void {
    const lease = this.leases.get(accountId) ?? new LeaseValidity(this.ttlMs * 0.8, { now: this.now });
    this.leases.set(accountId, lease);
    lease.extend(askedAt);
  }

  /** Whether the account is surely still this process's own. */
  holds(accountId: string): boolean {
    return this.leases.get(accountId)?.holds ?? false;
  }

  /** Gives everything back at once. */
  async release(): Promise<void> {
    this.leases.clear();
    await this.database.as("system", (tx) => releaseLeases(tx, this.owner));
  }
}
