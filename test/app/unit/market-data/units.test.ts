import fc from "fast-check";
import { Decimal } from "decimal.js";
import { fromUnits, percentOf, toUnits } from "../../../../app/services/market-data/domain/units";

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
