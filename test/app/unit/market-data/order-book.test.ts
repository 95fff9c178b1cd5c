import { TradingCalendar } from "../../../../app/packages/bist/calendar";
import { OrderBook } from "../../../../app/services/market-data/domain/order-book";
import type { BookRow } from "../../../../app/services/market-data/domain/order-book";
import { OrderBooks } from "../../../../app/services/market-data/domain/order-books";
import { readBookRow } from "../../../../app/services/market-data/feed/read-book-row";

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
