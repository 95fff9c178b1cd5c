import fc from "fast-check";
import { listenedThrough, mergeCandles, unsubscribedTimes } from "../../../../app/services/market-data/domain/candle";
import type { BrokerCandle, Candle, Coverage } from "../../../../app/services/market-data/domain/candle";
import { intervalNames, lookbackMs, openTimeOf } from "../../../../app/services/market-data/domain/interval";
import { usableCandles } from "../../../../app/services/market-data/leader/broker-history";
import { parseCandles } from "../../../../app/packages/algolab/messages";

const at = (time: string) => Date.parse(`2026-11-${time}+03:00`);
const ten = at("23T10:00:00");
const minuteMs = 60_000;
const own = (minute: number, change: Partial<Candle> = {}): Candle => ({
  openTimeMs: ten + minute * minuteMs,
  open: "100.00",
  high: "102.00",
  low: "99.00",
  close: "101.00",
  volume: "10",
  turnover: "1000.00",
  trades: 3,
  ...change,
});
const brokers = (minute: number, change: Partial<BrokerCandle> = {}): BrokerCandle => ({
  openTimeMs: ten + minute * minuteMs,
  open: "90",
  high: "101.5",
  low: "89.5",
  close: "100.5",
  volume: "25",
  fetchedMs: ten + 60 * minuteMs,
  ...change,
});
const now = ten + 90 * minuteMs;
const merge = (ownOnes: Candle[], brokerOnes: BrokerCandle[], coverage: Coverage) =>
  mergeCandles(ownOnes, brokerOnes, "1m", coverage, now);
const sources = (...merged: Parameters<typeof merge>) =>
  merge(...merged).map(({ openTimeMs, source, complete }) => [(openTimeMs - ten) / minuteMs, source, complete]);

describe("candles of a chart", () => {
  test("are the platform's own where it listened for the whole period, whatever the broker says", () => {
    const coverage = { fromMs: ten, gaps: [] };
    expect(sources([own(0), own(2)], [brokers(0), brokers(1), brokers(2)], coverage)).toEqual([
      [0, "TICKS", true],
      [2, "TICKS", true],
    ]);
  });

  test("are the broker's before the platform listened, in its first period, and in those that a gap touches", () => {
    const gaps = [{ fromMs: ten + 3 * minuteMs + 59_000, untilMs: ten + 4 * minuteMs + 1 }];
    const minutes = [0, 1, 2, 3, 4, 5];
    const coverage = { fromMs: ten + minuteMs + 10_000, gaps };
    const expected = [
      [0, "BROKER", true],
      [1, "BROKER", true],
      [2, "TICKS", true],
      [3, "BROKER", true],
      [4, "BROKER", true],
      [5, "TICKS", true],
    ];
    const all = minutes.map((minute) => brokers(minute));
    expect(
      sources(
        minutes.slice(1).map((minute) => own(minute)),
        all,
        coverage,
      ),
    ).toEqual(expected);
  });

  test("say that they are not complete where neither told of all of it", () => {
    expect(sources([own(0), own(1)], [], { fromMs: undefined, gaps: [] })).toEqual([
      [0, "TICKS", false],
      [1, "TICKS", false],
    ]);
    const gaps = [{ fromMs: ten + 10_000, untilMs: ten + 20_000 }];
    expect(sources([own(0), own(1)], [], { fromMs: ten, gaps })).toEqual([
      [0, "TICKS", false],
      [1, "TICKS", true],
    ]);
    expect(sources([own(89), own(90)], [], { fromMs: ten, gaps: [] })).toEqual([
      [89, "TICKS", true],
      [90, "TICKS", false],
    ]);
  });

  test("begin as the broker says and go on as ticks say, when it was asked before the period was over", () => {
    const asked = { fetchedMs: ten + 30_000 };
    expect(merge([own(0)], [brokers(0, asked)], { fromMs: ten + 20_000, gaps: [] })).toEqual([
      {
        openTimeMs: ten,
        open: "90",
        high: "102.00",
        low: "89.5",
        close: "101.00",
        volume: "25",
        turnover: null,
        trades: null,
        source: "BOTH",
        complete: false,
      },
    ]);
    expect(sources([], [brokers(0, asked)], { fromMs: undefined, gaps: [] })).toEqual([[0, "BROKER", false]]);
    // The broker may be late with the last trades of a period.
    const justAfter = { fetchedMs: ten + minuteMs + 59_999 };
    expect(sources([own(0)], [brokers(0, justAfter)], { fromMs: undefined, gaps: [] })).toEqual([[0, "BOTH", false]]);
  });

  test("come once a period and oldest first", () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 20 }));
    fc.assert(
      fc.property(minutes, minutes, fc.integer({ min: 0, max: 20 }), (ownOnes, brokerOnes, from) => {
        const coverage = { fromMs: ten + from * minuteMs, gaps: [] };
        const times = merge(
          ownOnes.map((minute) => own(minute)),
          brokerOnes.map((minute) => brokers(minute)),
          coverage,
        ).map(({ openTimeMs }) => (openTimeMs - ten) / minuteMs);
        const wanted = new Set([...ownOnes, ...brokerOnes.filter((minute) => minute < from)]);
        expect(times).toEqual([...wanted].sort((a, b) => a - b));
      }),
    );
  });

  test("a gap that only touches a period's ends leaves it whole", () => {
    const gaps = [
      { fromMs: ten - 1_000, untilMs: ten },
      { fromMs: ten + minuteMs, untilMs: ten + 2 * minuteMs },
    ];
    expect(listenedThrough({ fromMs: 0, gaps }, ten, ten + minuteMs)).toBe(true);
  });
});

describe("the broker's bars", () => {
  const bar = { open: 10, high: 12, low: 9, close: 11, volume: 100 };
  const usable = (rows: unknown[], interval: Parameters<typeof usableCandles>[1] = "1m") =>
    usableCandles(parseCandles(rows), interval, now);

  test.each([
    ["2026-11-23T10:00:00", "1m"],
    ["2026-11-23T10:00:00+03:00", "1m"],
    ["2026-11-23T07:00:00Z", "1m"],
    ["2026-11-23T10:00:00", "1h"],
    ["2026-11-23T08:00:00", "4h"],
    ["2026-11-23T00:00:00", "1d"],
    ["2026-11-23T10:00:00+03:00", "1d"],
    ["2026-11-22T21:00:00Z", "1d"],
  ] as const)("stamped %s are of the candle of %s that begins then", (date, interval) => {
    expect(usable([{ ...bar, date }], interval)).toEqual([
      {
        openTimeMs: openTimeOf(interval, interval === "4h" ? at("23T08:00:00") : ten),
        open: "10",
        high: "12",
        low: "9",
        close: "11",
        volume: "100",
        fetchedMs: now,
      },
    ]);
  });

  test.each([
    ["a time of another period", { date: "2026-11-23T10:00:30" }],
    ["no time", { date: "" }],
    ["a time to come", { date: "9999-12-31T23:59:00" }],
    ["a time long past", { date: "1970-01-01T00:00:00" }],
    ["no price", { open: null }],
    ["a price of zero", { low: 0 }],
    ["a price below zero", { low: -1 }],
    ["an open above the high", { open: 13 }],
    ["a close below the low", { close: 8 }],
    ["words for a price", { high: "yüksek" }],
    ["a price of too many digits", { close: "10.1234567890123" }],
    ["a volume below zero", { volume: -1 }],
  ])("with %s are none, and cost no other", (_, change) => {
    const [good, bad] = [
      { ...bar, date: "2026-11-23T10:01:00" },
      { ...bar, date: "2026-11-23T10:00:00", ...change },
    ];
    expect(usable([bad, good, null, 5, "x"]).map(({ openTimeMs }) => openTimeMs)).toEqual([ten + minuteMs]);
  });

  test("of an index have no volume, and the last one of a period counts", () => {
    const rows = [9.5, 11.5].map((close) => ({ ...bar, date: "2026-11-23T10:00:00", close, volume: null }));
    expect(usable(rows)).toMatchObject([{ close: "11.5", volume: "0" }]);
  });
});

test.each(intervalNames)("a chart of %s reaches back over a weekend and the feasts, and not for ever", (interval) => {
  const lengthMs = openTimeOf(interval, ten + 7 * 86_400_000) - openTimeOf(interval, ten);
  expect(lookbackMs(interval, 1)).toBeGreaterThanOrEqual(11 * 86_400_000);
  expect(lookbackMs(interval, 300)).toBeGreaterThan(lengthMs);
  expect(lookbackMs(interval, 300)).toBeLessThan(450 * 86_400_000);
});

test("a symbol is unsubscribed between the subscriptions that bring it, and after the last one that ended", () => {
  const times = (...subscriptions: [number, number?][]) =>
    unsubscribedTimes(
      subscriptions.map(([fromMs, untilMs]) => ({ fromMs, untilMs })),
      100,
    ).map(({ fromMs, untilMs }) => [fromMs, untilMs]);
  expect(times()).toEqual([]);
  expect(times([10])).toEqual([]);
  expect(times([10, 30])).toEqual([[30, 100]]);
  expect(times([10, 30], [30])).toEqual([]);
  expect(times([10, 50], [20, 30], [40])).toEqual([]);
  expect(times([10, 30], [20, 25], [40, 60], [80])).toEqual([
    [30, 40],
    [60, 80],
  ]);
});
