import { AlgolabSession } from "../../../packages/algolab/client";
import type { AlgolabConfig } from "../../../packages/algolab/config";
import { CallSlots } from "../../../packages/algolab/call-slots";
import type { SessionVault } from "../../../packages/algolab/session-vault";
import { istanbulDate } from "../../../packages/bist/calendar";
import { WakeUpLoop } from "../../../packages/kit/wake-up-loop";
import { endOfDay } from "../domain/day-end";
import type { Doubt, Order } from "../domain/order";
import { notSentInTime } from "../domain/reason";
import {
  abandonedOrders,
  ordersNotSentSince,
  ordersOpenBefore,
  StaleOrder,
  transitionOrder,
  unknownUnattendedSince,
} from "../store/orders";
import { databaseTime } from "../../../packages/kit/database/database";
import type { LeasedAccount } from "../store/accounts";
import { refuseRequestsNotSentSince } from "../store/requests";
import { activeSession } from "../store/sessions";
import { AccountWorker } from "./account-worker";
import { recordWithinMs, senderEnded } from "./submit";
import type { AccountContext } from "./account-context";
import { endSuspended } from "./end-suspended";

export interface AccountWorkersOptions extends Omit<AccountContext, "account" | "session" | "sessionId" | "gate"> {
  readonly broker: AlgolabConfig;
  readonly vault: SessionVault;
}

/** Keeps a worker open for every account whose lease this process holds, and for no other. */
export class AccountWorkers {
  private readonly workers = new Map<string, AccountWorker>();
  /** Accounts whose worker finishes its last call: none is opened beside it. */
  private readonly closing = new Map<string, Promise<void>>();
  private readonly tending: WakeUpLoop;
  private readonly slots: CallSlots;
  /** Since when the order has been in doubt that has been longest, of accounts that nobody works for. */
  unattendedSince: ReadonlyMap<Doubt, number> = new Map();

  constructor(readonly options: AccountWorkersOptions) {
    const { database, config } = options;
    this.slots = new CallSlots(database, config.requestIntervalMs, config.requestTimeoutMs);
    this.tending = new WakeUpLoop(() => this.tendAll(), {
      onError: (error) => {
        options.log.warn({ error: error.message }, "account lease renewal failed");
      },
      everyMs: options.config.leaseMs / 3,
    });
  }

  get open(): readonly AccountWorker[] {
    return [...this.workers.values()];
  }

  start(): void {
    this.tend();
  }

  /** There is work for an account: its worker looks at it, and an account without a worker may get one. */
  wake(accountId: string): void {
    const worker = this.workers.get(accountId);
    if (worker) worker.wake();
    else this.tend();
  }

  /** Finishes the calls that run and gives the accounts back. */
  async close(): Promise<void> {
    await this.tending.close();
    for (const [accountId, worker] of this.workers) this.shut(accountId, worker);
    await Promise.all(this.closing.values());
    await this.options.leases.release();
  }

  /** Renews the leases unless it does so already, and from then on often enough to keep them. */
  tend(): void {
    if (!this.tending.running) this.tending.wake();
  }

  /** Sessions began or ended, sub-accounts were chosen, users suspended: looks at all accounts, after a look that runs. */
  sessionsChanged(): void {
    this.tending.wake();
  }

  private async tendAll(): Promise<void> {
    const { leases, database } = this.options;
    try {
      const accounts = await leases.renew();
      const current = new Map(accounts.map((account) => [account.accountId, account]));
      for (const [accountId, worker] of this.workers) {
        const account = current.get(accountId);
        if (!leases.holds(accountId) || (account && !worker.isFor(account))) this.shut(accountId, worker);
      }
      for (const account of accounts) {
        const { accountId } = account;
        if (!this.workers.has(accountId) && !this.closing.has(accountId)) await this.tryToOpen(account);
      }
      await endSuspended(database);
      await this.endWhatIsLate();
      await this.giveUpAbandoned();
      await this.endPastDays();
    } catch (error) {
      for (const [accountId, worker] of this.workers) if (!leases.holds(accountId)) this.shut(accountId, worker);
      throw error;
    }
  }

  /** One account that cannot be worked for holds up neither the others nor what is done for all. */
  private async tryToOpen(account: LeasedAccount): Promise<void> {
    try {
      await this.openWorker(account);
    } catch (error) {
      const { accountId } = account;
      this.options.log.warn({ accountId, error: (error as Error).message }, "an account cannot be worked for");
    }
  }

  private async openWorker(account: LeasedAccount): Promise<void> {
    const { broker, vault, config, database, metrics, log } = this.options;
    const stored = await database.as({ userId: account.userId }, (tx) => activeSession(tx, account.accountId));
    if (stored === undefined) return;
    const { sessionId } = stored;
    const hash = vault.open(sessionId, stored.hash);
    const apiKey = stored.apiKey === undefined ? broker.apiKey : vault.open(sessionId, stored.apiKey);
    if (apiKey === undefined) throw new Error("its session went by the platform's API key, which is not configured");
    const session = new AlgolabSession(
      {
        baseUrl: broker.baseUrl,
        apiKey,
        proxy: broker.proxy,
        timeoutMs: config.requestTimeoutMs,
        // A process that was frozen on the way to the broker has lost the account, and the next one has judged what it did.
        mayLeave: () => this.options.leases.holds(account.accountId),
        observe: (endpoint, outcome, seconds) => {
          metrics.requests.inc({ endpoint, outcome });
          if (outcome === "unreadable") metrics.unreadable.inc({ endpoint, field: "answer" });
          metrics.requestDuration.observe({ endpoint }, seconds);
        },
      },
      hash,
    );
    const worker: AccountWorker = new AccountWorker(
      { ...this.options, account, session, sessionId, gate: this.slots.gate(account.customerHash) },
      { ...broker, apiKey, hash },
      () => {
        this.shut(account.accountId, worker);
      },
    );
    this.workers.set(account.accountId, worker);
    try {
      await worker.open();
    } catch (error) {
      this.shut(account.accountId, worker);
      throw error;
    }
    log.info({ accountId: account.accountId }, "account lease acquired");
  }

  /** Has a worker finish the call that runs, which may take long: the leases of other accounts are not to wait for it. */
  private shut(accountId: string, worker: AccountWorker): void {
    if (this.workers.get(accountId) !== worker) return;
    this.workers.delete(accountId);
    const closed = worker.close().finally(() => {
      this.closing.delete(accountId);
      this.tending.wake();
    });
    this.closing.set(accountId, closed);
  }

  /** Orders that are open after their day ended, also of accounts without a session. */
  private async endPastDays(): Promise<void> {
    const { database, config } = this.options;
    await database.as("system", async (tx) => {
      const now = await databaseTime(tx);
      // A list that was asked for before midnight is recorded first.
      const today = istanbulDate(now.getTime() - config.requestTimeoutMs);
      for (const { order, listedAt } of await ordersOpenBefore(tx, today)) {
        await unlessStale(transitionOrder(tx, order, endOfDay(order, listedAt, config)));
      }
      this.unattendedSince = await unknownUnattendedSince(tx);
    });
  }

  /**
   * Orders whose sender vanished, or failed to record what it was answered. One that is still at it records its answer over
   * this.
   */
  private async giveUpAbandoned(): Promise<void> {
    const { database, config } = this.options;
    await database.as("system", async (tx) => {
      const sentBefore = (await databaseTime(tx)).getTime() - config.requestTimeoutMs;
      const abandoned = await abandonedOrders(tx, new Date(sentBefore), new Date(sentBefore - recordWithinMs));
      for (const order of abandoned) await unlessStale(transitionOrder(tx, order, senderEnded));
    });
  }

  /** Orders and requests whose account has no session, or no time, end here: no worker would end them. */
  private async endWhatIsLate(): Promise<void> {
    const { database, config } = this.options;
    const reason = notSentInTime(config.submitWithinMs);
    await database.as("system", async (tx) => {
      const now = await databaseTime(tx);
      const since = new Date(now.getTime() - config.submitWithinMs);
      await refuseRequestsNotSentSince(tx, since, reason);
      for (const order of await ordersNotSentSince(tx, since)) {
        await unlessStale(transitionOrder(tx, order, { status: "REJECTED", reason }));
      }
    });
  }
}

/** Another transaction may change the order first: then it is that one's. */
async function unlessStale(change: Promise<Order>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof StaleOrder)) throw error;
  }
}
