import fc from "fast-check";
import { Decimal } from "decimal.js";
import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { Board } from "../../../../app/services/market-data/domain/board";
import { OrderBook } from "../../../../app/services/market-data/domain/order-book";
import type { BookRow } from "../../../../app/services/market-data/domain/order-book";
import { OrderBooks } from "../../../../app/services/market-data/domain/order-books";
import { readBookRow } from "../../../../app/services/market-data/feed/read-book-row";
import { Quote } from "../../../../app/services/market-data/domain/quote";
import { quoteJson } from "../../../../app/services/market-data/routes/views";
import { fromUnits, percentOf, toUnits } from "../../../../app/services/market-data/domain/units";
import { intervalNames, intervals, openTimeOf } from "../../../../app/services/market-data/domain/interval";
import type { StoredTick } from "../../../../app/services/market-data/domain/tick";

/** Enough digits for exact products and quotients. */
const Wide = Decimal.clone({ precision: 60 });

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), fc.integer({ min: 0, max: 99_999_999 }))
  .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(8, "0")}`);

describe("units", () => {
  test("are exact there and back", () => {
    fc.assert(
      fc.property(decimal, (text) => {
        const negativeZero = text.startsWith("0.") ? [text, `-${text}`] : [text];
        for (const written of negativeZero)
          expect(fromUnits(toUnits(written), 8)).toBe(new Decimal(written).toFixed(8).replace(/^-(0\.0+)$/, "$1"));
      }),
    );
    expect([fromUnits(toUnits("12.50")), fromUnits(toUnits("12.5"), 2), fromUnits(toUnits("-0.5"))]).toEqual([
      "12.5",
      "12.50",
      "-0.5",
    ]);
  });

  test("make percents as Decimal does, half away from zero", () => {
    fc.assert(
      fc.property(
        decimal,
        decimal.filter((text) => /[1-9]/.test(text)),
        (part, whole) => {
          const expected = new Wide(part).times(100).div(whole).toDecimalPlaces(2, Decimal.ROUND_HALF_UP);
          expect(expected.eq(percentOf(toUnits(part), toUnits(whole)))).toBe(true);
        },
      ),
      {
        examples: [
          ["1.00000000", "800.00000000"],
          ["-1.00000000", "800.00000000"],
        ],
      },
    );
  });
});

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

describe("board", () => {
  const tick = (symbol: string, sequence: number): StoredTick => ({
    symbol,
    market: "IMKBH",
    timestamp: "2026-11-23T10:00:00+03:00",
    epochMs: Date.parse("2026-11-23T10:00:00+03:00"),
    price: "100.00",
    quantity: "1",
    side: "BUY",
    bid: undefined,
    ask: undefined,
    sequence,
    symbolSequence: sequence,
  });
  const changed = (board: Board, after: number) => board.quotesAfter(after).map(({ symbol }) => symbol);

  test("says up to which tick it is, and which quotes changed after one", () => {
    const board = new Board();
    expect([board.sequence, changed(board, 0)]).toEqual([0, []]);
    board.apply([tick("GARAN", 1), tick("AKBNK", 2), tick("GARAN", 3)]);
    expect([board.sequence, changed(board, 0), changed(board, 2)]).toEqual([3, ["GARAN", "AKBNK"], ["GARAN"]]);
    const restored = new Board();
    restored.restore({ quotes: board.quotesAfter(0), books: [], sequence: board.sequence });
    restored.apply([tick("AKBNK", 4)]);
    expect([restored.sequence, changed(restored, 3)]).toEqual([4, ["AKBNK"]]);
  });
});

describe("order book", () => {
  const at = (time: string) => Date.parse(`2026-11-${time}+03:00`);
  const now = at("23T10:00:05");
  const row = (Direction: string, Row: number, Price: string, Quantity = "10", date = "2026-11-23T10:00:00+03:00") =>
    readBookRow(
      {
        symbol: "GARAN",
        direction: Direction,
        row: String(Row),
        price: Price,
        quantity: Quantity,
        ordercount: "2",
        date,
      },
      now,
    );
  const bookOf = (...rows: ReturnType<typeof row>[]) => {
    const book = new OrderBook("GARAN");
    for (const each of rows) if (typeof each !== "string") book.apply(each, now);
    return book.snapshot();
  };

  test("is put together row by row, in any order, and shows no row above a hole", () => {
    expect(bookOf(row("B", 1, "99"), row("S", 0, "101"))).toMatchObject({ bids: [], asks: [["101", "10", "2"]] });
    expect(bookOf(row("B", 1, "99"), row("B", 0, "100"))).toMatchObject({
      bids: [
        ["100", "10", "2"],
        ["99", "10", "2"],
      ],
      version: 2,
    });
  });

  test("a new row replaces the one in its place, an empty one ends the side", () => {
    const rows = [row("S", 0, "101"), row("S", 1, "102"), row("S", 2, "103")];
    expect(bookOf(...rows, row("S", 1, "102.5")).asks.map(([price]) => price)).toEqual(["101", "102.5", "103"]);
    expect(bookOf(...rows, row("S", 1, "0", "0")).asks.map(([price]) => price)).toEqual(["101"]);
  });

  test.each([10, 20])("has %d levels a side where the broker sends so many, counted from 0", (levels) => {
    const rows = Array.from({ length: levels }, (_, n) => [row("B", n, `${100 - n}`), row("S", n, `${101 + n}`)]);
    const { bids, asks } = bookOf(...rows.flat().reverse());
    expect(bids.map(([price]) => price)).toEqual(Array.from({ length: levels }, (_, n) => `${100 - n}`));
    expect(asks.map(([price]) => price)).toEqual(Array.from({ length: levels }, (_, n) => `${101 + n}`));
  });

  test("shows the newest time of its rows, which the broker writes with seven decimals", () => {
    const first = row("B", 0, "100", "10", "2026-11-23T10:00:00.1234567+03:00");
    const older = row("B", 1, "99", "10", "2026-11-23T09:59:00.7654321+03:00");
    expect(bookOf(first, older).timestamp).toBe("2026-11-23T10:00:00.123456+03:00");
  });

  test.each([
    ["X", 0, "1", "1"],
    ["B", -1, "1", "1"],
    ["B", 50, "1", "1"],
    ["B", 1.5, "1", "1"],
    ["B", 0, "x", "1"],
    ["B", 0, "1", "x"],
  ])("refuses %s %d %s %s", (direction, number, price, quantity) => {
    expect(row(direction, number, price, quantity)).toBe("depth");
  });

  test.each([
    ["9999-12-31T23:59:59+03:00", "depth_future"],
    ["2026-11-24T10:00:00+03:00", "depth_future"],
    ["2026-02-30T10:00:00+03:00", "depth"],
  ])("refuses a level of %s", (date, reason) => {
    expect(row("B", 0, "100", "10", date)).toBe(reason);
  });

  test.each(["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "2026-11-20T17:59:00+03:00"])(
    "takes a level of %s, which may stand since then",
    (date) => {
      expect(bookOf(row("B", 0, "100", "10", date)).bids).toHaveLength(1);
    },
  );

  describe("of a leader", () => {
    const level = (symbol: string, Row: number, date: string): BookRow => {
      const read = readBookRow(
        { symbol, direction: "B", row: String(Row), price: `${100 - Row}`, quantity: "10", ordercount: "2", date },
        Infinity,
      );
      if (typeof read === "string") throw new Error(read);
      return read;
    };
    const prices = (books: OrderBooks, symbol = "GARAN") => books.snapshot(symbol)?.bids.map(([price]) => price);

    test("is empty after a connection ended or began, and says so once", () => {
      const books = new OrderBooks([], 1, new TradingCalendar());
      for (const symbol of ["GARAN", "THYAO.E"]) books.apply(level(symbol, 0, "2026-11-23T10:00:00+03:00"), now);
      expect(books.takeChanged()).toHaveLength(2);
      books.empty(now + 1_000);
      const emptied = books.takeChanged();
      expect(emptied).toMatchObject([
        { symbol: "GARAN", bids: [], asks: [], timestamp: "2026-11-23T10:00:06+03:00" },
        { symbol: "THYAO.E", bids: [], asks: [] },
      ]);
      books.empty(now + 2_000);
      expect(books.takeChanged()).toEqual([]);
      // The exchange's clock may be behind ours: its next row counts all the same.
      books.apply(level("GARAN", 0, "2026-11-23T10:00:05.5+03:00"), now + 3_000);
      const [next] = books.takeChanged();
      expect(next).toMatchObject({ bids: [["100", "10", "2"]], timestamp: "2026-11-23T10:00:05.5+03:00" });
      expect(next?.version).toBeGreaterThan(emptied[0]?.version ?? Infinity);
    });

    test("empties what an earlier leader left, above any version that a replica may have seen of it", () => {
      const first = new OrderBooks([], 7, new TradingCalendar());
      for (let n = 0; n < 1_000; n++) first.apply(level("GARAN", 0, "2026-11-23T10:00:00+03:00"), now);
      const [seen] = first.takeChanged();
      const late = { symbol: "GARAN", version: 3, timestamp: "2026-11-23T09:59:00+03:00", bids: [], asks: [] };
      const second = new OrderBooks([{ ...late, bids: [["1", "1", "1"]] }], 8, new TradingCalendar());
      second.empty(now);
      const [emptied] = second.takeChanged();
      expect(emptied).toMatchObject({ bids: [], asks: [] });
      expect(emptied?.version).toBeGreaterThan(seen?.version ?? Infinity);
    });

    test("says an inherited book again though it was empty here: others may have seen its levels last", () => {
      const emptied = { symbol: "GARAN", version: 7_000_000_041, timestamp: "2026-11-23T09:59:00+03:00" };
      const books = new OrderBooks([{ ...emptied, bids: [], asks: [] }], 8, new TradingCalendar());
      books.empty(now);
      const [said] = books.takeChanged();
      expect(said).toMatchObject({ symbol: "GARAN", bids: [], asks: [] });
      expect(said?.version).toBeGreaterThan(emptied.version);
      books.empty(now + 1_000);
      expect(books.takeChanged()).toEqual([]);
    });

    test("forgets yesterday's levels at midnight, whoever put them there", () => {
      const known = { symbol: "THYAO", version: 3, timestamp: "2026-11-23T17:59:00+03:00", asks: [] };
      const books = new OrderBooks([{ ...known, bids: [["1", "1", "1"]] }], 1, new TradingCalendar());
      books.keepToSession(at("23T20:00:00"));
      books.apply(level("GARAN", 0, "2026-11-23T18:05:00+03:00"), at("23T20:00:00"));
      books.keepToSession(at("23T23:59:59"));
      expect([prices(books), prices(books, "THYAO")]).toEqual([["100"], ["1"]]);
      books.keepToSession(at("24T00:00:00"));
      expect([prices(books), prices(books, "THYAO")]).toEqual([[], []]);
    });

    test("at the opening, forgets yesterday's levels that a connection of the morning repeated, and nothing of today", () => {
      const books = new OrderBooks([], 1, new TradingCalendar());
      books.keepToSession(at("24T08:00:00"));
      for (const n of [0, 1, 2]) books.apply(level("GARAN", n, "2026-11-23T18:05:00+03:00"), at("24T08:00:00"));
      // Futures trade from 09:30 on.
      books.apply(level("F_XU0301226", 0, "2026-11-24T09:30:00+03:00"), at("24T09:30:00"));
      books.keepToSession(at("24T09:39:59"));
      expect(prices(books)).toEqual(["100", "99", "98"]);
      // The exchange's clock is ahead of ours: the first level of the session comes before its opening.
      books.apply(level("GARAN", 0, "2026-11-24T09:40:00+03:00"), at("24T09:39:59"));
      books.keepToSession(at("24T09:40:00"));
      expect([prices(books), prices(books, "F_XU0301226")]).toEqual([["100"], ["100"]]);
    });

    test("keeps in the session a level whose date is of an earlier day", () => {
      const books = new OrderBooks([], 1, new TradingCalendar());
      books.keepToSession(at("24T09:00:00"));
      books.keepToSession(at("24T09:40:00"));
      books.apply(level("GARAN", 0, "2026-11-20T10:00:00+03:00"), at("24T09:41:00"));
      for (const time of ["24T09:55:00", "24T10:00:00", "24T18:00:00"]) books.keepToSession(at(time));
      expect(prices(books)).toEqual(["100"]);
    });
  });
});

describe("interval", () => {
  test("every instant is in the candle that it opens, and days begin at midnight in Istanbul", () => {
    fc.assert(
      fc.property(fc.constantFrom(...intervalNames), fc.integer({ min: 0, max: 4_000_000_000_000 }), (interval, at) => {
        const open = openTimeOf(interval, at);
        expect(open <= at && at < open + intervals[interval]).toBe(true);
        expect(openTimeOf(interval, open)).toBe(open);
        expect((open + 3 * 3_600_000) % intervals[interval]).toBe(0);
      }),
    );
  });
});
