import fc from "fast-check";
import {
  nextTradingDay,
  settlementDate,
  startOfIstanbulDate,
  tradingDay,
} from "../../../../app/packages/bist/calendar";
import { continuousTradingMs, fullDay, halfDay, sessionAt } from "../../../../app/packages/bist/calendar-session";

const at = (iso: string) => Date.parse(`${iso}+03:00`);

describe("trading day", () => {
  /** The exchange's published list for 2026, weekdays only. */
  const closed2026 = [
    "2026-01-01",
    "2026-03-20",
    "2026-04-23",
    "2026-05-01",
    "2026-05-19",
    "2026-05-27",
    "2026-05-28",
    "2026-05-29",
    "2026-07-15",
    "2026-10-29",
  ];
  const half2026 = ["2026-03-19", "2026-05-26", "2026-10-28"];
  const closed2027 = [
    "2027-01-01",
    "2027-03-09",
    "2027-03-10",
    "2027-03-11",
    "2027-04-23",
    "2027-05-17",
    "2027-05-18",
    "2027-05-19",
    "2027-07-15",
    "2027-08-30",
    "2027-10-29",
  ];
  const half2027 = ["2027-03-08", "2027-10-28"];

  const weekdaysOf = (year: number) =>
    Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(year, 0, 1 + day)))
      .filter((day) => day.getUTCFullYear() === year && ![0, 6].includes(day.getUTCDay()))
      .map((day) => day.toISOString().slice(0, 10));

  test.each([
    [2026, closed2026, half2026],
    [2027, closed2027, half2027],
  ])("weekdays of %d are full but for the exchange's holidays and half days", (year, closed, half) => {
    const days = weekdaysOf(year).map(tradingDay);
    expect(days.filter(({ kind }) => kind === "CLOSED").map(({ date }) => date)).toEqual(closed);
    expect(days.filter(({ kind }) => kind === "HALF").map(({ date }) => date)).toEqual(half);
  });

  test("a feast's eve on a weekend stays closed", () => {
    expect(tradingDay("2027-05-15")).toMatchObject({ kind: "CLOSED", reason: "weekend" });
  });

  test("says which years the exchange has published", () => {
    expect(tradingDay("2026-11-23").certainty).toBe("PUBLISHED");
    expect(tradingDay("2027-11-23").certainty).toBe("ESTIMATED");
    expect(tradingDay("2031-10-29")).toMatchObject({ kind: "CLOSED", certainty: "ESTIMATED" });
  });

  test("refuses what is not a date", () => {
    expect(() => tradingDay("23.11.2026")).toThrow(/use YYYY-MM-DD/);
  });

  test("the day after a feast is the next full one", () => {
    expect(nextTradingDay("2026-03-19").date).toBe("2026-03-23");
    expect(nextTradingDay("2026-12-31").date).toBe("2027-01-04");
  });

  // As announced for the Ramadan Feast of 2026 and the Republic Day of 2025.
  test.each([
    ["2026-03-17", "2026-03-23"],
    ["2026-03-18", "2026-03-24"],
    ["2026-03-19", "2026-03-24"],
    ["2025-10-24", "2025-10-30"],
    ["2025-10-27", "2025-10-31"],
    ["2025-10-28", "2025-10-31"],
    ["2024-07-26", "2024-07-30"],
  ])("a trade of %s settles on %s", (traded, settles) => {
    expect(settlementDate(traded)).toBe(settles);
  });
});

describe("session", () => {
  test.each([
    ["2026-11-23T09:39:59.999", "CLOSED", "OPENING_COLLECTION", false],
    ["2026-11-23T09:40:00", "OPENING_COLLECTION", "OPENING_MATCH", true],
    ["2026-11-23T09:55:00", "OPENING_MATCH", "CONTINUOUS", false],
    ["2026-11-23T13:00:00", "CONTINUOUS", "MARGIN", true],
    ["2026-11-23T18:00:30", "MARGIN", "CLOSING_COLLECTION", false],
    ["2026-11-23T18:04:59", "CLOSING_COLLECTION", "CLOSING_MATCH", true],
    ["2026-11-23T18:09:59", "TRADES_AT_CLOSE", "CLOSED", true],
    ["2026-11-23T18:10:00", "CLOSED", "OPENING_COLLECTION", false],
    ["2026-10-28T12:29:59", "CONTINUOUS", "MARGIN", true],
    ["2026-10-28T12:40:00", "CLOSED", "OPENING_COLLECTION", false],
  ])("at %s Istanbul time is %s, then %s", (time, phase, nextPhase, acceptsOrders) => {
    expect(sessionAt(at(time))).toMatchObject({ phase, nextPhase, acceptsOrders });
  });

  test("after Friday's close comes Monday's opening collection", () => {
    expect(sessionAt(at("2026-11-20T19:00:00")).untilMs).toBe(at("2026-11-23T09:40:00"));
  });

  test("counts only continuous trading", () => {
    expect(continuousTradingMs(at("2026-11-20T17:00:00"), at("2026-11-23T10:30:00"))).toBe(90 * 60_000);
    expect(continuousTradingMs(at("2026-10-28T00:00:00"), at("2026-10-30T00:00:00"))).toBe(150 * 60_000);
  });

  const instants = fc.integer({ min: at("2025-01-01T00:00:00"), max: at("2028-12-31T00:00:00") });

  test("a phase holds until its end, and the announced one follows", () => {
    fc.assert(
      fc.property(instants, (now) => {
        const { phase, untilMs, nextPhase } = sessionAt(now);
        expect(untilMs).toBeGreaterThan(now);
        expect(sessionAt(untilMs - 1).phase).toBe(phase);
        expect(sessionAt(untilMs).phase).toBe(nextPhase);
      }),
    );
  });

  test("the market is closed on closed days and open for the table's hours on others", () => {
    fc.assert(
      fc.property(instants, (now) => {
        const { day } = sessionAt(now);
        const start = startOfIstanbulDate(day.date);
        const hours = { FULL: 8, HALF: 2.5, CLOSED: 0 }[day.kind];
        expect(continuousTradingMs(start, start + 86_400_000)).toBe(hours * 3_600_000);
      }),
    );
  });

  test("each table runs forward and ends closed", () => {
    for (const rows of [fullDay, halfDay]) {
      expect(rows.map(({ from }) => from)).toEqual(rows.map(({ from }) => from).sort());
      expect(rows.at(-1)?.phase).toBe("CLOSED");
    }
  });
});
