import fc from "fast-check";
import { backoffMs } from "../../../../app/packages/kit/backoff";

const times = { firstMs: 100, mostMs: 5_000 };
const waits = (count: number) => Array.from({ length: count }, (_, failures) => backoffMs(times, failures));

test("waits double from the first up to the cap", () => {
  expect(waits(8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test("any number of failures ends at the cap", () => {
  expect(backoffMs(times, 100_000)).toBe(5_000);
});

test("jitter leaves its share of a wait to chance, the capped ones' too", () => {
  const jittered = { ...times, jitter: 0.5 };
  const at = (random: number) => [0, 3, 50].map((failures) => backoffMs(jittered, failures, () => random));
  expect(at(0)).toEqual([50, 400, 2_500]);
  expect(at(0.5)).toEqual([75, 600, 3_750]);
  expect(at(1)).toEqual([100, 800, 5_000]);
});

test("no wait is outside of what its jitter allows", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(60), share, share, (failures, jitter, random) => {
      const most = backoffMs(times, failures);
      const wait = backoffMs({ ...times, jitter }, failures, () => random);
      expect(wait).toBeLessThanOrEqual(most * (1 + Number.EPSILON));
      expect(wait).toBeGreaterThanOrEqual(most * (1 - jitter));
    }),
  );
});
