import fc from "fast-check";
import { parseBrokerOrders, requestState } from "../../../../app/packages/algolab/broker-order";
import { defaultHabits, habitsOf, habits } from "../../../../app/packages/simulator/habits";
import type { Habits } from "../../../../app/packages/simulator/habits";
import { Exchange, Refusal } from "../../../../app/packages/simulator/exchange";
import { orderRow } from "../../../../app/packages/simulator/order-row";
import { Random } from "../../../../app/packages/simulator/random";
import { executionReportOf } from "../../../../app/services/broker-integration/domain/execution-report";
import { changeOfFills, fillBounds } from "../../../../app/services/broker-integration/domain/fill-price";
import { canFollow, isFinal } from "../../../../app/services/broker-integration/domain/order";
import { requestOutcomeOf } from "../../../../app/services/broker-integration/domain/order-request";
import type { OrderRequest } from "../../../../app/services/broker-integration/domain/order-request";
import type { Order } from "../../../../app/services/broker-integration/domain/order";
import { resolveUnknown } from "../../../../app/services/broker-integration/domain/resolve-unknown";
import { anOrder } from "../../support/orders";

const resolveDelayMs = 60_000;
const noon = new Date("2026-11-23T12:00:00+03:00");

type Action =
  | { readonly kind: "fill"; readonly lots: bigint; readonly tick: bigint }
  | { readonly kind: "cancel" | "look" | "refuseCancel" | "refuseReprice" }
  | { readonly kind: "reprice"; readonly tick: bigint };

const actions = fc.array(
  fc.oneof<fc.Arbitrary<Action>[]>(
    fc.record({
      kind: fc.constant("fill"),
      lots: fc.bigInt({ min: 1n, max: 1_200n }),
      tick: fc.bigInt({ min: 0n, max: 4n }),
    }),
    fc.record({ kind: fc.constant("reprice"), tick: fc.bigInt({ min: 0n, max: 4n }) }),
    fc.record({ kind: fc.constantFrom("cancel", "look", "look", "refuseCancel", "refuseReprice") }),
  ),
  { maxLength: 14 },
);

const nothing = { quantity: 0n, amount: "0" };

/** An order at the simulated exchange, and what is known of it here by looking at the list. */
class Watched {
  readonly exchange: Exchange;
  readonly reference: string;
  now = noon.getTime();
  order: Order;
  request: OrderRequest | undefined;
  booked = { quantity: 0n, amount: "0" };

  constructor(
    readonly habit: Habits,
    market: boolean,
  ) {
    this.exchange = new Exchange({
      symbols: ["GARAN"],
      random: new Random(7),
      now: () => new Date(this.now),
      openingCash: 10n ** 14n,
      subAccounts: ["100"],
      habits: () => habit,
      onOrder: () => undefined,
    });
    this.exchange.startAuction();
    const price = market ? undefined : this.price(2n);
    const placed = this.exchange.place("1", { symbol: "GARAN", side: "BUY", price, quantity: 3_000n });
    this.reference = placed.reference;
    this.order = anOrder({
      quantity: 3_000n,
      limitPrice: price,
      status: "UNKNOWN",
      brokerReference: undefined,
      submittingAt: noon,
      unknownAt: noon,
    });
  }

  /** Ticks above the lower limit. */
  price(tick: bigint): bigint {
    const { floor } = this.exchange.market.shares.get("GARAN")?.limits ?? { floor: 0n };
    return floor + tick * 50n;
  }

  get atBroker() {
    const found = this.exchange.orders.get(this.reference);
    if (found === undefined) throw new Error("the exchange has lost the order");
    return found;
  }

  do(action: Action): void {
    try {
      switch (action.kind) {
        case "fill":
          this.exchange.fill(
            this.reference,
            action.lots,
            this.order.limitPrice === undefined ? this.price(action.tick) : this.atBroker.price,
          );
          return;
        case "reprice":
          this.ask("MODIFY", this.price(action.tick), () => {
            this.exchange.modify("1", this.reference, this.price(action.tick));
          });
          return;
        case "cancel":
          this.ask("CANCEL", undefined, () => {
            this.exchange.cancel("1", this.reference);
          });
          return;
        case "refuseCancel":
        case "refuseReprice": {
          const kind = action.kind === "refuseCancel" ? "CANCEL" : "MODIFY";
          this.ask(kind, kind === "MODIFY" ? this.price(4n) : undefined, () => {
            this.exchange.refuseRequest("1", this.reference, kind === "CANCEL" ? "delete" : "reprice");
          });
          return;
        }
        case "look":
          this.look();
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  private ask(kind: OrderRequest["kind"], price: bigint | undefined, send: () => void): void {
    if (this.request !== undefined || !["ACCEPTED", "PARTIALLY_FILLED"].includes(this.order.status)) return;
    if (kind === "MODIFY" && this.order.limitPrice === undefined) return;
    send();
    const { orderId, userId, accountId } = this.order;
    const times = { createdAt: new Date(this.now), sentAt: new Date(this.now) };
    const before = { reason: undefined, completedAt: undefined, refusedBefore: this.refused.has(kind) };
    this.request = { requestId: "r", orderId, userId, accountId, kind, price, status: "SENT", ...before, ...times };
  }

  readonly refused = new Set<string>();

  look(afterMs = 5_000): void {
    this.now += afterMs;
    const rows = parseBrokerOrders(this.exchange.list("1", "").map((order) => orderRow(order, this.habit)));
    expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
    const [row] = rows;
    const listedAt = new Date(this.now);
    if (this.order.status === "UNKNOWN") {
      const evidence = {
        rows,
        listedAt,
        claimed: new Set<string>(),
        firstSeen: new Map<string, Date>(),
        elsewhere: new Set<string>(),
      };
      const found = resolveUnknown(this.order, evidence, {
        resolveDelayMs,
        clockSkewMs: 5_000,
        requestTimeoutMs: 1_000,
      });
      expect(found).toEqual({ outcome: "found", reference: this.reference });
      this.order = { ...this.order, status: "ACCEPTED", brokerReference: this.reference };
    }
    const report = row && executionReportOf(this.order, row);
    if (report) {
      expect(canFollow(this.order.status, report.status)).toBe(true);
      const { filledQuantity, limitPrice = this.order.limitPrice, status } = report;
      const { floor, ceiling } = this.exchange.market.shares.get("GARAN")?.limits ?? { floor: 0n, ceiling: 0n };
      const bounds = fillBounds("BUY", [this.order.limitPrice, report.limitPrice], { floor, ceiling });
      const fills =
        filledQuantity === 0n
          ? undefined
          : changeOfFills({ priced: this.booked, assumed: nothing }, filledQuantity, report.averagePrice, bounds);
      const average = fills?.averageFillPrice;
      if (fills?.step) {
        const { price, amount } = fills.step;
        expect(Number(price)).toBeGreaterThanOrEqual(Number(floor) / 100);
        expect(Number(price)).toBeLessThanOrEqual(Number(ceiling) / 100);
        this.booked = { quantity: filledQuantity, amount: (Number(this.booked.amount) + Number(amount)).toFixed(6) };
      }
      this.order = { ...this.order, status, filledQuantity, limitPrice, averageFillPrice: average };
    }
    if (this.request) {
      const evidence = { row, said: row && requestState(row.description), listedAt };
      const outcome = requestOutcomeOf(this.request, this.order, evidence, resolveDelayMs);
      if (outcome?.status === "REFUSED") this.refused.add(this.request.kind);
      if (outcome?.status === "DONE") {
        if (this.request.kind === "CANCEL") expect(this.atBroker.state).toBe("DELETED");
        else expect(this.atBroker.price).toBe(this.request.price);
      }
      if (outcome) this.request = undefined;
    }
  }
}

function agrees({ order, atBroker }: Watched): void {
  expect(order.filledQuantity).toBe(atBroker.filled);
  const isOver = atBroker.state === "DONE" || atBroker.state === "DELETED";
  expect(isFinal(order.status)).toBe(isOver);
  if (isOver) expect(order.status).toBe(atBroker.state === "DONE" ? "FILLED" : "CANCELLED");
  if (order.limitPrice !== undefined) expect(order.limitPrice).toBe(atBroker.price);
  expect((order.averageFillPrice === undefined) === (order.filledQuantity === 0n)).toBe(true);
}

function lives(habit: Habits, isMarket: boolean, all: readonly Action[]): void {
  const watched = new Watched({ ...habit, auctionMarketOrder: "rests" }, isMarket);
  for (const action of all) watched.do(action);
  // The list shows a request as taken for a while, and what came of it after that.
  for (let look = 0; look < 5; look++) watched.look();
  agrees(watched);
  // What the list does not show is not waited for longer than a while: a later fill hides that a request was refused.
  watched.look(resolveDelayMs);
  expect(watched.request).toBeUndefined();
}

test.each([defaultHabits, ...habits].map((habit, index) => [index, habit] as const))(
  "an order agrees with the broker's, whatever happens to it, under the habits %#",
  (_index, habit) => {
    fc.assert(
      fc.property(actions, fc.boolean(), (all, isMarket) => {
        lives(habit, isMarket, all);
      }),
      { numRuns: 60 },
    );
  },
);

test("an order agrees with the broker's under habits that are drawn", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), actions, fc.boolean(), (seed, all, isMarket) => {
      lives(habitsOf(seed), isMarket, all);
    }),
    { numRuns: 300 },
  );
});
