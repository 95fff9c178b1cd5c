import fc from "fast-check";
import { decimalText, isPositive } from "../../../../app/services/market-data/domain/decimal";
import { FrameError, parseFrame } from "../../../../app/services/market-data/feed/frame";
import { exchangeTimeText, parseExchangeTime } from "../../../../app/services/market-data/domain/exchange-time";

describe("frame", () => {
  test("keeps every number as the text on the wire", () => {
    const { type, fields } = parseFrame(
      '{"Type":"T","Content":{"Symbol":"GARAN","Price":123.10,"Bid":0.30000000000000004}}',
    );
    expect(type).toBe("T");
    expect(fields).toEqual({ symbol: "GARAN", price: "123.10", bid: "0.30000000000000004" });
  });

  test("reads names in any case and order, with any white space, and null as nothing", () => {
    const frame = parseFrame(' {\n"CONTENT" : { "symbol":"GARAN" , "Ask":null },\t"type":"T" }\n');
    expect(frame).toMatchObject({ type: "T", fields: { symbol: "GARAN", ask: "" } });
  });

  const scalar = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
  const name = fc.oneof(
    fc.constantFrom("Symbol", "PRICE", "bid", "TradeQuantity", "OrderCount", "Date", "row"),
    fc.string(),
  );

  test("reads whatever JSON.stringify writes of a flat content, and of that the fields it knows", () => {
    fc.assert(
      fc.property(fc.dictionary(name, scalar, { noNullPrototype: true }), fc.constantFrom(0, 2), (content, indent) => {
        const { fields } = parseFrame(JSON.stringify({ Type: "T", Content: content }, undefined, indent));
        for (const [written, value] of Object.entries(content)) {
          const known = written.toLowerCase();
          if (Object.hasOwn(fields, known))
            expect(fields).toHaveProperty(known, typeof value === "string" ? value : JSON.stringify(value));
        }
      }),
    );
  });

  test.each([
    "",
    "T",
    "[]",
    "{}",
    '{"Type":"T"',
    '{"Type":"T","Content":{"Symbol":"GARAN"}',
    '{"Type":"T","Content":{"Price":12.}}',
    '{"Type":"T","Content":{"Price":1 2}}',
    '{"Type":"T"} {"Type":"D"}',
    '{"Type":"T","Content":{"Symbol":"GA',
    '{"Type":"\\x"}',
    '{"Type":"T","Content":{"Symbol":["GARAN"]}}',
  ])("refuses %j and says where", (text) => {
    expect(() => parseFrame(text)).toThrow(FrameError);
  });

  test("ends with a FrameError or a frame for any text at all", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(200), (garbage, cut) => {
        const text = `{"Type":"T","Content":{"Symbol":"GARAN","Price":12.5}}`.slice(0, cut) + garbage;
        try {
          parseFrame(text);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });
});

describe("decimal", () => {
  test.each([
    ["12.50", "12.50"],
    ["-3", "-3"],
    ["1.5E+2", "150"],
    ["1e-8", "0.00000001"],
    ["1e-9", undefined],
    ["12.123456789", undefined],
    ["1234567890123456", undefined],
    ["1,5", undefined],
    ["NaN", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %j", (text, expected) => {
    expect(decimalText(text)).toBe(expected);
  });

  test("is positive only with a digit other than zero", () => {
    expect(["0", "0.00", "-1", "0.01", "10"].filter(isPositive)).toEqual(["0.01", "10"]);
  });
});

describe("exchange time", () => {
  test.each([
    ["2026-11-23T10:00:00+03:00", "2026-11-23T10:00:00+03:00"],
    ["2026-11-23T10:00:00", "2026-11-23T10:00:00+03:00"],
    ["2026-11-23T07:00:00Z", "2026-11-23T10:00:00+03:00"],
    ["2026-11-23T10:00:00.1230000+03:00", "2026-11-23T10:00:00.123+03:00"],
    ["2026-11-23T10:00:00.1234567+03:00", "2026-11-23T10:00:00.123456+03:00"],
    ["2026-11-23T22:30:00.5Z", "2026-11-24T01:30:00.5+03:00"],
  ])("%s is %s", (written, text) => {
    expect(parseExchangeTime(written)).toMatchObject({ text });
    expect(parseExchangeTime(written)?.epochMs).toBe(Date.parse(text));
  });

  test("of this process's clock is written as the broker's is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (epochMs) => {
        const text = exchangeTimeText(epochMs);
        expect(parseExchangeTime(text)).toEqual({ epochMs, text });
      }),
      { examples: [[Date.parse("2026-11-23T10:00:00+03:00")], [Date.parse("2026-11-23T10:00:00.05+03:00")]] },
    );
  });

  test.each([
    "",
    "yesterday",
    "23.11.2026 10:00:00",
    "2026-13-23T10:00:00",
    "2026-02-30T10:00:00",
    "2026-11-31T10:00:00Z",
    "2026-11-23T25:00:00",
  ])("%j is none", (text) => {
    expect(parseExchangeTime(text)).toBeUndefined();
  });
});
