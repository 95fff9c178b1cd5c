import fc from "fast-check";
import { startOfIstanbulDate, TradingCalendar } from "../../../../app/packages/bist/calendar";
import { continuousTradingMs, fullDay, halfDay, sessionAt } from "../../../../app/packages/bist/calendar-session";
import { calendarChangesText, sessionPhases } from "../../../../app/packages/contract/calendar-changes";
import type { CalendarChanges, PhaseRow } from "../../../../app/packages/contract/calendar-changes";

const at = (iso: string) => Date.parse(`${iso}+03:00`);
const calendar = new TradingCalendar();

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
    const days = weekdaysOf(year).map((date) => calendar.day(date));
    expect(days.filter(({ kind }) => kind === "CLOSED").map(({ date }) => date)).toEqual(closed);
    expect(days.filter(({ kind }) => kind === "HALF").map(({ date }) => date)).toEqual(half);
  });

  test("a feast's eve on a weekend stays closed", () => {
    expect(calendar.day("2027-05-15")).toMatchObject({ kind: "CLOSED", reason: "weekend" });
  });

  test("says which years the exchange has published", () => {
    expect(calendar.day("2026-11-23").certainty).toBe("PUBLISHED");
    expect(calendar.day("2027-11-23").certainty).toBe("ESTIMATED");
    expect(calendar.day("2031-10-29")).toMatchObject({ kind: "CLOSED", certainty: "ESTIMATED" });
  });

  test("refuses what is not a date", () => {
    expect(() => calendar.day("23.11.2026")).toThrow(/use YYYY-MM-DD/);
  });

  test("the day after a feast is the next full one", () => {
    expect(calendar.nextTradingDay("2026-03-19").date).toBe("2026-03-23");
    expect(calendar.nextTradingDay("2026-12-31").date).toBe("2027-01-04");
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
    expect(calendar.settlementDate(traded)).toBe(settles);
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
    expect(sessionAt(calendar, at(time))).toMatchObject({ phase, nextPhase, acceptsOrders });
  });

  test("after Friday's close comes Monday's opening collection", () => {
    expect(sessionAt(calendar, at("2026-11-20T19:00:00")).untilMs).toBe(at("2026-11-23T09:40:00"));
  });

  test("counts only continuous trading", () => {
    expect(continuousTradingMs(calendar, at("2026-11-20T17:00:00"), at("2026-11-23T10:30:00"))).toBe(90 * 60_000);
    expect(continuousTradingMs(calendar, at("2026-10-28T00:00:00"), at("2026-10-30T00:00:00"))).toBe(150 * 60_000);
  });

  const instants = fc.integer({ min: at("2025-01-01T00:00:00"), max: at("2028-12-31T00:00:00") });

  test("a phase holds until its end, and the announced one follows", () => {
    fc.assert(
      fc.property(instants, (now) => {
        const { phase, untilMs, nextPhase } = sessionAt(calendar, now);
        expect(untilMs).toBeGreaterThan(now);
        expect(sessionAt(calendar, untilMs - 1).phase).toBe(phase);
        expect(sessionAt(calendar, untilMs).phase).toBe(nextPhase);
      }),
    );
  });

  test("the market is closed on closed days and open for the table's hours on others", () => {
    fc.assert(
      fc.property(instants, (now) => {
        const { day } = sessionAt(calendar, now);
        const start = startOfIstanbulDate(day.date);
        const hours = { FULL: 8, HALF: 2.5, CLOSED: 0 }[day.kind];
        expect(continuousTradingMs(calendar, start, start + 86_400_000)).toBe(hours * 3_600_000);
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

describe("changes of the calendar by configuration", () => {
  const changed = (changes: Partial<CalendarChanges>) => new TradingCalendar({ feasts: [], days: [], ...changes });
  const feasts2028 = { certainty: "PUBLISHED", ramadanFeast: "2028-02-26", sacrificeFeast: "2028-05-05" } as const;

  test.each([
    ["a closing", { date: "2026-11-23", kind: "CLOSED", reason: "earthquake" }, 0],
    ["a half day", { date: "2026-12-31", kind: "HALF", reason: "New Year's Eve" }, 2.5],
    ["a session on a weekend", { date: "2026-11-28", kind: "FULL", reason: "exercise" }, 8],
    ["a session on a holiday", { date: "2026-10-29", kind: "HALF", reason: "decision 2026/9" }, 2.5],
    ["a holiday that is none after all", { date: "2027-03-11", kind: "FULL", reason: "the feast began earlier" }, 8],
  ] as const)("enter %s", (_what, day, hours) => {
    const start = startOfIstanbulDate(day.date);
    const other = changed({ days: [day] });
    expect(other.day(day.date)).toEqual({ ...day, certainty: "PUBLISHED" });
    expect(continuousTradingMs(other, start, start + 86_400_000)).toBe(hours * 3_600_000);
    // Nothing else is touched.
    for (const near of [-3, -2, -1, 1, 2, 3].map((days) => start + days * 86_400_000 + 3 * 3_600_000)) {
      const date = new Date(near).toISOString().slice(0, 10);
      expect(other.day(date)).toEqual(calendar.day(date));
    }
  });

  test("are seen by orders, by sessions and by settlement", () => {
    const other = changed({ days: [{ date: "2026-11-24", kind: "CLOSED", reason: "earthquake" }] });
    expect(sessionAt(other, at("2026-11-24T11:00:00"))).toMatchObject({ phase: "CLOSED", acceptsOrders: false });
    expect(sessionAt(other, at("2026-11-23T19:00:00")).untilMs).toBe(at("2026-11-25T09:40:00"));
    expect([calendar, other].map((one) => one.settlementDate("2026-11-23"))).toEqual(["2026-11-25", "2026-11-26"]);
  });

  test("give a day hours of its own: a late opening, a pause, an early end", () => {
    const phases: PhaseRow[] = [
      { from: "10:30", phase: "OPENING_COLLECTION" },
      { from: "11:00", phase: "CONTINUOUS" },
      { from: "13:00", phase: "CLOSED" },
      { from: "14:00", phase: "CONTINUOUS" },
      { from: "15:30", phase: "CLOSED" },
    ];
    const other = changed({ days: [{ date: "2026-11-24", kind: "FULL", reason: "failure of a system", phases }] });
    const phaseAt = (time: string) => sessionAt(other, at(`2026-11-24T${time}:00`)).phase;
    expect(["09:50", "10:30", "12:59", "13:00", "14:00", "15:30", "17:00"].map(phaseAt)).toEqual([
      ...["CLOSED", "OPENING_COLLECTION", "CONTINUOUS", "CLOSED", "CONTINUOUS", "CLOSED", "CLOSED"],
    ]);
    expect(sessionAt(other, at("2026-11-23T19:00:00"))).toMatchObject({
      untilMs: at("2026-11-24T10:30:00"),
      nextPhase: "OPENING_COLLECTION",
    });
    expect(continuousTradingMs(other, at("2026-11-24T00:00:00"), at("2026-11-25T00:00:00"))).toBe(3.5 * 3_600_000);
  });

  test("enter feasts of a further year, and correct those that were estimated", () => {
    const corrected = { certainty: "PUBLISHED", ramadanFeast: "2027-03-10", sacrificeFeast: "2027-05-17" } as const;
    const other = changed({ feasts: [feasts2028, corrected] });
    expect(["2028-02-25", "2028-02-28", "2028-02-29"].map((date) => other.day(date).kind)).toEqual([
      ...["HALF", "CLOSED", "FULL"],
    ]);
    expect(calendar.day("2028-02-28").kind).toBe("FULL");
    expect(["2027-03-08", "2027-03-09", "2027-03-12"].map((date) => other.day(date).kind)).toEqual([
      ...["FULL", "HALF", "CLOSED"],
    ]);
    expect(other.day("2027-06-01").certainty).toBe("PUBLISHED");
  });

  test("move the end of what was entered by the years that follow without a hole", () => {
    const feasts2029 = { certainty: "ESTIMATED", ramadanFeast: "2029-02-14", sacrificeFeast: "2029-04-24" } as const;
    expect(calendar.endMs).toBe(at("2028-01-01T00:00:00"));
    expect(changed({ feasts: [feasts2028] }).endMs).toBe(at("2029-01-01T00:00:00"));
    expect(changed({ feasts: [feasts2029] }).endMs).toBe(calendar.endMs);
    expect(changed({ feasts: [feasts2029, feasts2028] }).endMs).toBe(at("2030-01-01T00:00:00"));
  });

  const clock = (minute: number) => new Date(minute * 60_000).toISOString().slice(11, 16);
  const anyPhases = fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 0, max: 1_438 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.constantFrom(...sessionPhases), { minLength: 6, maxLength: 6 }),
    )
    .map(([minutes, phases]): PhaseRow[] => [
      ...minutes
        .toSorted((one, other) => one - other)
        .map((minute, index) => ({
          from: clock(minute),
          phase: index === 0 ? "CONTINUOUS" : (phases[index] ?? "MARGIN"),
        })),
      { from: "23:59", phase: "CLOSED" },
    ]);
  const anyDay = fc
    .record({
      date: fc
        .integer({ min: 0, max: 700 })
        .map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)),
      kind: fc.constantFrom("FULL" as const, "HALF" as const, "CLOSED" as const),
      reason: fc.string({ minLength: 1 }),
      phases: fc.option(anyPhases, { nil: undefined }),
    })
    .map(({ phases, ...day }) => (phases === undefined || day.kind === "CLOSED" ? day : { ...day, phases }));
  const anyDays = fc.uniqueArray(anyDay, { selector: ({ date }) => date, maxLength: 20 });

  test("come out of the variable as they went in, and every phase holds until the next, whatever they are", () => {
    fc.assert(
      fc.property(
        anyDays,
        fc.integer({ min: at("2026-01-01T00:00:00"), max: at("2027-12-31T00:00:00") }),
        (days, now) => {
          const read = calendarChangesText.parse(JSON.stringify({ days }));
          expect(read).toEqual({ feasts: [], days });
          const other = new TradingCalendar(read);
          const { phase, untilMs, nextPhase } = sessionAt(other, now);
          expect(untilMs).toBeGreaterThan(now);
          expect(sessionAt(other, untilMs - 1).phase).toBe(phase);
          expect(sessionAt(other, untilMs).phase).toBe(nextPhase);
        },
      ),
    );
  });

  test.each([
    ["{", [/JSON/]],
    ["", [/JSON/]],
    ["null", [/expected object/]],
    ["[]", [/expected object/]],
    ['{"closed":["2026-11-23"]}', [/closed/]],
    ['{"days":{"2026-11-23":"CLOSED"}}', [/days: .*expected array/]],
    ['{"days":[{"date":"2026-02-29","kind":"CLOSED","reason":"x"}]}', ["days.0.date: is not a date; use YYYY-MM-DD"]],
    ['{"days":[{"date":"23.11.2026","kind":"CLOSED","reason":"x"}]}', ["days.0.date: is not a date; use YYYY-MM-DD"]],
    ['{"days":[{"date":"2026-11-23","kind":"OPEN"},null]}', [/days.0.kind/, /days.0.reason/, /days.1/]],
    [
      '{"days":[{"date":"2026-11-23","kind":"CLOSED","reason":""},{"date":"2026-11-23","kind":"HALF","reason":"x"}]}',
      ["days.0.reason: is empty; say what a trader should read", "days: name a date twice; give each once"],
    ],
    [
      '{"days":[{"date":"2026-11-23","kind":"CLOSED","reason":"x","phases":[{"from":"10:00","phase":"CONTINUOUS"},{"from":"24:00","phase":"CLOSED"}]}]}',
      [
        "days.0.phases.1.from: is not a time; use hh:mm",
        "days.0.phases: say when a CLOSED day trades; use FULL or HALF, or leave them out",
      ],
    ],
    [
      '{"days":[{"date":"2026-11-23","kind":"FULL","reason":"x","phases":[{"from":"12:00","phase":"CLOSED"},{"from":"10:00","phase":"CONTINUOUS"}]}]}',
      [
        "days.0.phases: are not in order; begin each later than the one before",
        "days.0.phases: do not open and close the day; begin with another phase than CLOSED and end with CLOSED",
      ],
    ],
    [
      '{"feasts":[{"certainty":"PUBLISHED","ramadanFeast":"2028-02-26","sacrificeFeast":"2029-04-24"}],"days":[{}]}',
      ["feasts.0.sacrificeFeast: is not in the year of ramadanFeast; give both feasts of one year", /days.0.date/],
    ],
  ] as const)("that read %s are refused with all that is wrong", (text, problems) => {
    const result = calendarChangesText.safeParse(text);
    expect(result.success).toBe(false);
    const message = result.error?.issues.map((issue) => issue.message).join("\n") ?? "";
    expect(message).toMatch(/^the calendar's changes as JSON: /);
    for (const problem of problems) {
      if (typeof problem === "string") expect(message).toContain(problem);
      else expect(message).toMatch(problem);
    }
  });
});
