import { randomUUID } from "node:crypto";
import { formatPrice } from "../../../../app/packages/bist/price";
import { habitsOf } from "../../../../app/packages/simulator/habits";
import { Random } from "../../../../app/packages/simulator/random";
import type { FaultRule } from "../../../../app/packages/simulator/faults";
import type { Simulator } from "../../../../app/packages/simulator/simulator";
import { failpoints } from "../../../../app/services/broker-integration/domain/failpoint";
import { eventually, logIn, placing, startTestSimulator } from "../../support/broker";
import type { Trader } from "../../support/broker";
import { createTestDatabase } from "../../support/postgres";
import type { TestDatabase } from "../../support/postgres";
import { request } from "../../support/service";
import type { Answer, CallOptions } from "../../support/service";
import { FaultProxy } from "./fault-proxy";
import type { NetworkFault } from "./fault-proxy";
import { brokenInvariants } from "./invariants";
import { ServiceProcess } from "./service-process";

/** How long anything may take to come right. Only a machine that is busy with other things comes near it. */
const patienceMs = 120_000;
const dayMs = 86_400_000;
/** Longer ago than any trading day after its settlement. */
const unseenDays = 20;
const symbols = ["GARAN", "THYAO", "ASELS"] as const;

export interface ChainOptions {
  readonly bundle: string;
  readonly keysUrl: string;
}

/** What a run did, for the tally. */
export interface RunResult {
  readonly seed: number;
  readonly failpoint: string;
  /** Whether the process ended itself at its failpoint; if not, it was killed at the end of the run. */
  readonly crashed: boolean;
  readonly orders: number;
  readonly problems: readonly string[];
}

/**
 * A broker, a database, and one process of broker-integration after the other: in each run one ends itself at a failpoint of
 * the run's own, or is ended by SIGKILL where that is not reached, and the next one goes on into the next run.
 */
export class Chain {
  private process: ServiceProcess | undefined;
  private readonly matching: NodeJS.Timeout;

  private constructor(
    readonly options: ChainOptions,
    readonly database: TestDatabase,
    readonly simulator: Simulator,
    readonly proxy: FaultProxy,
  ) {
    this.matching = setInterval(() => {
      this.movePrices();
      simulator.exchange.matchAll();
    }, 80);
  }

  static async start(options: ChainOptions): Promise<Chain> {
    const simulator = await startTestSimulator({ symbols });
    return new Chain(options, await createTestDatabase(), simulator, await FaultProxy.start(simulator.url));
  }

  async close(): Promise<void> {
    clearInterval(this.matching);
    await this.process?.kill();
    await this.proxy.close();
    await this.simulator.close();
    await this.database.drop();
  }

  /** Fills of one order have several prices, and none comes near the floor, where orders wait that are never reached. */
  private movePrices(): void {
    const { market } = this.simulator.exchange;
    for (const _ of symbols) {
      const { share } = market.trade();
      if (share.last - share.limits.floor < share.base - share.last) share.last = share.base;
    }
  }

  /** Places orders from several sides while the process dies and the network misbehaves, waits, and checks. */
  async run(seed: number): Promise<RunResult> {
    const random = new Random(seed);
    this.simulator.habits = habitsOf(seed);
    const failpoint = failpoints[seed % failpoints.length] ?? "submit.answered";
    // Requests to cancel are few, and so are ends that are looked up.
    const crash = { failpoint, count: /^(request|ends)\./.test(failpoint) ? 1 : random.between(1, 4) };
    const first = await this.alive();
    first.crashAt(crash);
    const trader = await this.trader();
    const traders = [trader, await this.trader()];
    const orders = traders.flatMap((trader) =>
      Array.from({ length: random.between(2, 5) }, () => ({ trader, key: randomUUID(), ...this.order(random) })),
    );
    const unseen = failpoint.startsWith("ends.") ? await this.endDayUnseen(random, trader) : [];
    this.disturb(random);
    await Promise.all(
      orders.map(async ({ trader, key, cancels, ...order }) => {
        const { body } = await this.until("POST", "/api/v1/orders", placing(trader, order, key), [202]);
        const path = `/api/v1/orders/${(body as { orderId: string }).orderId}`;
        // A cancellation may find the order ended, or not yet open: both are answers.
        if (cancels) await this.until("DELETE", path, { token: trader.token }, [202, 409]);
      }),
    );
    const problems = await this.quiet(traders, [...orders, ...unseen]);
    const crashed = !first.alive;
    if (!crashed) await first.kill();
    for (const { userId } of traders) {
      await this.database.query("UPDATE algolab_sessions SET active = false WHERE user_id = $1", [userId]);
    }
    return { seed, failpoint: `${failpoint}:${crash.count}`, crashed, orders: orders.length, problems };
  }

  /** Few shapes, so that orders often look the same; prices that are reached at once, later, or never. */
  private order(random: Random) {
    const symbol = symbols[random.between(0, symbols.length - 1)] ?? symbols[0];
    const share = this.simulator.exchange.market.shares.get(symbol);
    const reached = random.chance(0.8);
    const price = formatPrice((reached ? share?.limits.ceiling : share?.limits.floor) ?? 0n);
    const quantity = String(random.chance(0.5) ? 10 : random.between(1, 3_000));
    return { symbol, side: "BUY", type: "LIMIT", quantity, price, cancels: !reached || random.chance(0.1) } as const;
  }

  /**
   * Makes an order one of a day whose statement is complete by now, filled in part or in full after anybody looked.
   * @returns the orders that it took until the broker had one: a slow machine can lose a lease before it sends
   */
  private async endDayUnseen(random: Random, trader: Trader): Promise<{ trader: Trader; key: string }[]> {
    const { simulator, database } = this;
    const floor = simulator.exchange.market.shares.get("GARAN")?.limits.floor ?? 0n;
    const order = { symbol: "GARAN", side: "BUY", type: "LIMIT", quantity: "100", price: formatPrice(floor) } as const;
    const keys: string[] = [];
    let reference: string | null = null;
    while (reference === null) {
      const key = randomUUID();
      keys.push(key);
      await this.until("POST", "/api/v1/orders", placing(trader, order, key), [202]);
      reference = await this.referenceOf(key);
    }
    // Once a list has failed, none of before is on its way any more: it would show an order of today that is none.
    const noList: FaultRule = { at: "TodaysTransaction", kind: "error", customer: trader.customer };
    const firstFailure: FaultRule = { ...noList, times: 1 };
    simulator.faults.add(firstFailure);
    simulator.faults.add(noList);
    await eventually(
      () => this.alive(),
      () => !simulator.faults.rules.includes(firstFailure),
      patienceMs,
    );
    const atBroker = simulator.exchange.orders.get(reference);
    if (atBroker === undefined) throw new Error(`the broker has no order ${reference}`);
    simulator.clockAheadMs = -unseenDays * dayMs;
    Object.assign(atBroker, { receivedAt: new Date(atBroker.receivedAt.getTime() - unseenDays * dayMs) });
    const lots = random.chance(0.5) ? 100 : random.between(2, 99);
    for (const part of [1, lots - 1]) simulator.exchange.fill(reference, BigInt(part), floor);
    simulator.exchange.endDay();
    simulator.clockAheadMs = 0;
    await database.query(
      "UPDATE orders SET trading_day = trading_day - $2::int, version = version + 1 WHERE client_order_id = $1",
      [keys.at(-1), unseenDays],
    );
    await database.query("UPDATE broker_orders SET trading_day = trading_day - $2::int WHERE reference = $1", [
      reference,
      unseenDays,
    ]);
    simulator.faults.clear();
    return keys.map((key) => ({ trader, key }));
  }

  /** The broker's reference of an order that it has; null for one that ended without. */
  private async referenceOf(key: string): Promise<string | null> {
    const [order] = await eventually(
      async () => {
        await this.alive();
        return this.database.query<{ status: string; broker_reference: string | null }>(
          "SELECT status, broker_reference FROM orders WHERE client_order_id = $1",
          [key],
        );
      },
      ([found]) => found?.status === "ACCEPTED" || found?.status === "REJECTED",
      patienceMs,
    );
    return order?.broker_reference ?? null;
  }

  private disturb(random: Random): void {
    const faults = ["drop", "drop-after-accepting", "garbage", "silence", "error", "delay"] as const;
    const kind = () => faults[random.between(0, faults.length - 1)] ?? "drop";
    if (random.chance(0.5)) this.simulator.faults.add({ at: "SendOrder", kind: kind(), times: 1, delayMs: 600 });
    if (random.chance(0.3))
      this.simulator.faults.add({ at: "TodaysTransaction", kind: kind(), times: 1, delayMs: 600 });
    if (random.chance(0.2)) this.simulator.faults.add({ at: "DeleteOrder", kind: kind(), times: 1, delayMs: 600 });
    if (random.chance(0.3)) this.simulator.faults.add({ at: "socket:O", kind: "silence", times: 5 });
    if (random.chance(0.2)) this.simulator.faults.add({ at: "TodaysTransaction", kind: "duplicate", times: 2 });
    const network: NetworkFault[] = [{ kind: "swallow" }, { kind: "reset" }, { kind: "delay", ms: 30 }];
    if (random.chance(0.3)) {
      const fault = network[random.between(0, network.length - 1)] ?? { kind: "pass" };
      setTimeout(() => (this.proxy.fault = fault), random.between(0, 200));
      setTimeout(() => (this.proxy.fault = { kind: "pass" }), random.between(300, 700));
    }
  }

  /** The process that serves now; when the last one ended, a new one that nothing ends yet. */
  private async alive(): Promise<ServiceProcess> {
    if (!this.process?.alive) {
      this.process = ServiceProcess.start({ ...this.options, database: this.database, brokerUrl: this.proxy.url });
    }
    const process = this.process;
    await process.url;
    return process;
  }

  private async call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    return request(await (await this.alive()).url, method, path, options);
  }

  /** Calls until an answer has one of the statuses, as a careful client does: the same key, whatever went wrong. */
  private async until(
    method: string,
    path: string,
    options: CallOptions,
    statuses: readonly number[],
  ): Promise<Answer> {
    const attempt = () => this.call(method, path, options).catch(() => undefined);
    const answer = await eventually(
      attempt,
      (given) => given !== undefined && statuses.includes(given.status),
      patienceMs,
    );
    if (answer === undefined) throw new Error(`${method} ${path} was not answered`);
    return answer;
  }

  /** A trader who logged in through whichever process lives; a login that a crash or a slow machine broke starts over. */
  private async trader(): Promise<Trader> {
    const call = (method: string, path: string, options?: CallOptions) => this.call(method, path, options);
    for (let attempt = 1; ; attempt++) {
      try {
        return await logIn({ call }, (customer) => this.simulator.smsCode(customer));
      } catch (error) {
        if (attempt === 20) throw error;
      }
    }
  }

  /** Waits until every order is final, cancelling what no price reaches, and everything else agrees. */
  private async quiet(
    traders: readonly Trader[],
    orders: readonly { trader: Trader; key: string }[],
  ): Promise<string[]> {
    try {
      return await eventually(
        async () => {
          await this.alive();
          await this.cancelOpen(traders);
          return (
            await Promise.all(
              traders.map((trader) => {
                const keys = orders.filter((order) => order.trader === trader).map(({ key }) => key);
                return brokenInvariants(this.database, this.simulator, trader, keys);
              }),
            )
          ).flat();
        },
        (problems) => problems.length === 0,
        patienceMs,
        150,
      );
    } catch (error) {
      return [(error as Error).message, ...(this.process?.lines.slice(-30) ?? [])];
    }
  }

  private async cancelOpen(traders: readonly Trader[]): Promise<void> {
    for (const { userId, token } of traders) {
      const open = await this.database.query<{ order_id: string }>(
        "SELECT order_id FROM orders WHERE user_id = $1 AND status = 'ACCEPTED' AND created_at < now() - interval '1 s'",
        [userId],
      );
      for (const { order_id } of open)
        await this.call("DELETE", `/api/v1/orders/${order_id}`, { token }).catch(() => undefined);
    }
  }
}
