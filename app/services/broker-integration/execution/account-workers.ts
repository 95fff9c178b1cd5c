import { AlgolabSession } from "../../../packages/algolab/client";
import type { AlgolabConfig } from "../../../packages/algolab/config";
import type { SessionVault } from "../../../packages/algolab/session-vault";
import { changeOrder, ordersNotSentSince, StaleOrder } from "../store/orders";
import { databaseTime } from "../store/accounts";
import type { LeasedAccount } from "../store/accounts";
import { activeSession } from "../store/sessions";
import { Desk } from "./account-worker";
import type { Workshop } from "./account-context";

/** Channel on which the id of an account with new work is told. */
export const workChannel = "trading_work";

export interface DesksOptions extends Omit<Workshop, "account" | "session"> {
  readonly broker: AlgolabConfig;
  readonly vault: SessionVault;
}

/** Keeps a desk open for every account whose lease this process holds, and for no other. */
export class Desks {
  private readonly desks = new Map<string, Desk>();
  private timer: NodeJS.Timeout | undefined;
  private tending: Promise<void> | undefined;
  private closed = false;

  constructor(readonly options: DesksOptions) {}

  get open(): readonly Desk[] {
    return [...this.desks.values()];
  }

  start(): void {
    this.tend();
  }

  /** There is work for an account: its desk looks at it, and an account without a desk may get one. */
  wake(accountId: string): void {
    const desk = this.desks.get(accountId);
    if (desk) desk.wake();
    else this.tend();
  }

  /** Finishes the calls that run and gives the accounts back. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.tending;
    await Promise.all(this.open.map((desk) => desk.close()));
    this.desks.clear();
    await this.options.leases.release();
  }

  /** Renews the leases now, and from then on often enough to keep them. */
  tend(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.tending ??= this.tendAll()
      .catch((error: unknown) => {
        this.options.log.warn({ error: (error as Error).message }, "leases could not be renewed");
      })
      .finally(() => {
        this.tending = undefined;
        if (this.closed) return;
        this.timer = setTimeout(() => {
          this.tend();
        }, this.options.config.leaseMs / 3);
      });
  }

  private async tendAll(): Promise<void> {
    const { leases } = this.options;
    try {
      const accounts = await leases.renew();
      const current = new Map(accounts.map((account) => [account.accountId, account]));
      for (const [accountId, desk] of this.desks) {
        const session = current.get(accountId)?.sessionId ?? desk.sessionId;
        if (!leases.holds(accountId) || session !== desk.sessionId) await this.shut(accountId, desk);
      }
      for (const account of accounts) if (!this.desks.has(account.accountId)) await this.openDesk(account);
      await this.rejectLateOrders();
    } catch (error) {
      for (const [accountId, desk] of this.desks) if (!leases.holds(accountId)) await this.shut(accountId, desk);
      throw error;
    }
  }

  private async openDesk(account: LeasedAccount): Promise<void> {
    const { broker, vault, config, database, metrics, log } = this.options;
    const stored = await database.as({ userId: account.userId }, (tx) => activeSession(tx, account.accountId));
    if (stored?.hash === undefined) return;
    const hash = vault.open(stored.sessionId, stored.hash);
    const session = new AlgolabSession(
      {
        baseUrl: broker.baseUrl,
        apiKey: broker.apiKey,
        timeoutMs: config.requestTimeoutMs,
        observe: (endpoint, outcome, seconds) => {
          metrics.requests.inc({ endpoint, outcome });
          metrics.requestDuration.observe({ endpoint }, seconds);
        },
      },
      hash,
    );
    const desk: Desk = new Desk({ ...this.options, account, session }, stored.sessionId, { ...broker, hash }, () => {
      void this.shut(account.accountId, desk);
    });
    this.desks.set(account.accountId, desk);
    try {
      await desk.open();
    } catch (error) {
      await this.shut(account.accountId, desk);
      throw error;
    }
    log.info({ accountId: account.accountId }, "took an account");
  }

  private async shut(accountId: string, desk: Desk): Promise<void> {
    if (this.desks.get(accountId) === desk) this.desks.delete(accountId);
    await desk.close();
  }

  /** Orders whose account has no session, or no time, end here: nobody else would tell their owner. */
  private async rejectLateOrders(): Promise<void> {
    const { database, config } = this.options;
    await database.as("system", async (tx) => {
      const now = await databaseTime(tx);
      for (const order of await ordersNotSentSince(tx, new Date(now.getTime() - config.submitWithinMs))) {
        try {
          await changeOrder(tx, order, { status: "REJECTED", reason: "NOT_SENT_IN_TIME" });
        } catch (error) {
          if (!(error instanceof StaleOrder)) throw error;
        }
      }
    });
  }
}
