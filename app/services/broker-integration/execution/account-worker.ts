import { AlgolabError } from "../../../packages/algolab/errors";
import { RequestQueue } from "../../../packages/algolab/request-queue";
import type { SocketOptions } from "../../../packages/algolab/socket";
import { istanbulDate } from "../../../packages/bist/calendar";
import { backoffMs } from "../../../packages/kit/backoff";
import { WakeUpLoop } from "../../../packages/kit/wake-up-loop";
import { lookedForSince } from "../domain/day-end";
import { doubtOf, doubts } from "../domain/order";
import type { Doubt, Order } from "../domain/order";
import { OrderStream } from "./order-stream";
import { amendOrCancel } from "./amend-and-cancel";
import { reconcile } from "./reconcile";
import { isAnswer } from "./broker-failure";
import { senderEnded, submit } from "./submit";
import { answerWithinMs } from "../domain/channels";
import type { LeasedAccount } from "../store/accounts";
import { endedWithoutPrice, transitionOrder, lockOrder, ordersOfAccount } from "../store/orders";
import { requestedLimits, symbolsWithLimits } from "../store/price-limits";
import { changeRequest, requestsOfAccount } from "../store/requests";
import { endSession, noteRefresh, noteSocket } from "../store/sessions";
import { requestedStatements } from "../store/statements";
import { requestedViews } from "../store/views";
import { confirmLimitsForUser, learnLimits } from "./fetch-price-limits";
import { findEnds } from "./find-ends";
import { planWork } from "./plan-work";
import type { Task } from "./plan-work";
import { fetchStatement } from "./fetch-statement";
import { fetchView } from "./fetch-view";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";
import type { TurnOutcome } from "./turn-outcome";

/** How often a worker looks for work without a notification. */
const lookEveryMs = 1_000;
/** What comes while a worker looks, and for so long after, is found together: the broker takes one call in 5 s. */
const pauseMs = 100;
/** The longest wait before a call that failed, and the one before a view that did, in intervals of resolving. */
const mostBackoffFactor = 6;
const viewRetryFactor = 12;

/**
 * The one place that talks to the broker for an account while this process holds its lease. It looks at what the
 * database says is to be done, and does it through the account's queue, one call at a time.
 */
export class AccountWorker {
  private readonly queue: RequestQueue;
  private readonly stream: OrderStream;
  private readonly queued = new Set<string>();
  /** Names of calls that ended since the look that runs began: what it read may be of before them. */
  private readonly endedMeanwhile = new Set<string>();
  /** Symbols whose limits of the day are known, or that have none. */
  private readonly limitsAsked = new Set<string>();
  private limitsDay = "";
  private readonly looking: WakeUpLoop;
  private hinted = true;
  private listedAt = -Infinity;
  private statementAt = -Infinity;
  private readonly failures = new Map<string, { readonly count: number; readonly until: number }>();
  private calledAt = performance.now();
  /** Orders that the broker listed last and that were not placed here. */
  unclaimedOrders = 0;
  /** Whether an order that was called absent may be listed after all. */
  private mayBeLate = false;
  /** How many orders are in doubt as of the last look, by what is not known. */
  unknownOrders: ReadonlyMap<Doubt, number> = new Map();
  /** Since when the one of them is in doubt that has been longest, by what is not known; milliseconds since 1970-01-01 UTC. */
  unknownSince: ReadonlyMap<Doubt, number> = new Map();

  constructor(
    readonly context: AccountContext,
    socket: SocketOptions,
    /** Called when the broker no longer knows the session. */
    readonly onExpired: () => void,
  ) {
    const { sessionId } = context;
    const { requestIntervalMs, resolveIntervalMs, pollIntervalMs } = context.config;
    this.queue = new RequestQueue({ intervalMs: requestIntervalMs, gate: context.gate });
    this.looking = new WakeUpLoop(() => this.look(), {
      onError: (error) => {
        context.log.warn({ error: error.message }, "account worker failed to look for work");
      },
      pauseMs,
      everyMs: Math.min(lookEveryMs, resolveIntervalMs, pollIntervalMs),
    });
    const events = {
      hint: () => {
        this.hinted = true;
        this.wake();
      },
      connected: (connected: boolean) => {
        this.inBackground(asUser(context, (tx) => noteSocket(tx, sessionId, connected)));
      },
    };
    this.stream = new OrderStream(socket, events, context.log);
  }

  get waitingCalls(): number {
    return this.queue.length;
  }

  /** Whether it works over the account's session and for the sub-account that is chosen now. */
  isFor({ sessionId, subAccount }: LeasedAccount): boolean {
    return this.context.sessionId === sessionId && this.context.account.subAccount === subAccount;
  }

  /** Takes over: what the previous worker was about to send, or sent, has an unknown outcome now. */
  async open(): Promise<void> {
    await asUser(this.context, async (tx) => {
      const { accountId } = this.context.account;
      for (const { orderId } of await ordersOfAccount(tx, accountId, ["SUBMITTING"])) {
        const order = await lockOrder(tx, orderId);
        if (order?.status !== "SUBMITTING") continue;
        await transitionOrder(tx, order, senderEnded);
      }
      for (const request of await requestsOfAccount(tx, accountId)) {
        if (request.status === "SENT") await changeRequest(tx, request, "UNKNOWN");
      }
    });
    this.stream.open();
    this.wake();
  }

  /** Looks for work now, or again when it is looking already. */
  wake(): void {
    this.looking.wake();
  }

  /** Finishes the call that runs and leaves the rest for the next holder of the account lease. */
  async close(): Promise<void> {
    const looked = this.looking.close();
    this.stream.close();
    await this.queue.close(new WorkerClosed("the worker is closed"));
    await looked;
  }

  private async look(): Promise<void> {
    const { account, config, leases, clock } = this.context;
    if (!leases.holds(account.accountId)) return;
    this.endedMeanwhile.clear();
    const work = await asUser(this.context, async (tx) => ({
      unfinished: await ordersOfAccount(tx, account.accountId, ["CREATED", "UNKNOWN", "ACCEPTED", "PARTIALLY_FILLED"]),
      requests: await requestsOfAccount(tx, account.accountId),
      views: await requestedViews(tx, account.accountId, config.resolveIntervalMs * viewRetryFactor),
      statements: await requestedStatements(tx, account),
      limits: await requestedLimits(tx, account.accountId, answerWithinMs),
      withoutPrice: await endedWithoutPrice(tx, account.accountId, lookedForSince(clock.now())),
    }));
    const unknown = work.unfinished.filter(({ status }) => status === "UNKNOWN");
    this.unknownOrders = new Map(
      doubts.map((doubt) => [doubt, unknown.filter((order) => doubtOf(order) === doubt).length]),
    );
    this.unknownSince = longestInDoubt(unknown);
    const limited = work.unfinished.filter(({ limitPrice }) => limitPrice !== undefined).map(({ symbol }) => symbol);
    const withoutLimits = await this.withoutLimits(limited);
    // Nothing is waited for from here on: a list that ended meanwhile would be read again.
    const now = performance.now();
    const timing = {
      now: clock.now(),
      hinted: this.hinted,
      mayBeLate: this.mayBeLate,
      sinceListMs: now - this.listedAt,
      sinceStatementMs: now - this.statementAt,
      sinceCallMs: now - this.calledAt,
    };
    for (const task of planWork({ ...work, withoutLimits }, timing, config)) {
      // Its end made the worker look once more.
      if (!this.endedMeanwhile.has(task.name)) this.enqueue(task);
    }
  }

  private async carryOut(task: Task): Promise<TurnOutcome> {
    switch (task.kind) {
      case "submit":
        return submit(this.context, task.orderId);
      case "request":
        return amendOrCancel(this.context, task.request);
      case "ends":
        try {
          return await findEnds(this.context);
        } finally {
          this.statementAt = performance.now();
        }
      default:
        await this.ask(task);
        return "used";
    }
  }

  /** What is one call in any case. */
  private async ask(task: Exclude<Task, { kind: "submit" | "request" | "ends" }>): Promise<void> {
    switch (task.kind) {
      case "view":
        return fetchView(this.context, task.view);
      case "statement":
        return fetchStatement(this.context, task.period);
      case "confirm":
        return confirmLimitsForUser(this.context, task.symbol);
      case "limits":
        return this.learnLimits(task.symbol);
      case "list":
        return this.list();
      case "refresh":
        await this.context.session.refresh();
        return asUser(this.context, (tx) => noteRefresh(tx, this.context.sessionId));
    }
  }

  private async learnLimits(symbol: string): Promise<void> {
    try {
      await learnLimits(this.context, symbol);
      // Also where the instrument has none.
      this.limitsAsked.add(symbol);
    } catch (error) {
      if (error instanceof AlgolabError && isAnswer(error)) this.limitsAsked.add(symbol);
      throw error;
    }
  }

  /** Those of the symbols whose limits of today were not asked for yet, by any worker. */
  private async withoutLimits(symbols: readonly string[]): Promise<string[]> {
    const today = istanbulDate(this.context.clock.now());
    if (today !== this.limitsDay) this.limitsAsked.clear();
    this.limitsDay = today;
    const open = [...new Set(symbols)].filter((symbol) => !this.limitsAsked.has(symbol));
    if (open.length === 0) return [];
    for (const symbol of await symbolsWithLimits(this.context.database, open, today)) this.limitsAsked.add(symbol);
    return open.filter((symbol) => !this.limitsAsked.has(symbol));
  }

  private async list(): Promise<void> {
    this.hinted = false;
    try {
      const { unclaimed, mayBeLate } = await reconcile(this.context);
      [this.unclaimedOrders, this.mayBeLate] = [unclaimed, mayBeLate];
    } catch (error) {
      this.hinted = true;
      throw error;
    } finally {
      // From its end: with a broker that answers slowly the next list would be due before this one is read.
      this.listedAt = performance.now();
    }
  }

  /** Queues a call unless the same one waits or runs already, and looks for more work when it is done. */
  private enqueue(task: Task): void {
    const { name, priority } = task;
    if (this.queued.has(name) || (this.failures.get(name)?.until ?? 0) > performance.now()) return;
    this.queued.add(name);
    const run = this.queue.run(priority, async (turn) => {
      const before = this.calledAt;
      this.calledAt = performance.now();
      const outcome = await this.carryOut(task);
      if (outcome === "again") turn.again();
      if (outcome !== "unused") return;
      turn.unused();
      this.calledAt = before;
    });
    run
      .then(
        () => {
          this.failures.delete(name);
        },
        (error: unknown) => {
          this.failed(task, error as Error);
        },
      )
      .finally(() => {
        this.queued.delete(name);
        this.endedMeanwhile.add(name);
        // After a failure the timer looks again, so that trouble does not make the worker spin.
        if (!this.failures.has(name)) this.wake();
      })
      .catch(() => undefined);
  }

  private failed({ name, kind }: Task, error: Error): void {
    if (error instanceof WorkerClosed) return;
    const { resolveIntervalMs } = this.context.config;
    const count = (this.failures.get(name)?.count ?? -1) + 1;
    const waitMs = backoffMs({ firstMs: resolveIntervalMs, mostMs: resolveIntervalMs * mostBackoffFactor }, count);
    this.failures.set(name, { count, until: kind === "refresh" ? 0 : performance.now() + waitMs });
    if (!(error instanceof AlgolabError && error.failure === "SESSION_EXPIRED")) {
      this.context.log.warn({ error: error.message }, "broker call failed");
    } else if (kind === "refresh") {
      this.inBackground(this.expire());
    } else {
      // Some endpoints answer 401 while the session lives.
      this.context.log.warn({ endpoint: error.endpoint }, "the broker answered 401; asking whether the session lives");
      this.enqueue({ kind: "refresh", name: "refresh", priority: "KEEP_ALIVE" });
    }
  }

  private inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      this.context.log.warn({ error: (error as Error).message }, "account worker failed");
    });
  }

  private async expire(): Promise<void> {
    this.context.log.warn({ accountId: this.context.account.accountId }, "broker session expired");
    try {
      await asUser(this.context, (tx) => endSession(tx, this.context.sessionId, "EXPIRED"));
    } finally {
      this.onExpired();
    }
  }
}

function longestInDoubt(unknown: readonly Order[]): ReadonlyMap<Doubt, number> {
  const since = new Map<Doubt, number>();
  for (const order of unknown) {
    const doubt = doubtOf(order);
    since.set(doubt, Math.min(since.get(doubt) ?? Infinity, order.unknownAt?.getTime() ?? Infinity));
  }
  return since;
}

class WorkerClosed extends Error {}
