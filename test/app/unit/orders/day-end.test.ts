import fc from "fast-check";
import { parseAccountStatement } from "../../../../app/packages/algolab/account-statement";
import { istanbulDate, TradingCalendar } from "../../../../app/packages/bist/calendar";
import { Account } from "../../../../app/packages/simulator/account";
import { habits, habitsOf } from "../../../../app/packages/simulator/habits";
import type { Habits } from "../../../../app/packages/simulator/habits";
import { statementRows } from "../../../../app/packages/simulator/statement-rows";
import { endOfDay, lastFillAt, resolveEnd } from "../../../../app/services/broker-integration/domain/day-end";
import type { Stated } from "../../../../app/services/broker-integration/domain/day-end";
import { statedOf } from "../../../../app/services/broker-integration/execution/find-ends";
import { anOrder } from "../../support/orders";

const calendar = new TradingCalendar();
const istanbul = (text: string) => new Date(`${text}+03:00`);

describe("the last fill of a day", () => {
  test.each([
    ["2026-11-23", "exchange", "2026-11-23T18:10:00"],
    // Half of the day before the national holiday.
    ["2026-10-28", "exchange", "2026-10-28T12:40:00"],
    ["2026-11-22", "exchange", "2026-11-22T23:59:59"],
    ["2026-11-23", "always", "2026-11-23T23:58:00"],
  ] as const)("of %s, %s, can be at %s", (day, hours, time) => {
    expect(new Date(lastFillAt(day, { hours, calendar }))).toEqual(istanbul(time));
  });
});

describe("an order that was open when its day ended", () => {
  const config = { hours: "exchange", calendar, resolveDelayMs: 60_000 } as const;
  test.each([
    ["2026-11-23T18:11:00", "EXPIRED", "DAY_ORDER_EXPIRED"],
    ["2026-11-23T18:10:59", "UNKNOWN", "END_NOT_KNOWN"],
    ["2026-11-23T10:00:00", "UNKNOWN", "END_NOT_KNOWN"],
    [undefined, "UNKNOWN", "END_NOT_KNOWN"],
  ])("and was listed last at %s is %s, %s", (listedAt, status, code) => {
    const end = endOfDay(anOrder(), listedAt === undefined ? undefined : istanbul(listedAt), config);
    expect(end).toMatchObject({ status, reason: { code } });
  });

  test.each([
    ["2026-11-23T23:59:00", "EXPIRED"],
    ["2026-11-23T23:58:59", "UNKNOWN"],
  ])("at a broker without hours, and was listed last at %s, is %s", (listedAt, status) => {
    expect(endOfDay(anOrder(), istanbul(listedAt), { ...config, hours: "always" })).toMatchObject({ status });
  });
});

describe("an order whose end was not seen", () => {
  const stated = (quantity: bigint, isUnreadable = false): Stated => ({
    quantity,
    amount: "1",
    isUnreadable,
    isIncomplete: false,
  });
  const incomplete = (quantity: bigint): Stated => ({ ...stated(quantity), isIncomplete: true });
  const [morning, afterSettlement, late] = ["2026-11-24", "2026-11-26", "2026-11-27"];
  const partly = { filledQuantity: 40n };

  test.each([
    ["all of it in the statement", {}, stated(100n), 100n, morning, "FILLED"],
    ["more than it asked for", {}, stated(101n), 101n, morning, "CONTRADICTION"],
    ["a part, in the morning", {}, stated(60n), 60n, morning, "WAITING"],
    ["a part, the day after settlement", {}, stated(60n), 60n, afterSettlement, "WAITING"],
    ["a part, a trading day later", {}, stated(60n), 60n, late, "EXPIRED"],
    ["less than was seen before", {}, stated(20n), 60n, late, "WAITING"],
    ["less than was listed", partly, stated(20n), 20n, late, "WAITING"],
    ["what was listed, a trading day later", partly, stated(40n), 40n, late, "EXPIRED"],
    ["nothing, in the morning", {}, stated(0n), 0n, morning, "WAITING"],
    ["nothing, the day after settlement", {}, stated(0n), 0n, afterSettlement, "WAITING"],
    ["nothing, a trading day later", {}, stated(0n), 0n, late, "EXPIRED"],
    ["nothing of what was listed", partly, stated(0n), 0n, late, "WAITING"],
    ["a row that cannot be read, and nothing else", {}, stated(0n, true), 0n, late, "WAITING"],
    ["a row without a text, and nothing else", {}, incomplete(0n), 0n, late, "WAITING"],
    ["a row without a text beside a part", {}, incomplete(60n), 60n, late, "WAITING"],
    ["a row without a text beside all of it", {}, incomplete(100n), 100n, morning, "FILLED"],
    ["nothing where a part was once", {}, stated(0n), 60n, late, "WAITING"],
    ["a row that cannot be read beside a part", {}, stated(60n, true), 60n, late, "WAITING"],
  ])("with %s", (_name, change, found, most, askedOn, resolution) => {
    expect(resolveEnd(anOrder(change), found, most, askedOn, calendar)).toBe(resolution);
  });

  const someFills = fc.array(fc.record({ lots: fc.bigInt(1n, 50n), kurus: fc.bigInt(11_00n, 13_00n) }), {
    maxLength: 6,
  });

  /** Looks at the simulator's statement every few hours, from the evening of the order's day on. */
  function ends(habit: Habits, fills: readonly { lots: bigint; kurus: bigint }[], everyHours: number): void {
    const all = fills.reduce((sum, { lots }) => sum + lots, 0n);
    const order = anOrder({ quantity: 300n, status: "UNKNOWN" });
    const account = new Account("1", 10n ** 12n);
    const { brokerReference: reference = "", symbol, side, tradingDay = "" } = order;
    for (const [minute, { lots: quantity, kurus: price }] of fills.entries()) {
      const time = istanbul(`${tradingDay}T15:00:00`).getTime() + minute * 60_000;
      account.book({ at: new Date(time), reference, symbol, side, quantity, price });
    }
    let most = 0n;
    const first = istanbul(`${tradingDay}T20:30:00`).getTime();
    for (let at = first; at < first + 10 * 86_400_000; at += everyHours * 3_600_000) {
      const now = new Date(at);
      const rows = statementRows(account, istanbul(`${tradingDay}T00:00:00`), now, now, habit);
      const { equity } = parseAccountStatement({ accountextre: rows, viopextre: [] });
      const found = statedOf(order, equity);
      most = found.quantity > most ? found.quantity : most;
      const resolution = resolveEnd(order, found, most, istanbulDate(at), calendar);
      if (resolution === "WAITING") continue;
      expect({ resolution, quantity: found.quantity }).toEqual({
        resolution: all === order.quantity ? "FILLED" : "EXPIRED",
        quantity: all,
      });
      return;
    }
    throw new Error("the order never ended");
  }

  test.each(habits.map((habit, index) => [index, habit] as const))(
    "ends with every fill, whenever its rows appear, under the habits %#",
    (_index, habit) => {
      fc.assert(
        fc.property(someFills, fc.integer({ min: 1, max: 30 }), (fills, everyHours) => {
          ends(habit, fills, everyHours);
        }),
        { numRuns: 50 },
      );
    },
  );

  test("ends with every fill under habits that are drawn", () => {
    const seeds = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(seeds, someFills, fc.integer({ min: 1, max: 30 }), (seed, fills, everyHours) => {
        ends(habitsOf(seed), fills, everyHours);
      }),
      { numRuns: 300 },
    );
  });
});
