import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { instrumentKinds, listedInstruments } from "../../../../app/packages/bist/instrument-data";
import { instrumentKind, instrumentRules } from "../../../../app/packages/bist/instruments";
import { bist30, mayBeSameInstrument, symbolPattern } from "../../../../app/packages/bist/symbols";
import { feedSymbolPattern } from "../../../../app/services/market-data/domain/tick";

const good = ["GARAN", "ASE", "A1CAP", "TSKB", "ALTINS1", "ALTIN.S1", "THYAO.E", "ISGYO.R", "GLDTR.F", "F_XU0301226"];
const hostile = [
  ...["", "GA", "ABCDEFGHIJKLM", "F_XU03012267890", "THYAOTHYAO.EE", "garan", "Garan", "ĞARAN", "GARAN ", " GARAN"],
  ...[
    "GARAN\n",
    "\nGARAN",
    "GARAN\u0000",
    "1GARAN",
    "_XU030",
    "F_",
    "f_XU0301226",
    "O_XU030",
    "FF_XU030",
    ".E",
    "E.",
    "A.E",
  ],
  ...[
    "THYAO.",
    "THYAO..E",
    "THYAO.E.E",
    "THYAO.1",
    "THYAO.EEE",
    "THYAO,AKBNK",
    "../../etc",
    "GARAN'--",
    "GARAN;--",
    "%47ARAN",
  ],
];

describe("a code of an instrument", () => {
  const pattern = new RegExp(symbolPattern);

  test.each(good)("may be %s", (symbol) => {
    expect(pattern.test(symbol)).toBe(true);
  });

  test.each(hostile)("is not %j", (symbol) => {
    expect(pattern.test(symbol)).toBe(false);
  });

  test("fits what market data and its table of symbols take", () => {
    const sql = readFileSync(join(__dirname, "../../../../app/database/migrations/002_market_data.sql"), "utf8");
    const check = new RegExp(/CHECK \(symbol ~ '([^']+)'\)/.exec(sql)?.[1] ?? "a table without a CHECK");
    fc.assert(
      fc.property(fc.stringMatching(pattern), (symbol) => check.test(symbol) && feedSymbolPattern.test(symbol)),
    );
  });

  test("has 3 to 12 characters of which none needs care in an address, in SQL or in JSON", () => {
    fc.assert(
      fc.property(fc.stringMatching(pattern), (symbol) => {
        expect(symbol).toMatch(/^[A-Z0-9._]{3,12}$/);
        expect(encodeURIComponent(symbol)).toBe(symbol);
      }),
    );
  });

  test("is typed on the page in either case, and nothing else is", () => {
    const page = readFileSync(join(__dirname, "../../../../app/web/index.html"), "utf8");
    const typed = /name="symbol"[^>]*?pattern="([^"]+)"/.exec(page)?.[1] ?? "";
    // As a browser reads the attribute.
    const accepts = new RegExp(`^(?:${typed})$`, "v");
    for (const symbol of good) expect([symbol, symbol.toLowerCase()].every((text) => accepts.test(text))).toBe(true);
    for (const text of hostile.filter((text) => !pattern.test(text.toUpperCase())))
      expect(accepts.test(text)).toBe(false);
  });

  test.each([
    ["THYAO", "THYAO.E", true],
    ["ALTINS1", "ALTIN.S1", true],
    ["GLDTR", "GLDTR.F", true],
    ["THYAO.E", "THYAO.E", true],
    ["THYAO", "AKBNK", false],
    ["THYAO.E", "AKBNK.E", false],
    ["ISGYO", "ISGYO2", false],
  ])("%s may name the same as %s: %s", (one, other, same) => {
    expect([mayBeSameInstrument(one, other), mayBeSameInstrument(other, one)]).toEqual([same, same]);
  });
});

describe("the kind of an instrument", () => {
  test.each([
    ["GARAN", "SHARE"],
    ["THYAO.E", "SHARE"],
    ["TSKB.E", "SHARE"],
    ["ZGOLD", "FUND"],
    ["GLDTR", "FUND"],
    ["GMSTR", "FUND"],
    ["ISGLK", "FUND"],
    ["GLDTR.F", "FUND"],
    ["ZPX30.F", "FUND"],
    ["ALTINS1", "CERTIFICATE"],
    ["ALTIN.S1", "CERTIFICATE"],
    ["ISGYO.R", "RIGHT"],
    ["THYAO.R", "RIGHT"],
    ["AKIAB.V", "WARRANT"],
    ["F_XU0301226", "FUTURE"],
    ["F_GARAN", "FUTURE"],
  ])("of %s is %s", (symbol, kind) => {
    expect(instrumentKind(symbol)).toBe(kind);
  });

  test.each([
    "ZPX30",
    "AKIAB",
    "XYZAB",
    "TSKB",
    "XYZAB.K",
    "GLDTR.E",
    "GARAN.V",
    "ALTINS1.E",
    "constructor",
    "XYZAB.constructor",
  ])("of %s is not known, and nothing is enforced", (symbol) => {
    expect(instrumentKind(symbol)).toBeUndefined();
    expect(instrumentRules(symbol)).toEqual({
      shareTickSizes: false,
      marketOrders: true,
      callAuctions: true,
      market: "EQUITY",
    });
  });

  test("is one where a code is listed, and its source has a date", () => {
    const codes = listedInstruments.flatMap(({ codes }) => codes);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(new RegExp(symbolPattern));
    for (const { source, asOf } of listedInstruments) {
      expect(source).not.toBe("");
      expect(asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
    expect(bist30.map(instrumentKind)).toEqual(bist30.map(() => "SHARE"));
  });

  test("alone gives tick sizes to shares, and closes auctions to warrants and the whole market to futures", () => {
    const examples = ["GARAN", "ZGOLD", "ALTINS1", "ISGYO.R", "AKIAB.V", "F_XU0301226"];
    expect(examples.map(instrumentKind)).toEqual(instrumentKinds);
    const those = (applies: (symbol: string) => boolean) => examples.filter(applies);
    expect(those((symbol) => instrumentRules(symbol).shareTickSizes)).toEqual(["GARAN"]);
    expect(those((symbol) => !instrumentRules(symbol).marketOrders)).toEqual(["AKIAB.V"]);
    expect(those((symbol) => !instrumentRules(symbol).callAuctions)).toEqual(["AKIAB.V"]);
    expect(those((symbol) => instrumentRules(symbol).market === "DERIVATIVES")).toEqual(["F_XU0301226"]);
  });
});
