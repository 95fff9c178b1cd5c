import fc from "fast-check";
import { parseLots } from "../../../../app/packages/bist/lots";
import { formatPrice, parsePrice } from "../../../../app/packages/bist/price";
import { isWithin, priceLimits } from "../../../../app/packages/bist/price-limits";
import {
  isOnTick,
  roundDownToTick,
  roundUpToTick,
  shareTickSizes,
  tickSizeAt,
} from "../../../../app/packages/bist/tick-sizes";

const anyPrice = fc.bigInt({ min: 1n, max: 10_000_000n });

describe("a price", () => {
  test.each([
    ["2.04", 204n],
    ["2", 200n],
    ["0.01", 1n],
    ["44.000000", 4400n],
    ["999999.9", 99_999_990n],
  ])("reads %s lira as %s kuruş", (text, kurus) => {
    expect(parsePrice(text)).toBe(kurus);
  });

  test.each(["", "-1", "1,5", "1e3", "0.001", "NaN", " 1", "1.", "12345678901234567"])("refuses %p", (text) => {
    expect(() => parsePrice(text)).toThrow(RangeError);
  });

  test("says what would be right", () => {
    expect(() => parsePrice("1,5")).toThrow('"1,5" is not a price; use lira with a decimal point, such as "2.04"');
  });

  test("is the same after being written and read", () => {
    fc.assert(fc.property(anyPrice, (price) => parsePrice(formatPrice(price)) === price));
  });

  test("keeps its sign when written", () => {
    expect([formatPrice(-5n), formatPrice(0n), formatPrice(-12_345n)]).toEqual(["-0.05", "0.00", "-123.45"]);
  });
});

describe("price ticks of shares", () => {
  test.each([
    ["19.99", 1n],
    ["20.00", 2n],
    ["49.98", 2n],
    ["50.00", 5n],
    ["100.00", 10n],
    ["249.90", 10n],
    ["250.00", 25n],
    ["500.00", 50n],
    ["1000.00", 100n],
    ["2499.00", 100n],
    ["2500.00", 250n],
  ])("at %s the tick size is %s kuruş", (price, tickSize) => {
    expect(tickSizeAt(parsePrice(price))).toBe(tickSize);
  });

  test("every band starts on a multiple of its own tick size and of the one before", () => {
    for (const [index, { from, tickSize }] of shareTickSizes.entries()) {
      expect(from % tickSize).toBe(0n);
      expect(from % (shareTickSizes[index - 1]?.tickSize ?? 1n)).toBe(0n);
    }
  });

  test("rounding gives the nearest quotable prices on either side", () => {
    fc.assert(
      fc.property(anyPrice, (price) => {
        const [down, up] = [roundDownToTick(price), roundUpToTick(price)];
        expect(down <= price && price <= up).toBe(true);
        expect(up - down).toBe(isOnTick(price) ? 0n : tickSizeAt(price));
        expect(isOnTick(up)).toBe(true);
        expect(down === 0n || isOnTick(down)).toBe(true);
      }),
    );
  });
});

describe("daily price limits", () => {
  test.each([
    ["2.04", "1.84", "2.24"],
    ["2.75", "2.48", "3.02"],
    ["49.90", "44.92", "54.85"],
    ["241.00", "216.90", "265.00"],
    ["2400.00", "2160.00", "2640.00"],
  ])("of a base of %s are %s and %s", (base, floor, ceiling) => {
    const limits = priceLimits(parsePrice(base));
    expect([formatPrice(limits.floor), formatPrice(limits.ceiling)]).toEqual([floor, ceiling]);
  });

  test("never reach further than ten percent, are quotable, and are the outermost prices that are", () => {
    const base = anyPrice.filter((price) => price >= 20n && isOnTick(price));
    fc.assert(
      fc.property(base, (price) => {
        const { floor, ceiling } = priceLimits(price);
        expect(floor * 100n >= price * 90n && ceiling * 100n <= price * 110n).toBe(true);
        expect(isOnTick(floor) && isOnTick(ceiling)).toBe(true);
        expect((ceiling + tickSizeAt(ceiling)) * 100n > price * 110n).toBe(true);
        expect((floor - tickSizeAt(floor - 1n)) * 100n < price * 90n).toBe(true);
        expect(isWithin(price, { floor, ceiling })).toBe(true);
      }),
    );
  });
});

describe("lots", () => {
  test("are whole shares, as text from a client or from the broker", () => {
    expect([parseLots("1"), parseLots("44.000000"), parseLots("0")]).toEqual([1n, 44n, 0n]);
  });
  test.each(["1.5", "-1", "", "1e2", "0x10"])("refuse %p", (text) => {
    expect(() => parseLots(text)).toThrow(/whole lots \(one lot is one share\)/);
  });
});
