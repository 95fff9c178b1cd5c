import fc from "fast-check";
import { difference } from "./json-difference";
import { exchangeNames, namesWithin } from "./names";

const names = {
  "production-data": "staging-data",
  "bist-trading-prod": "bist-trading-staging",
  "111122223333": "444455556666",
  "bist-trading.com": "staging.bist-trading.com",
  "bist-trading.com/revision": "bist-trading.com/revision",
};

describe("names of environments", () => {
  test("are exchanged in keys and values, in lists and in longer names", () => {
    expect(
      exchangeNames(
        {
          "cross-stack-reference-input-production-data": "${data.x.cross-stack-reference-input-production-data.y}",
          arns: ["arn:aws:iam::111122223333:role/bist-trading-prod-node"],
          host: "https://api.bist-trading.com/path",
          "bist-trading.com/revision": 3,
        },
        names,
      ),
    ).toEqual({
      "cross-stack-reference-input-staging-data": "${data.x.cross-stack-reference-input-staging-data.y}",
      arns: ["arn:aws:iam::444455556666:role/bist-trading-staging-node"],
      host: "https://api.staging.bist-trading.com/path",
      "bist-trading.com/revision": 3,
    });
  });

  test("are left within longer words", () => {
    const words = ["bist-trading-production", "xbist-trading-prod", "1111222233334"];
    expect(exchangeNames(words, names)).toEqual(words);
  });

  test("of the wrong environment remain a difference", () => {
    const productions = { role: "bist-trading-prod-node", account: "111122223333", image: "bist-trading-staging/app" };
    const good = { role: "bist-trading-staging-node", account: "444455556666", image: "bist-trading-prod/app" };
    const exchanged = exchangeNames(productions, names);
    expect(difference(exchanged, good)).toEqual({});
    for (const [key, wrong] of Object.entries(productions)) {
      expect(difference(exchanged, { ...good, [key]: wrong })).toEqual({ changed: { [key]: wrong } });
    }
  });

  test("come back by another exchange, so that no two texts become the same", () => {
    const ambiguous = {
      ...names,
      "bist-trading-old": "bist-trading-staging",
      production: "staging",
      a: "b-a",
      "a-b": "c",
    };
    const parts = [...Object.entries(ambiguous).flat(), "a", "b", "c", "-", ".", "/", ""];
    const text = fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((some) => some.join(""));
    fc.assert(
      fc.property(text, (some) => {
        expect(exchangeNames(exchangeNames(some, ambiguous), ambiguous)).toBe(some);
      }),
      { numRuns: 2000 },
    );
  });

  test("that a value has nothing of are left out", () => {
    expect(namesWithin({ role: "bist-trading-prod-node", image: ["bist-trading-staging"] }, names)).toEqual({
      "bist-trading-prod": "bist-trading-staging",
    });
    expect(namesWithin({ "444455556666": 1, "1111222233330": 1 }, names)).toEqual({ "111122223333": "444455556666" });
  });
});
