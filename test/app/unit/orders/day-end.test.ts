import fc from "fast-check";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { endOfDay, lastFillAt, resolveEnd } from "../../../../app/services/broker-integration/domain/day-end";
import type { Stated } from "../../../../app/services/broker-integration/domain/day-end";
import { anOrder } from "../../support/orders";

const calendar = new TradingCalendar();
const istanbul = (text: string) => new Date(`${text}+03:00`);

describe("the last fill of a day", () => {
  test.each([
    ["2026-11-23", "exchange", "2026-11-23T18:10:00"],
    // Half of the day before the national holiday.
    ["2026-10-28", "exchange", "2026-10-28T12:40:00"],
    ["2026-11-22", "exchange", "2026-11-22T23:59:59"],
    ["2026-11-23", "always", "2026-11-23T23:59:59"],
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
    ["all of it in the statement", {}, stated(100n), undefined, morning, "FILLED"],
    ["more than it asked for", {}, stated(101n), undefined, morning, "CONTRADICTION"],
    ["a part, seen once", {}, stated(60n), undefined, morning, "WAITING"],
    ["a part that grew", {}, stated(60n), 40n, morning, "WAITING"],
    ["the same part twice", {}, stated(60n), 60n, morning, "EXPIRED"],
    ["less than was seen before", partly, stated(20n), 20n, late, "WAITING"],
    ["what was seen before, twice", partly, stated(40n), 40n, morning, "EXPIRED"],
    ["nothing, in the morning", {}, stated(0n), 0n, morning, "WAITING"],
    ["nothing, the day after settlement", {}, stated(0n), 0n, afterSettlement, "WAITING"],
    ["nothing, a trading day later", {}, stated(0n), 0n, late, "EXPIRED"],
    ["nothing of what was seen before", partly, stated(0n), 0n, late, "WAITING"],
    ["a row that cannot be read, and nothing else", {}, stated(0n, true), 0n, late, "WAITING"],
    ["a row without a text, and nothing else", {}, incomplete(0n), 0n, late, "WAITING"],
    ["a row without a text beside a part", {}, incomplete(60n), 60n, late, "WAITING"],
    ["a row without a text beside all of it", {}, incomplete(100n), undefined, morning, "FILLED"],
    ["nothing where a part was at the look before", {}, stated(0n), 60n, late, "WAITING"],
    ["a row that cannot be read beside a part", {}, stated(60n, true), 60n, late, "WAITING"],
  ])("with %s", (_name, change, found, before, askedOn, resolution) => {
    expect(resolveEnd(anOrder(change), found, before, askedOn, calendar)).toBe(resolution);
  });

  test("never loses a fill, whenever its rows appear", () => {
    // Each row of the order's fills appears at one of the looks; a row that was there stays.
    const looks = fc.array(fc.record({ lots: fc.bigInt({ min: 1n, max: 50n }), look: fc.constantFrom(0, 1, 3) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(looks, (fills) => {
        // Rows of one order appear together: in the evening, in the morning or after settlement.
        const appears = fills[0]?.look ?? 0;
        const all = fills.reduce((sum, { lots }) => sum + lots, 0n);
        const order = anOrder({ quantity: 200n });
        let before: bigint | undefined;
        for (const [look, day] of ["2026-11-24", "2026-11-24", "2026-11-25", "2026-11-25", late, late].entries()) {
          const quantity = look >= appears ? all : 0n;
          const resolution = resolveEnd(order, stated(quantity), before, day, calendar);
          if (resolution === "FILLED" || resolution === "EXPIRED") {
            expect(quantity).toBe(all);
            return;
          }
          before = quantity;
        }
        throw new Error("the order never ended");
      }),
    );
  });
});
