import fc from "fast-check";
import { Decimal } from "decimal.js";
import { Quote } from "../../../../app/services/market-data/domain/quote";
import { quoteJson } from "../../../../app/services/market-data/routes/views";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";

describe("quote", () => {
  const tick = (sequence: number, timestamp: string, price: string, quantity = "10"): StoredTick => ({
    symbol: "GARAN",
    market: "IMKBH",
    timestamp,
    epochMs: Date.parse(timestamp),
    price,
    quantity,
    side: "BUY",
    bid: undefined,
    ask: "124",
    sequence: sequence * 10,
    symbolSequence: sequence,
  });
  const view = (quote: Quote) => JSON.parse(quoteJson(quote)) as Record<string, unknown>;

  test("follows the day: open, high, low, volume, trades", () => {
    const quote = Quote.first(tick(1, "2026-11-23T10:00:00+03:00", "100.10"));
    quote.apply(tick(2, "2026-11-23T10:00:01+03:00", "100.30", "5"));
    quote.apply(tick(3, "2026-11-23T10:00:02+03:00", "99.90", "1"));
    expect(view(quote)).toMatchObject({
      sequence: 3,
      price: "99.90",
      open: "100.10",
      high: "100.30",
      low: "99.90",
      volume: "16",
      trades: 3,
      change: null,
      ask: "124",
      bid: null,
    });
  });

  test("starts anew with the next day, and knows the change since the day before", () => {
    const quote = Quote.first(tick(1, "2026-11-20T18:00:00+03:00", "100.00"));
    quote.apply(tick(2, "2026-11-23T10:00:00+03:00", "98.50"));
    expect(view(quote)).toMatchObject({
      tradingDay: "2026-11-23",
      open: "98.50",
      trades: 1,
      previousClose: "100.00",
      change: "-1.50",
      changePercent: "-1.50",
    });
  });

  test("a late tick counts in volume, high and low, and is never the price", () => {
    const quote = Quote.first(tick(1, "2026-11-23T10:00:05+03:00", "100.00"));
    quote.apply(tick(2, "2026-11-23T10:00:03+03:00", "105.00", "7"));
    quote.apply(tick(3, "2026-11-23T10:00:04+03:00", "95.00", "3"));
    expect(view(quote)).toMatchObject({
      sequence: 3,
      price: "100.00",
      high: "105.00",
      low: "95.00",
      volume: "20",
      trades: 3,
    });
  });

  test("of two ticks of one second, the first to arrive opens and the last is the price", () => {
    const quote = Quote.first(tick(1, "2026-11-23T10:00:05+03:00", "100.00"));
    for (const [index, price] of ["101.00", "102.00"].entries())
      quote.apply(tick(index + 2, "2026-11-23T10:00:05+03:00", price));
    expect(view(quote)).toMatchObject({ open: "100.00", price: "102.00" });
  });

  test.each([
    ["an earlier one of the day", "2026-11-23T10:00:01+03:00", "1.00"],
    ["an earlier one by a fraction", "2026-11-23T10:00:04.9995+03:00", "1.00"],
    ["one of the same second", "2026-11-23T10:00:05+03:00", "100.00"],
    ["one of the same second, by a fraction later", "2026-11-23T10:00:05.0005+03:00", "100.00"],
    ["one of the day before", "2026-11-22T17:59:00+03:00", "100.00"],
  ])("opens with a late tick if that is %s than the known open", (_, timestamp, open) => {
    const quote = Quote.first(tick(1, "2026-11-23T10:00:05+03:00", "100.00"));
    quote.apply(tick(2, "2026-11-23T10:00:06+03:00", "101.00"));
    quote.apply(tick(3, timestamp, "1.00"));
    expect(view(quote)).toMatchObject({ open, price: "101.00" });
  });

  test.each([
    ["the latest of its day", "2026-11-23T18:05:00+03:00", "98.00"],
    ["of the second of the known one", "2026-11-23T17:59:59+03:00", "98.00"],
    ["earlier than the known one", "2026-11-23T17:59:58+03:00", "99.00"],
    ["of a day before that", "2026-11-22T18:09:59+03:00", "99.00"],
  ])("previous close follows a late tick of before today that is %s", (_, timestamp, previousClose) => {
    const quote = Quote.first(tick(1, "2026-11-23T17:59:59+03:00", "99.00"));
    quote.apply(tick(2, "2026-11-24T10:00:00+03:00", "100.00"));
    quote.apply(tick(3, timestamp, "98.00"));
    expect(view(quote)).toMatchObject({ tradingDay: "2026-11-24", previousClose, price: "100.00", trades: 1 });
  });

  test("previous close is learned late where none was known", () => {
    const quote = Quote.first(tick(1, "2026-11-24T10:00:00+03:00", "100.00"));
    quote.apply(tick(2, "2026-11-23T17:59:00+03:00", "98.00"));
    quote.apply(tick(3, "2026-11-23T17:58:00+03:00", "97.00"));
    expect(view(quote)).toMatchObject({ previousClose: "98.00", change: "2.00", volume: "10" });
  });

  test("what an earlier release saved without times is not changed by what comes late", () => {
    const saved = Quote.first(tick(1, "2026-11-24T10:00:00+03:00", "100.00")).save();
    const quote = Quote.restore({ ...saved, previousClose: "99.00", openedAt: undefined });
    quote.apply(tick(2, "2026-11-24T09:59:00+03:00", "101.00"));
    quote.apply(tick(3, "2026-11-23T18:05:00+03:00", "98.00"));
    expect(view(quote)).toMatchObject({ open: "100.00", high: "101.00", previousClose: "99.00" });
    quote.apply(tick(4, "2026-11-25T10:00:00+03:00", "102.00"));
    quote.apply(tick(5, "2026-11-25T09:59:00+03:00", "103.00"));
    expect(view(quote)).toMatchObject({ open: "103.00", previousClose: "100.00" });
  });

  /** Ticks of three days in any order, stamped with whole seconds: many of one second. */
  const ticks = fc
    .array(
      fc.record({
        day: fc.constantFrom("22", "23", "24"),
        second: fc.integer({ min: 0, max: 5 }),
        cents: fc.integer({ min: 1, max: 9_999 }),
      }),
      { minLength: 2, maxLength: 30 },
    )
    .map((raw) =>
      raw.map(({ day, second, cents }, n) =>
        tick(n + 1, `2026-11-${day}T10:00:0${second}+03:00`, new Decimal(cents).div(100).toFixed(2), `${n + 1}`),
      ),
    );
  const of = (all: readonly StoredTick[]) => {
    const [first, ...rest] = all as [StoredTick, ...StoredTick[]];
    const quote = Quote.first(first);
    for (const next of rest) quote.apply(next);
    return quote;
  };

  test("is what the ticks say by exchange time, then by arrival, in whatever order of days they come", () => {
    fc.assert(
      fc.property(ticks, (all) => {
        const sorted = [...all].sort((a, b) => a.epochMs - b.epochMs || a.sequence - b.sequence);
        const last = sorted.at(-1);
        const dayOf = ({ timestamp }: StoredTick) => timestamp.slice(0, 10);
        const ofDay = sorted.filter((each) => last !== undefined && dayOf(each) === dayOf(last));
        // The day's figures begin when its first tick arrives; nothing of it can have come before.
        expect(view(of(all))).toMatchObject({
          price: last?.price,
          open: ofDay[0]?.price,
          high: Decimal.max(...ofDay.map(({ price }) => price)).toFixed(2),
          low: Decimal.min(...ofDay.map(({ price }) => price)).toFixed(2),
          volume: Decimal.sum(...ofDay.map(({ quantity }) => quantity)).toFixed(),
          trades: ofDay.length,
          previousClose: sorted.filter((each) => !ofDay.includes(each)).at(-1)?.price ?? null,
        });
      }),
    );
  });

  test("goes on from what was saved as if it had never stopped", () => {
    fc.assert(
      fc.property(ticks, fc.nat(), (all, cut) => {
        const before = all.slice(0, 1 + (cut % (all.length - 1)));
        const saved = Quote.restore(of(before).save());
        for (const next of all.slice(before.length)) saved.apply(next);
        expect(quoteJson(saved)).toBe(quoteJson(of(all)));
        expect(saved.save()).toEqual(of(all).save());
      }),
    );
  });
});
