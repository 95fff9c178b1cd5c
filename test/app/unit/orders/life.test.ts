import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { formatPrice } from "../../../../app/packages/bist/price";
import { sessionAt } from "../../../../app/packages/bist/calendar-session";
import { failedPreTradeChecks } from "../../../../app/services/broker-integration/domain/pre-trade-checks";
import {
  canFollow,
  isFinal,
  looksLike,
  orderStatuses,
  transitions,
} from "../../../../app/services/broker-integration/domain/order";
import type { Order } from "../../../../app/services/broker-integration/domain/order";
import type { ListedOrder, ListedState } from "../../../../app/services/broker-integration/domain/listed-order";
import { executionReportOf } from "../../../../app/services/broker-integration/domain/execution-report";
import { reasonCodeOf, reasonCodes, reasonText } from "../../../../app/services/broker-integration/domain/reason";
import { resolveUnknown } from "../../../../app/services/broker-integration/domain/resolve-unknown";
import type { Evidence } from "../../../../app/services/broker-integration/domain/resolve-unknown";

const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 9, 0, second));

const anOrder = (change: Partial<Order> = {}): Order => ({
  orderId: "00000000-0000-0000-0000-000000000001",
  clientOrderId: "mine",
  userId: "u",
  accountId: "a",
  symbol: "GARAN",
  side: "BUY",
  quantity: 100n,
  limitPrice: 12_05n,
  filledQuantity: 0n,
  averageFillPrice: undefined,
  status: "ACCEPTED",
  statusReason: undefined,
  version: 3,
  tradingDay: "2026-11-23",
  brokerReference: "R1",
  exchangeOrderId: undefined,
  createdAt: at(0),
  submittingAt: at(10),
  unknownAt: at(12),
  updatedAt: at(12),
  completedAt: undefined,
  traceparent: undefined,
  ...change,
});

const aRow = (change: Partial<ListedOrder> = {}): ListedOrder => ({
  reference: "R1",
  transactionId: "T1",
  symbol: "GARAN",
  side: "BUY",
  quantity: "100",
  remaining: "100",
  averagePrice: "0",
  orderPrice: "12.050000",
  receivedAt: at(11),
  state: "OPEN",
  description: "İletildi",
  ...change,
});

describe("the life of an order", () => {
  test("is the same here and in the database", () => {
    const sql = readFileSync(join(__dirname, "../../../../app/database/migrations/003_trading.sql"), "utf8");
    const inserted = /INSERT INTO order_transitions VALUES([^;]+);/.exec(sql)?.[1] ?? "";
    const there = [...inserted.matchAll(/\('(\w+)', '(\w+)'\)/g)].map(([, from, to]) => `${from} ${to}`);
    const here = orderStatuses.flatMap((from) => transitions[from].map((to) => `${from} ${to}`));
    expect(there.toSorted()).toEqual(here.toSorted());
  });

  test("sends an order at most once: nothing leads back to before the submission", () => {
    const reachable = new Set(["SUBMITTING"]);
    for (const from of reachable) for (const to of transitions[from as "SUBMITTING"]) reachable.add(to);
    expect(reachable.has("CREATED")).toBe(false);
    expect(transitions.SUBMITTING).not.toContain("SUBMITTING");
    for (const status of orderStatuses) expect(canFollow(status, "SUBMITTING")).toBe(status === "CREATED");
  });

  test("always ends: from everywhere there is a way to a final status", () => {
    for (const status of orderStatuses) {
      const reachable = new Set([status]);
      for (const from of reachable) for (const to of transitions[from]) reachable.add(to);
      expect([...reachable].some(isFinal)).toBe(true);
    }
  });
});

describe("what the broker's row says of an order", () => {
  test("becomes an execution at the price that leads from one average to the next", () => {
    const first = executionReportOf(
      anOrder(),
      aRow({ remaining: "60", averagePrice: "12.000000", state: "PARTIALLY_FILLED" }),
    );
    expect(first).toMatchObject({ status: "PARTIALLY_FILLED", filledQuantity: 40n });
    expect(first?.execution).toEqual({ quantity: 40n, price: "12.000000" });
    const partly = anOrder({ status: "PARTIALLY_FILLED", filledQuantity: 40n, averageFillPrice: "12.000000" });
    const second = executionReportOf(partly, aRow({ remaining: "0", averagePrice: "12.030000", state: "FILLED" }));
    expect(second).toMatchObject({ status: "FILLED", filledQuantity: 100n, averageFillPrice: "12.030000" });
    expect(second?.execution).toEqual({ quantity: 60n, price: "12.050000" });
  });

  test.each<[ListedState, string, string | undefined]>([
    ["OPEN", "100", undefined],
    ["CANCELLED", "100", "CANCELLED"],
    ["CANCELLED", "40", "CANCELLED"],
    ["CANCELLED", "0", "FILLED"],
    ["REJECTED", "100", "REJECTED"],
    ["REJECTED", "40", "CANCELLED"],
    ["EXPIRED", "100", "EXPIRED"],
    ["OPEN", "40", "PARTIALLY_FILLED"],
  ])("%s with %s left means %s", (state, remaining, status) => {
    const averagePrice = remaining === "100" ? "0" : "12.05";
    expect(executionReportOf(anOrder(), aRow({ state, remaining, averagePrice }))?.status).toBe(status);
  });

  test("is not believed when it contradicts the order", () => {
    expect(() => executionReportOf(anOrder(), aRow({ quantity: "200", remaining: "100" }))).toThrow(
      "the order has 100",
    );
    expect(() => executionReportOf(anOrder(), aRow({ remaining: "50", averagePrice: "0" }))).toThrow(
      "fills at a price of 0",
    );
  });

  test("in whatever order rows come, fills only grow, stay within the quantity and add up, and every step is allowed", () => {
    const anyRow = fc
      .record({
        filled: fc.integer({ min: 0, max: 100 }),
        average: fc.integer({ min: 1, max: 100_000 }),
        state: fc.constantFrom<ListedState>("OPEN", "PARTIALLY_FILLED", "CANCELLED", "EXPIRED", "REJECTED"),
      })
      .map(({ filled, average, state }) =>
        aRow({ remaining: String(100 - filled), averagePrice: formatPrice(BigInt(average)), state }),
      );
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), (rows) => {
        let order = anOrder();
        let executed = 0n;
        for (const row of rows) {
          if (isFinal(order.status)) expect(executionReportOf(order, row)).toBeUndefined();
          const report = executionReportOf(order, row);
          if (report === undefined) continue;
          expect(canFollow(order.status, report.status)).toBe(true);
          expect(report.filledQuantity >= order.filledQuantity && report.filledQuantity <= order.quantity).toBe(true);
          expect(report.status === "FILLED").toBe(report.filledQuantity === order.quantity);
          executed += report.execution?.quantity ?? 0n;
          expect(executed).toBe(report.filledQuantity);
          order = { ...order, ...report };
        }
      }),
    );
  });
});

describe("the reason of a status", () => {
  test.each([
    ["NOT_SENT_IN_TIME", "NOT_SENT_IN_TIME"],
    ["PRICE_OUT_OF_LIMITS: price 5.00: too low", "PRICE_OUT_OF_LIMITS"],
    ["cancelled before sending", undefined],
    ["AlgoLab SendOrder: TradeLimitInsufficient", undefined],
    [undefined, undefined],
  ])("%p has the code %p, also where it was stored before reasons had codes", (text, code) => {
    expect(reasonCodeOf(text)).toBe(code);
  });

  test("keeps its code when it is stored", () => {
    for (const code of reasonCodes) expect(reasonCodeOf(reasonText({ code, detail: "why: because" }))).toBe(code);
  });

  test.each([
    ["REJECTED", "Emir Reddedildi", "BROKER_REFUSED"],
    ["EXPIRED", "KIE Emri Silindi", "DAY_ORDER_EXPIRED"],
    ["CANCELLED", "Silindi", "BROKER_REPORT"],
  ] as const)("that the broker gives for %s, %s, has the code %s", (state, description, code) => {
    expect(executionReportOf(anOrder(), aRow({ state, description }))?.reason).toEqual({ code, detail: description });
  });
});

describe("an order whose answer was not seen", () => {
  const rules = { resolveDelayMs: 60_000, clockSkewMs: 5_000 };
  const unknown = anOrder({ status: "UNKNOWN", brokerReference: undefined });
  const evidence = (change: Partial<Evidence> = {}): Evidence => ({
    rows: [aRow()],
    listedAt: at(13),
    claimed: new Set(),
    firstSeen: new Map(),
    ...change,
  });

  test("is the only row that asks for the same, is new and belongs to no other order", () => {
    expect(resolveUnknown(unknown, evidence(), rules)).toMatchObject({ outcome: "found", row: { reference: "R1" } });
  });

  test.each<[string, Partial<Evidence>]>([
    ["belongs to another order", { claimed: new Set(["R1"]) }],
    ["was there before the submission", { firstSeen: new Map([["R1", at(9)]]) }],
    ["came before the submission", { rows: [aRow({ receivedAt: at(4) })] }],
    ["asks for another share", { rows: [aRow({ symbol: "AKBNK" })] }],
    ["goes the other way", { rows: [aRow({ side: "SELL" })] }],
    ["asks for another quantity", { rows: [aRow({ quantity: "101" })] }],
    ["asks for another price", { rows: [aRow({ orderPrice: "12.06" })] }],
  ])("is not a row that %s", (_name, change) => {
    expect(resolveUnknown(unknown, evidence(change), rules).outcome).toBe("waiting");
  });

  test("stays in doubt while the row that could be it has no readable time", () => {
    const unreadable = evidence({ rows: [aRow({ receivedAt: undefined })], listedAt: at(72) });
    expect(() => resolveUnknown(unknown, unreadable, rules)).toThrow("row R1 has no readable time");
  });

  test("is found whether the broker lists it with the exchange's feature code or without", () => {
    for (const [placed, symbol] of [
      ["THYAO.E", "THYAO"],
      ["THYAO", "THYAO.E"],
      ["ALTINS1", "ALTIN.S1"],
    ] as const) {
      const found = resolveUnknown({ ...unknown, symbol: placed }, evidence({ rows: [aRow({ symbol })] }), rules);
      expect(found.outcome).toBe("found");
    }
  });

  test("is absent only by a list that was asked for late enough", () => {
    const empty = (listedAt: Date) => resolveUnknown(unknown, evidence({ rows: [], listedAt }), rules).outcome;
    expect([empty(at(13)), empty(at(71)), empty(at(72))]).toEqual(["waiting", "waiting", "absent"]);
  });

  test("is left to a person when two rows could be it, and is found when one row is listed twice", () => {
    const two = evidence({ rows: [aRow(), aRow({ reference: "R2" })] });
    expect(resolveUnknown(unknown, two, rules)).toEqual({ outcome: "ambiguous", references: ["R1", "R2"] });
    expect(resolveUnknown(unknown, evidence({ rows: [aRow(), aRow()] }), rules).outcome).toBe("found");
  });

  test("at any price looks like a market order", () => {
    expect(looksLike(anOrder(), anOrder({ limitPrice: undefined }))).toBe(true);
    expect(looksLike(anOrder(), anOrder({ limitPrice: 12_06n }))).toBe(false);
    expect(resolveUnknown({ ...unknown, limitPrice: undefined }, evidence(), rules).outcome).toBe("found");
  });
});

describe("the checks before an order leaves", () => {
  const monday = (clock: string) => sessionAt(new TradingCalendar(), Date.parse(`2026-11-23T${clock}:00+03:00`));
  const terms = { symbol: "GARAN", side: "BUY", quantity: 1n, limitPrice: 120_50n } as const;
  const limits = { floor: 100_00n, ceiling: 130_00n };
  const codes = (change: object, clock = "11:00") =>
    failedPreTradeChecks({ ...terms, ...change }, { session: monday(clock), limits }).map(({ code }) => code);

  test("let a good order pass", () => {
    expect(codes({})).toEqual([]);
  });

  test.each([
    [{ quantity: 0n }, ["INVALID_QUANTITY"]],
    [{ limitPrice: 120_55n }, ["INVALID_PRICE_TICK"]],
    [{ limitPrice: 130_10n }, ["PRICE_OUT_OF_LIMITS"]],
    [{ limitPrice: 99_95n }, ["PRICE_OUT_OF_LIMITS"]],
    [{ limitPrice: 130_11n, quantity: 0n }, ["INVALID_QUANTITY", "INVALID_PRICE_TICK", "PRICE_OUT_OF_LIMITS"]],
  ])("find all that is wrong with %p", (change, expected) => {
    expect(codes(change)).toEqual(expected);
  });

  test("know when the exchange takes orders, and market orders", () => {
    expect(["09:30", "09:45", "09:57", "11:00", "18:02", "19:00"].map((clock) => codes({}, clock).length)).toEqual([
      1, 0, 1, 0, 0, 1,
    ]);
  });

  test("let market orders into call auctions, and refuse them when the exchange takes no orders", () => {
    const found = (clock: string) => codes({ limitPrice: undefined }, clock);
    expect(["09:45", "11:00", "18:02"].map(found)).toEqual([[], [], []]);
    expect(["09:30", "09:57", "18:00", "18:06", "19:00"].map(found)).toEqual(Array(5).fill(["MARKET_CLOSED"]));
  });

  test.each([
    ["GARAN", 20_01n, ["INVALID_PRICE_TICK"]],
    ["THYAO.E", 20_01n, ["INVALID_PRICE_TICK"]],
    ["ZGOLD", 20_01n, []],
    ["GLDTR", 50_01n, []],
    ["GMSTR.F", 20_01n, []],
    ["ISGLK", 250_01n, []],
    ["ALTINS1", 77_96n, []],
    ["ISGYO.R", 20_01n, []],
    ["AKIAB.V", 20_01n, []],
    ["XYZAB", 20_01n, []],
  ])("judge the price of %s, %s kuruş, by what is known of its kind", (symbol, limitPrice, expected) => {
    const known = { floor: 1n, ceiling: 1_000_00n };
    for (const limits of [undefined, known]) {
      const found = failedPreTradeChecks({ ...terms, symbol, limitPrice }, { session: monday("11:00"), limits });
      expect(found.map(({ code }) => code)).toEqual(expected);
    }
  });

  test("hold a fund, and an instrument of which nothing is known, to the limits that the broker has stated", () => {
    for (const symbol of ["ZGOLD", "XYZAB"])
      expect(codes({ symbol, limitPrice: 130_01n })).toEqual(["PRICE_OUT_OF_LIMITS"]);
  });

  test("let warrants trade at a price and continuously only", () => {
    const warrant = { symbol: "AKIAB.V", limitPrice: 100_01n };
    expect(["09:45", "11:00", "18:02", "18:09"].map((clock) => codes(warrant, clock))).toEqual([
      ["MARKET_CLOSED"],
      [],
      ["MARKET_CLOSED"],
      ["MARKET_CLOSED"],
    ]);
    expect(codes({ ...warrant, limitPrice: undefined })).toEqual(["ORDER_TYPE_NOT_ALLOWED"]);
  });

  test("send no future as if it were a share", () => {
    for (const limitPrice of [undefined, 120_55n]) {
      expect(codes({ symbol: "F_XU0301226", limitPrice })).toEqual(["UNSUPPORTED_INSTRUMENT"]);
    }
    const [first] = failedPreTradeChecks(
      { ...terms, symbol: "F_XU0301226" },
      { session: undefined, limits: undefined },
    );
    expect(first?.detail).toContain("F_XU0301226 trades at the derivatives market (VIOP)");
  });

  test("name the nearest prices that would be right", () => {
    const [first] = failedPreTradeChecks({ ...terms, limitPrice: 120_55n }, { session: undefined, limits: undefined });
    expect(first?.detail).toBe(
      "price 120.55 is not a multiple of 0.10, the tick size at this price; the nearest are 120.50 and 120.60",
    );
  });
});
