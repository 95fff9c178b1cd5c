import fc from "fast-check";
import { isTckn, maskTckn } from "../../../../app/services/user-management/domain/tckn";

/** Nine digits completed by the published rule, written here a second way: with weights. */
const complete = (nine: readonly number[]): string => {
  const weighted = nine.reduce((sum, digit, index) => sum + digit * (index % 2 === 0 ? 7 : 9), 0);
  const tenth = weighted % 10;
  const eleventh = (nine.reduce((sum, digit) => sum + digit, 0) + tenth) % 10;
  return [...nine, tenth, eleventh].join("");
};
const nineDigits = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }))
  .map(([first, rest]) => [first, ...rest]);

describe("an identity number", () => {
  test("is known from its published example", () => {
    expect(isTckn("10000000146")).toBe(true);
    expect(isTckn("10000000145")).toBe(false);
  });

  test("is accepted whenever its check digits are right", () => {
    fc.assert(fc.property(nineDigits, (nine) => isTckn(complete(nine))));
  });

  test("is refused when any one digit is another", () => {
    fc.assert(
      fc.property(nineDigits, fc.nat(10), fc.integer({ min: 1, max: 9 }), (nine, place, shift) => {
        const digits = Array.from(complete(nine), Number);
        digits[place] = ((digits[place] ?? 0) + shift) % 10;
        return !isTckn(digits.join(""));
      }),
    );
  });

  test.each(["", "1234567890", "123456789012", "00000000000", "1000000014a", " 10000000146", "10000000146\n"])(
    "is not %j",
    (text) => {
      expect(isTckn(text)).toBe(false);
    },
  );

  test("shows its last two digits only", () => {
    expect(maskTckn("10000000146")).toBe("*********46");
  });
});
