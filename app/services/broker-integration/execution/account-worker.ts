import { AlgolabError } from "../../../packages/algolab/errors";
import { RequestQueue } from "../../../packages/algolab/request-queue";
import type { Priority } from "../../../packages/algolab/request-queue";
import type { SocketOptions } from "../../../packages/algolab/socket";
import { istanbulDate } from "../../../packages/bist/calendar";
import { WakeUpLoop } from "../../../packages/kit/wake-up-loop";
import { OrderStream } from "./order-stream";
import { amendOrCancel } from "./amend-and-cancel";
import { looksLike } from "../domain/order";
import type { Order } from "../domain/order";
import { reconcile } from "./reconcile";
import { submit } from "./submit";
import { transitionOrder, lockOrder, ordersOfAccount } from "../store/orders";
import { findPriceLimits } from "../store/price-limits";
import { changeRequest, requestsOfAccount } from "../store/requests";
import { endSession, noteRefresh, noteSocket } from "../store/sessions";
import { requestedViews } from "../store/views";
import { fetchLimits } from "./fetch-price-limits";
import { fetchView } from "./fetch-view";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/** How often a worker looks for work without a notification. */
const lookEveryMs = 1_000;
/** What comes while a worker looks, and for so long after, is found together: the broker takes one call in 5 s. */
const pauseMs = 100;

/**
 * The one place that talks to the broker for an account while this process holds its lease. It looks at what the
 * database says is to be done, and does it through the account's queue, one call at a time.
 */
export class AccountWorker {
  private readonly queue: RequestQueue;
  private readonly stream: OrderStream;
  private readonly queued = new Set<string>();
  private readonly limitsKnown = new Set<string>();
  private readonly looking: WakeUpLoop;
  private hinted = true;
  private listedAt = -Infinity;
  private calledAt = performance.now();
  /** Orders that the broker listed last and that were not placed here. */
  unclaimedOrders = 0;
  /** Orders whose outcome is not known, as of the last look. */
  unknownOrders = 0;
  /** Since when the one of them is in doubt that has been longest, milliseconds since 1970-01-01 UTC. */
  unknownSince: number | undefined;

  constructor(
    readonly context: AccountContext,
    readonly sessionId: string,
    socket: SocketOptions,
    /** Called when the broker no longer knows the session. */
    readonly onExpired: () => void,
  ) {
    const { requestIntervalMs, resolveIntervalMs, pollIntervalMs } = context.config;
    this.queue = new RequestQueue({ intervalMs: requestIntervalMs });
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

  /** Takes over: what the previous worker was about to send, or sent, has an unknown outcome now. */
  async open(): Promise<void> {
    await asUser(this.context, async (tx) => {
      const { accountId } = this.context.account;
      for (const { orderId } of await ordersOfAccount(tx, accountId, ["SUBMITTING"])) {
        const order = await lockOrder(tx, orderId);
        if (order?.status !== "SUBMITTING") continue;
        await transitionOrder(tx, order, {
          status: "UNKNOWN",
          reason: { code: "ANSWER_NOT_SEEN", detail: "the process that sent it ended" },
        });
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
    const { account, config, leases } = this.context;
    if (!leases.holds(account.accountId)) return;
    const { waiting, unknown, open, requests, views } = await asUser(this.context, async (tx) => {
      const unfinished = await ordersOfAccount(tx, account.accountId, [
        "CREATED",
        "UNKNOWN",
        "ACCEPTED",
        "PARTIALLY_FILLED",
      ]);
      return {
        waiting: unfinished.filter(({ status }) => status === "CREATED"),
        unknown: unfinished.filter(({ status }) => status === "UNKNOWN"),
        open: unfinished.filter(({ status }) => status === "ACCEPTED" || status === "PARTIALLY_FILLED").length,
        requests: await requestsOfAccount(tx, account.accountId),
        views: await requestedViews(tx, account.accountId),
      };
    });
    this.unknownOrders = unknown.length;
    const instants = unknown.flatMap(({ unknownAt }) => (unknownAt === undefined ? [] : [unknownAt.getTime()]));
    this.unknownSince = instants.length === 0 ? undefined : Math.min(...instants);
    // While an order is in doubt, one that looks the same has to wait: they would be indistinguishable in the list.
    const clear = waiting.filter((order) => !unknown.some((other) => looksLike(order, other)));
    for (const order of clear) await this.plan(order);
    for (const request of requests.filter(({ status }) => status === "PENDING")) {
      const priority = request.kind === "CANCEL" ? "CANCEL" : "ORDER";
      this.enqueue(request.requestId, priority, () => amendOrCancel(this.context, request));
    }
    const inDoubt = unknown.length > 0 || requests.some(({ status }) => status !== "PENDING");
    const every = inDoubt ? config.resolveIntervalMs : open > 0 ? config.pollIntervalMs : Infinity;
    if (this.hinted || performance.now() - this.listedAt >= every) this.enqueue("list", "RECONCILE", () => this.list());
    for (const kind of views) this.enqueue(kind, "READ", () => fetchView(this.context, kind));
    if (performance.now() - this.calledAt >= config.keepAliveMs) {
      this.enqueue("refresh", "KEEP_ALIVE", () => this.refresh());
    }
  }

  /** Queues an order; a limit order for a share whose limits are not known today waits for them. */
  private async plan(order: Order): Promise<void> {
    const day = `${order.symbol} ${istanbulDate(this.context.clock.now())}`;
    if (order.limitPrice !== undefined && !this.limitsKnown.has(day)) {
      const [symbol = "", today = ""] = day.split(" ");
      if ((await findPriceLimits(this.context.database, symbol, today)) === undefined) {
        this.enqueue(`limits ${symbol}`, "ORDER", async () => {
          await fetchLimits(this.context, symbol);
          // Also where the instrument has no limits.
          this.limitsKnown.add(day);
        });
        return;
      }
      this.limitsKnown.add(day);
    }
    this.enqueue(order.orderId, "ORDER", () => submit(this.context, order.orderId));
  }

  private async list(): Promise<void> {
    this.hinted = false;
    this.listedAt = performance.now();
    this.unclaimedOrders = await reconcile(this.context);
  }

  private async refresh(): Promise<void> {
    await this.context.session.refresh();
    await asUser(this.context, (tx) => noteRefresh(tx, this.sessionId));
  }

  /** Queues a call unless the same one waits or runs already, and looks for more work when it is done. */
  private enqueue(name: string, priority: Priority, call: () => Promise<void>): void {
    if (this.queued.has(name)) return;
    this.queued.add(name);
    const run = this.queue.run(priority, async () => {
      this.calledAt = performance.now();
      await call();
    });
    const done = run.finally(() => this.queued.delete(name));
    // After a failure the timer looks again, so that trouble does not make the worker spin.
    this.inBackground(
      done.then(() => {
        this.wake();
      }),
    );
  }

  private inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (error instanceof WorkerClosed) return;
      if (error instanceof AlgolabError && error.failure === "SESSION_EXPIRED") {
        void this.expire();
        return;
      }
      this.context.log.warn({ error: (error as Error).message }, "broker call failed");
    });
  }

  private async expire(): Promise<void> {
    this.context.log.warn({ accountId: this.context.account.accountId }, "broker session expired");
    try {
      await asUser(this.context, (tx) => endSession(tx, this.sessionId, "EXPIRED"));
    } finally {
      this.onExpired();
    }
  }
}

class WorkerClosed extends Error {}
