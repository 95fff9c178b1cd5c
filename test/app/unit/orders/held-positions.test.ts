import { Decimal } from "decimal.js";
import fc from "fast-check";
import { parsePositions } from "../../../../app/packages/algolab/messages";
import { heldPositions } from "../../../../app/services/broker-integration/execution/held-positions";

const row = (more: object = {}) => ({
  code: "GARAN",
  type: "CH",
  totalstock: "10.000000",
  cost: "100",
  unitprice: "120",
  tlamaount: "1200",
  profit: "200",
  ...more,
});
const heldOf = (...rows: object[]) => heldPositions(parsePositions(rows));
const nothing = { totalstock: "0", tlamaount: "0", profit: "0" };
const other = { totalstock: "30", cost: "110", tlamaount: "3600", profit: "300" };

describe("a share that is listed", () => {
  test("in parts is their sum, at the average of their costs", () => {
    expect(heldOf(row(), row(other))).toEqual({
      positions: [
        {
          symbol: "GARAN",
          quantity: "40",
          averageCost: "107.5",
          lastPrice: "120",
          marketValue: "4800",
          profit: "500",
        },
      ],
      unclear: [],
      nameless: 0,
      unreadable: 0,
      problems: [],
    });
  });

  test.each([
    ["after", [row(), row(nothing)]],
    ["before", [row({ ...nothing, cost: "0", unitprice: "0" }), row()]],
  ])("with a row of nothing %s it is that of the other row", (_, rows) => {
    const { positions, problems } = heldOf(...rows);
    expect(positions).toMatchObject([{ quantity: "10", averageCost: "100", lastPrice: "120" }]);
    expect(problems).toEqual([]);
  });

  test("with rows of nothing alone is nothing", () => {
    expect(heldOf(row(nothing), row({ ...nothing, cost: "0" })).positions).toMatchObject([{ quantity: "0" }]);
  });

  test("in the same row twice is that row, and is said to be so", () => {
    const { positions, unreadable, problems } = heldOf(row(), row());
    expect([positions.map(({ quantity }) => quantity), unreadable]).toEqual([["10"], 0]);
    expect(problems).toEqual([{ problems: [{ field: "code", found: "listed 2 times, alike" }] }]);
  });

  test("at two prices is unclear, and is said to be so", () => {
    const { positions, unclear, unreadable, problems } = heldOf(
      row(),
      row({ unitprice: "121" }),
      row({ code: "THYAO" }),
    );
    expect(positions.map(({ symbol }) => symbol)).toEqual(["THYAO"]);
    expect([unclear, unreadable]).toEqual([["GARAN"], 2]);
    expect(problems).toHaveLength(1);
  });

  test("at one price that is written in two ways is its sum", () => {
    expect(heldOf(row(), row({ ...other, unitprice: "120.000000" })).positions).toMatchObject([{ quantity: "40" }]);
  });

  test("in a part that cannot be read is unclear: the other part is not all of it", () => {
    const { positions, unclear, unreadable } = heldOf(row(), row({ totalstock: "1.5" }));
    expect([positions, unclear, unreadable]).toEqual([[], ["GARAN"], 1]);
  });

  test("in parts whose sum is beyond what is stored is unclear", () => {
    const much = "9".repeat(18);
    expect(heldOf(row({ tlamaount: much }), row({ tlamaount: much, cost: "101" })).unclear).toEqual(["GARAN"]);
  });

  test("in rows that say of no share makes none of the others unclear", () => {
    expect(heldOf(row({ code: "" }), row())).toMatchObject({ nameless: 1, unreadable: 1, unclear: [] });
  });
});

test("each share has one position, of as many shares as its distinct rows have, in whatever order they come", () => {
  const rows = fc.array(
    fc.record({
      code: fc.constantFrom("GARAN", "THYAO", "AKBNK"),
      totalstock: fc.integer({ min: 0, max: 1_000 }).map(String),
      cost: fc.integer({ min: 1, max: 1_000 }).map(String),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(rows, (some) => {
      const { positions, unclear } = heldOf(...some.map(row));
      expect(unclear).toEqual([]);
      const distinct = [...new Map(some.map((each) => [JSON.stringify(each), each])).values()];
      const quantities = new Map<string, number>();
      for (const { code, totalstock } of distinct)
        quantities.set(code, (quantities.get(code) ?? 0) + Number(totalstock));
      expect(new Map(positions.map(({ symbol, quantity }) => [symbol, Number(quantity)]))).toEqual(quantities);
      expect(positions).toHaveLength(quantities.size);
      for (const { symbol, quantity, averageCost } of positions) {
        const paid = distinct
          .filter(({ code }) => code === symbol)
          .reduce((sum, { totalstock, cost }) => sum.plus(new Decimal(totalstock).times(cost)), new Decimal(0));
        if (quantity !== "0") expect(paid.dividedBy(quantity).minus(averageCost).abs().toNumber()).toBeLessThan(1e-9);
      }
    }),
  );
});
