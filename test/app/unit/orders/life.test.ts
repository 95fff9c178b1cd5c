import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { sessionAt } from "../../../../app/packages/bist/calendar-session";
import { failedPreTradeChecks } from "../../../../app/services/broker-integration/domain/pre-trade-checks";
import {
  canBeCorrected,
  canFollow,
  corrections,
  isFinal,
  looksLike,
  orderStatuses,
  transitions,
} from "../../../../app/services/broker-integration/domain/order";
import type { Order } from "../../../../app/services/broker-integration/domain/order";
import type { ListedOrder, ListedProgress } from "../../../../app/services/broker-integration/domain/listed-order";
import { executionReportOf } from "../../../../app/services/broker-integration/domain/execution-report";
import {
  averageFillPrice as averageOf,
  fillBounds,
  stepOf,
} from "../../../../app/services/broker-integration/domain/fill-price";
import { reasonCodeOf, reasonCodes, reasonText } from "../../../../app/services/broker-integration/domain/reason";
import { anOrder, aRow, at } from "../../support/orders";
import { resolveUnknown } from "../../../../app/services/broker-integration/domain/resolve-unknown";
import type { Evidence } from "../../../../app/services/broker-integration/domain/resolve-unknown";

describe("the life of an order", () => {
  test("is the same here and in the database", () => {
    const migrations = join(__dirname, "../../../../app/database/migrations");
    const sql = readdirSync(migrations).map((name) => readFileSync(join(migrations, name), "utf8"));
    const inserted = sql.flatMap((text) => [...text.matchAll(/INSERT INTO order_transitions VALUES([^;]+);/g)].join());
    const there = [...inserted.join().matchAll(/\('(\w+)', '(\w+)'\)/g)].map(([, from, to]) => `${from} ${to}`);
    const put = Object.entries(corrections).flatMap(([from, all]) => all.map((to) => `${from} ${to}`));
    const here = [...orderStatuses.flatMap((from) => transitions[from].map((to) => `${from} ${to}`)), ...put];
    expect([...new Set(there)].toSorted()).toEqual(here.toSorted());
  });

  test("sends an order at most once: nothing leads back to before the submission", () => {
    const reachable = new Set(["SUBMITTING"]);
    for (const from of reachable) for (const to of transitions[from as "SUBMITTING"]) reachable.add(to);
    expect(reachable.has("CREATED")).toBe(false);
    expect(transitions.SUBMITTING).not.toContain("SUBMITTING");
    for (const status of orderStatuses) expect(canFollow(status, "SUBMITTING")).toBe(status === "CREATED");
  });

  test("is only put right after its end: it does not live on, and stays filled", () => {
    for (const from of orderStatuses) {
      const all = orderStatuses.filter((to) => canBeCorrected(from, to));
      expect(all.length > 0).toBe(isFinal(from) && from !== "REJECTED");
      for (const to of all) expect([from, "FILLED"]).toContain(to);
    }
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
  const reportOf = (row: Partial<ListedOrder>, order: Partial<Order> = {}) =>
    executionReportOf(anOrder(order), aRow(row));

  test.each<[ListedProgress | undefined, bigint, string | undefined]>([
    ["OPEN", 0n, undefined],
    ["CANCELLED", 0n, "CANCELLED"],
    ["CANCELLED", 60n, "CANCELLED"],
    ["CANCELLED", 100n, "FILLED"],
    ["REJECTED", 0n, "REJECTED"],
    ["REJECTED", 60n, "CANCELLED"],
    ["EXPIRED", 0n, "EXPIRED"],
    ["EXPIRED", 60n, "EXPIRED"],
    ["OPEN", 60n, "PARTIALLY_FILLED"],
    ["OPEN", 100n, "FILLED"],
    // FILLED is what was filled in full, whatever the words are.
    ["FILLED", 60n, "PARTIALLY_FILLED"],
    [undefined, 0n, undefined],
    [undefined, 60n, "PARTIALLY_FILLED"],
    [undefined, 100n, "FILLED"],
  ])("%s with %s filled means %s", (progress, filled, status) => {
    const report = reportOf({ progress, filled, averagePrice: filled === 0n ? "0" : "12.05" });
    expect(report?.status).toBe(status);
    if (report) expect(report.filledQuantity).toBe(filled);
  });

  test.each(["0", "", "0.00", "999999999999999999", undefined])(
    "counts the fills also at a price of %p, which is none",
    (averagePrice) => {
      const price = averagePrice === "" ? undefined : averagePrice;
      expect(reportOf({ filled: 60n, averagePrice: price })).toMatchObject({
        status: "PARTIALLY_FILLED",
        filledQuantity: 60n,
        averagePrice: undefined,
      });
    },
  );

  test.each<keyof ListedOrder>(["symbol", "side", "orderPrice", "receivedAt", "averagePrice", "quantity"])(
    "counts the fills of a row of ours also where its %s cannot be read",
    (field) => {
      expect(reportOf({ filled: 100n, [field]: undefined })).toMatchObject({ status: "FILLED", filledQuantity: 100n });
    },
  );

  test("does not end an order whose fills cannot be read", () => {
    expect(reportOf({ filled: undefined, progress: "CANCELLED" })).toBeUndefined();
  });

  test("is not believed when it contradicts the order, or is older than what is known", () => {
    expect(() => reportOf({ quantity: 200n })).toThrow("the order has 100");
    expect(() => reportOf({ filled: 101n })).toThrow("the order has 100");
    const partly = { status: "PARTIALLY_FILLED", filledQuantity: 60n } as const;
    expect(reportOf({ filled: 40n, progress: "CANCELLED" }, partly)).toBeUndefined();
  });

  test("gives the price that is in force, whatever a request for another was answered", () => {
    expect(reportOf({ orderPrice: 12_06n })).toMatchObject({ status: "ACCEPTED", limitPrice: 12_06n });
    expect(reportOf({ orderPrice: 0n })).toBeUndefined();
    expect(reportOf({ orderPrice: 12_06n }, { limitPrice: undefined })).toBeUndefined();
  });

  test("is news when the broker corrects its average", () => {
    const partly = { status: "PARTIALLY_FILLED", filledQuantity: 60n, averageFillPrice: "12.050000" } as const;
    expect(reportOf({ filled: 60n, averagePrice: "12.0500" }, partly)).toBeUndefined();
    expect(reportOf({ filled: 60n, averagePrice: "12.04" }, partly)).toMatchObject({ averagePrice: "12.04" });
  });

  test("is no news when it repeats an average, whatever the places that its storage cut", () => {
    const averages = fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 99_999_999 }), fc.constantFrom(6, 7, 8, 9))
      .map(([whole, fraction, places]) => `${whole}.${String(fraction).padStart(places, "0")}5`);
    const partly = { status: "PARTIALLY_FILLED", filledQuantity: 60n } as const;
    fc.assert(
      fc.property(averages, (averagePrice) => {
        const step = stepOf({ quantity: 0n, amount: "0" }, 60n, averagePrice, fillBounds("BUY", [], undefined));
        const averageFillPrice = averageOf(averagePrice, { quantity: 0n, amount: "0" }, step);
        expect(reportOf({ filled: 60n, averagePrice }, { ...partly, averageFillPrice })).toBeUndefined();
      }),
    );
    expect(averageOf("12.0500005", { quantity: 0n, amount: "0" }, undefined)).toBe("12.050001");
  });

  test("in whatever order rows come, fills only grow, stay within the quantity and every step is allowed", () => {
    const anyRow = fc
      .record({
        filled: fc.option(fc.bigInt({ min: 0n, max: 100n }), { nil: undefined }),
        averagePrice: fc.constantFrom("0", "12.05", "0.000001", "1234567890123456789", undefined),
        progress: fc.constantFrom<ListedProgress | undefined>(
          "OPEN",
          "FILLED",
          "CANCELLED",
          "EXPIRED",
          "REJECTED",
          undefined,
        ),
        orderPrice: fc.constantFrom(12_05n, 12_06n, 0n, undefined),
      })
      .map(aRow);
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), (rows) => {
        let order = anOrder();
        for (const row of rows) {
          const report = executionReportOf(order, row);
          if (isFinal(order.status)) expect(report).toBeUndefined();
          if (report === undefined) continue;
          expect(canFollow(order.status, report.status)).toBe(true);
          expect(report.filledQuantity >= order.filledQuantity && report.filledQuantity <= order.quantity).toBe(true);
          expect(report.filledQuantity).toBe(row.filled);
          expect(report.status === "FILLED").toBe(report.filledQuantity === order.quantity);
          const { status, filledQuantity, limitPrice = order.limitPrice } = report;
          order = { ...order, status, filledQuantity, limitPrice };
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

  test.each<[ListedProgress, bigint, string, string | undefined]>([
    ["REJECTED", 0n, "Emir Reddedildi", "BROKER_REFUSED: Emir Reddedildi"],
    ["REJECTED", 40n, "Emir Reddedildi", "BROKER_REFUSED: Emir Reddedildi"],
    ["EXPIRED", 0n, "KIE Emri Silindi", "DAY_ORDER_EXPIRED: KIE Emri Silindi"],
    ["CANCELLED", 0n, "Silindi", "BROKER_REPORT: Silindi"],
    ["CANCELLED", 40n, "Gerçekleşti", "ENDED_IN_PART: 40 of 100 lots were filled (Gerçekleşti)"],
    ["CANCELLED", 100n, "Silindi", undefined],
    ["OPEN", 40n, "İyileştirme Reddedildi", undefined],
    ["FILLED", 100n, "Gerçekleşti", undefined],
  ])(
    "for %s with %s filled, %s, says why it ended, and nothing of what is open or filled",
    (progress, filled, description, reason) => {
      const report = executionReportOf(anOrder(), aRow({ progress, filled, description, averagePrice: "12.05" }));
      expect(report?.reason && reasonText(report.reason)).toBe(reason);
    },
  );
});

describe("an order whose answer was not seen", () => {
  const rules = { resolveDelayMs: 60_000, clockSkewMs: 5_000, requestTimeoutMs: 15_000 };
  const unknown = anOrder({ status: "UNKNOWN", brokerReference: undefined });
  const evidence = (change: Partial<Evidence> = {}): Evidence => ({
    rows: [aRow()],
    listedAt: at(13),
    claimed: new Set(),
    firstSeen: new Map(),
    elsewhere: new Set(),
    ...change,
  });

  test("is the only row that asks for the same, is new and belongs to no other order", () => {
    expect(resolveUnknown(unknown, evidence(), rules)).toEqual({ outcome: "found", reference: "R1" });
  });

  test.each<[string, Partial<Evidence>]>([
    ["belongs to another order", { claimed: new Set(["R1"]) }],
    ["was there before the submission", { firstSeen: new Map([["R1", at(9)]]) }],
    ["came before the submission", { rows: [aRow({ receivedAt: at(4) })] }],
    ["asks for another share", { rows: [aRow({ symbol: "AKBNK" })] }],
    ["goes the other way", { rows: [aRow({ side: "SELL" })] }],
    ["asks for another quantity", { rows: [aRow({ quantity: 101n })] }],
    ["asks for another price", { rows: [aRow({ orderPrice: 12_06n })] }],
  ])("is not a row that %s", (_name, change) => {
    expect(resolveUnknown(unknown, evidence(change), rules).outcome).toBe("waiting");
  });

  const unreadable = ["reference", "symbol", "side", "quantity", "orderPrice", "receivedAt"] as const;

  test.each(unreadable)("stays in doubt while a row that could be it has no readable %s", (field) => {
    const row = aRow({ [field]: undefined });
    expect(resolveUnknown(unknown, evidence({ rows: [row], listedAt: at(72) }), rules).outcome).toBe("waiting");
    const two = evidence({ rows: [aRow({ reference: "R2" }), row] });
    const references = ["R2", row.reference ?? ""];
    expect(resolveUnknown(unknown, two, rules)).toEqual({ outcome: "ambiguous", references });
  });

  test.each(unreadable.slice(1))("is no row that another field excludes, though its %s cannot be read", (field) => {
    const row = aRow({ [field]: undefined, ...(field === "side" ? { symbol: "AKBNK" } : { side: "SELL" }) });
    expect(resolveUnknown(unknown, evidence({ rows: [row], listedAt: at(72) }), rules).outcome).toBe("absent");
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

  test("is not absent by a list without an order that is known of the day", () => {
    const late = (change: Partial<Evidence>) => evidence({ rows: [], listedAt: at(72), ...change });
    const other = aRow({ reference: "R9", symbol: "AKBNK" });
    for (const known of [{ claimed: new Set(["R9"]) }, { firstSeen: new Map([["R9", at(1)]]) }]) {
      expect(resolveUnknown(unknown, late(known), rules).outcome).toBe("waiting");
      expect(resolveUnknown(unknown, late({ ...known, rows: [other] }), rules).outcome).toBe("absent");
      expect(resolveUnknown(unknown, late({ ...known, elsewhere: new Set(["R9"]) }), rules).outcome).toBe("absent");
    }
  });

  test.each([
    ["23:58:00", "absent"],
    ["23:59:39", "absent"],
    ["23:59:40", "waiting"],
    ["23:59:59", "waiting"],
  ])("asked for at %s, when the answer may be of the next day, is %s", (time, outcome) => {
    const listedAt = new Date(`${unknown.tradingDay ?? ""}T${time}+03:00`);
    expect(resolveUnknown(unknown, evidence({ rows: [], listedAt }), rules).outcome).toBe(outcome);
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
