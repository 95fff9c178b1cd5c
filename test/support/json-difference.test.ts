import fc from "fast-check";
import { applyDifference, describeDifference, difference } from "./json-difference";
import type { Difference, Json } from "./json-difference";

/** Few keys and values, so that two of them have much in common. */
const { json: similar } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 1, "", "a"),
    fc.array(tie("json"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "optOuts", "a.b", "[0]", '"', "2", "__proto__"), tie("json")), {
        selector: ([key]) => key,
        maxLength: 5,
      })
      .map((entries): Json => Object.fromEntries(entries)),
  ),
}));
const anything = fc.jsonValue() as fc.Arbitrary<Json>;

describe("the difference of two JSON values", () => {
  test.each([
    ["similar", fc.tuple(similar, similar)],
    ["any", fc.tuple(anything, anything)],
  ])("gives the second of two %s values back, key by key", (_, pairs) => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const written = JSON.parse(JSON.stringify(difference(from, to))) as Difference;
        expect(JSON.stringify(applyDifference(from, written))).toBe(JSON.stringify(to));
      }),
      { numRuns: 500 },
    );
  });

  test("is nothing between equal values alone", () => {
    fc.assert(
      fc.property(similar, similar, (from, to) => {
        const areEqual = JSON.stringify(from) === JSON.stringify(to);
        expect(JSON.stringify(difference(from, to)) === "{}").toBe(areEqual);
        expect(describeDifference(from, to).length === 0).toBe(areEqual);
      }),
    );
  });

  test("names what goes, what changes and what comes by its path", () => {
    const from = { db: { size: 1, class: "large", tags: { "a.b/c": "x", gone: true } } };
    const to = { db: { size: 2, class: "large", tags: { "a.b/c": "y" }, zone: { name: "a" } } };
    expect(difference(from, to)).toEqual({
      removed: ["db.tags.gone"],
      changed: { "db.size": 2, 'db.tags["a.b/c"]': "y" },
      added: { "db.zone": { name: "a" } },
    });
  });

  const rule = (port: number) => ({ protocol: "tcp", port, cidrs: ["10.0.0.0/16"] });

  test("edits lists by element, with the first list's indices", () => {
    expect(difference([1, 2, 3].map(rule), [1, 4, 3].map(rule))).toEqual({ changed: { "[1].port": 4 } });
    expect(difference([1, 2, 3].map(rule), [2, 3].map(rule))).toEqual({ removed: ["[0]"] });
    expect(difference([1, 2, 3].map(rule), [0, 1, 2, 7, 8, 3].map(rule))).toEqual({
      added: { "[+0]": [rule(0)], "[+2]": [rule(7), rule(8)] },
    });
    expect(difference([1].map(rule), [1, 2].map(rule))).toEqual({ added: { "[+1]": [rule(2)] } });
  });

  test("shows a value whole where that is shorter", () => {
    expect(difference({ config: { bucket: "b", key: "k", region: "r" } }, { config: { path: "p" } })).toEqual({
      changed: { config: { path: "p" } },
    });
  });

  test("sorts added keys in, opt-outs first, and tells another order", () => {
    expect(difference({ a: 1, c: 1, d: 1 }, { a: 1, b: 1, c: 1, d: 1 })).toEqual({ added: { b: 1 } });
    expect(difference({ a: 1, c: 1 }, { optOuts: ["x"], a: 1, c: 1 })).toEqual({ added: { optOuts: ["x"] } });
    const swapped = { Effect: "Allow", Action: "*", Sid: "a" };
    expect(difference({ policy: { Sid: "a", Effect: "Allow", Action: "*" } }, { policy: swapped })).toEqual({
      first: { policy: ["Effect", "Action"] },
    });
  });

  test("is refused by a value that it does not fit", () => {
    expect(() => applyDifference({ a: 1 }, { changed: { b: 2 } })).toThrow("There is no b to change");
    expect(() => applyDifference({ a: [1] }, { removed: ["a[1]"] })).toThrow("There is no [1] to change");
    expect(() => applyDifference({ a: 1 }, { changed: { "a.b": 2 } })).toThrow("There is no b to change");
    expect(() => applyDifference({ a: 1 }, { added: { a: 2 } })).toThrow("a is there already");
    expect(() => applyDifference({ a: 1 }, { removed: ["a[x]"] })).toThrow('"[x]" of "a[x]" is not a path');
  });

  test("reads as a line for each edit, with what was there before", () => {
    const kept = { a: 1, b: 2, c: 3 };
    const from = { db: { size: 1, gone: true, list: [1, 2, 3, 4], kept } };
    const to = { db: { size: 2, new: "x".repeat(200), list: [1, 9, 2, 3, 4], kept } };
    expect(describeDifference(from, to)).toEqual([
      "~ db.size: 1 -> 2",
      "- db.gone",
      "+ db.list[+1]: [9]",
      `+ db.new: "${"x".repeat(99)}…`,
      '~ db: its first keys are ["size","new"]',
    ]);
    expect(describeDifference(1, 2)).toEqual(["~ the whole: 1 -> 2"]);
  });
});
