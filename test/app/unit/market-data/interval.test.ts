import fc from "fast-check";
import { intervalNames, intervals, openTimeOf } from "../../../../app/services/market-data/domain/interval";

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
