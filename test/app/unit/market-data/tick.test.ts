import fc from "fast-check";
import { parseFrame } from "../../../../app/services/market-data/feed/frame";
import { readTick } from "../../../../app/services/market-data/feed/read-tick";
import { decodeBatch, decodeBooks, encodeBatch } from "../../../../app/services/market-data/stream/fan-out";
import { parseTickLines, tickLine } from "../../../../app/services/market-data/store/tick-lines";

const now = Date.parse("2026-11-23T10:00:05+03:00");
const content = {
  Symbol: "GARAN",
  Market: "IMKBH",
  Price: 123.4,
  Change: -0.1,
  Ask: 123.5,
  Bid: 0,
  Date: "2026-11-23T10:00:00.25+03:00",
  TradeQuantity: 100,
  Direction: "B",
};
const read = (change: Record<string, unknown> = {}) =>
  readTick(parseFrame(JSON.stringify({ Type: "T", Content: { ...content, ...change } })).fields, now);
const valid = () => {
  const tick = read();
  if (typeof tick === "string") throw new Error(tick);
  return tick;
};

describe("tick", () => {
  test("is read from numbers and from text alike", () => {
    const expected = {
      symbol: "GARAN",
      market: "IMKBH",
      timestamp: "2026-11-23T10:00:00.25+03:00",
      price: "123.4",
      quantity: "100",
      side: "BUY",
      ask: "123.5",
      bid: undefined,
    };
    expect(read()).toMatchObject(expected);
    expect(read({ Price: "123.4", TradeQuantity: "100", Ask: "123.5", Bid: "0" })).toMatchObject(expected);
  });

  test.each([
    ["symbol", { Symbol: "GAR AN" }],
    ["symbol", { Symbol: "GARAN\tX" }],
    ["symbol", { Symbol: "" }],
    ["price", { Price: 0 }],
    ["price", { Price: "-1" }],
    ["price", { Price: "\\N" }],
    ["quantity", { TradeQuantity: 0 }],
    ["quantity", { TradeQuantity: -5 }],
    ["quantity", { TradeQuantity: null }],
    ["time", { Date: "now" }],
    ["time", { Date: "2026-11-31T10:00:00+03:00" }],
    ["time", { Date: "99999-11-23T10:00:00+03:00" }],
    ["stale", { Date: "2026-11-22T09:59:59+03:00" }],
    ["stale", { Date: "1970-01-01T00:00:00Z" }],
    ["stale", { Date: "0001-01-01T00:00:00" }],
    ["future", { Date: "2026-11-23T10:01:06+03:00" }],
    ["future", { Date: "2026-11-24T10:00:00+03:00" }],
    ["future", { Date: "2027-11-23T10:00:00+03:00" }],
    ["future", { Date: "9999-12-31T23:59:59-12:00" }],
  ])("is refused for its %s: %j", (problem, change) => {
    expect(read(change)).toBe(problem);
  });

  test.each(["2026-11-22T10:00:05+03:00", "2026-11-23T10:01:05+03:00", "2026-11-23T07:00:05Z"])(
    "is taken at the bounds of the clock: %s",
    (Date) => {
      expect(read({ Date })).toMatchObject({ symbol: "GARAN" });
    },
  );

  test.each(["ALTINS1", "THYAO.E", "ISGYO.R", "F_XU0301226", "A1C", "ABCDEFGHIJKL"])("may be of %s", (Symbol) => {
    expect(read({ Symbol })).toMatchObject({ symbol: Symbol });
  });

  test.each(["IMKBH", "VIP", "KIYM", "FX", "IMKBX"])("keeps the market %s", (Market) => {
    expect(read({ Market })).toMatchObject({ market: Market });
  });

  test("of an index has no quantity", () => {
    expect(read({ Symbol: "XU100", Market: "IMKBX", TradeQuantity: 0 })).toMatchObject({
      symbol: "XU100",
      quantity: "0",
    });
  });

  test("comes back from its line as it was", () => {
    const stored = { ...valid(), sequence: 7, symbolSequence: 3 };
    expect(parseTickLines(tickLine(stored))).toEqual([stored]);
    const batch = { firstSequence: 7, lastSequence: 7, lines: tickLine(stored) };
    expect(decodeBatch(encodeBatch(batch))).toEqual(batch);
    expect(() => parseTickLines("GARAN\tIMKBH\n")).toThrow(/is not a tick; expected symbol, market/);
  });

  test("what is no batch and no book is neither", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        decodeBatch(text);
        expect(decodeBooks(text)).toEqual([]);
      }),
    );
    expect(decodeBatch("x 1\n")).toBeUndefined();
    expect(decodeBooks('[{"symbol":"GARAN"},null,1]')).toEqual([]);
  });
});
