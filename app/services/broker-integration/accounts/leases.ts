import { randomUUID } from "node:crypto";
import type { Database } from "../../../packages/kit/database/database";
import { type LeasedAccount, releaseLeases, takeLeases } from "../store/accounts";

/**
 * Which accounts this process talks to the broker for. A lease lives in the database and runs out by its clock, so that
 * the accounts of a process that died or froze pass on. Here it is believed for a shorter time, counted from before it
 * was asked for: whoever wakes up from a long pause knows that it may have lost its accounts.
 */
export class Leases {
  readonly owner = randomUUID();
  readonly #validUntil = new Map<string, number>();

  constructor(
    readonly database: Database,
    readonly ttlMs: number,
    /** Monotonic milliseconds. */
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Renews what is held and takes what is free. @returns the accounts that were taken or renewed */
  async renew(): Promise<LeasedAccount[]> {
    const askedAt = this.now();
    const accounts = await this.database.as("system", (transaction) => takeLeases(transaction, this.owner, this.ttlMs));
    for (const { accountId } of accounts) this.#validUntil.set(accountId, askedAt + this.ttlMs * 0.8);
    return accounts;
  }

  /** Whether the account is surely still this process's own. */
  holds(accountId: string): boolean {
    return this.now() < (this.#validUntil.get(accountId) ?? -Infinity);
  }

  /** Gives everything back at once. */
  async release(): Promise<void> {
    this.#validUntil.clear();
    await this.database.as("system", (transaction) => releaseLeases(transaction, this.owner));
  }
}
