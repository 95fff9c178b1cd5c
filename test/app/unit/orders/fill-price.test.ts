import { Decimal } from "decimal.js";
import fc from "fast-check";
import { parsePrice } from "../../../../app/packages/bist/price";
import { isOnTick } from "../../../../app/packages/bist/tick-sizes";
import {
  averageFillPrice,
  changeOfFills,
  fillBounds,
  stepOf,
  usableAverage,
} from "../../../../app/services/broker-integration/domain/fill-price";
import type { FillBounds, Step } from "../../../../app/services/broker-integration/domain/fill-price";

const unbounded: FillBounds = { least: undefined, most: undefined, likely: undefined };
const nothing = { quantity: 0n, amount: "0" };

interface Look {
  readonly filled: bigint;
  /** As the broker gives it. */
  readonly price: string;
}

/** What is booked of an order that was looked at so often. */
function book(looks: readonly Look[], bounds: FillBounds) {
  const steps: Step[] = [];
  let booked = nothing;
  let average = "0";
  for (const { filled, price } of looks) {
    const step = stepOf(booked, filled, usableAverage(price), bounds);
    average = averageFillPrice(usableAverage(price), booked, step);
    booked = { quantity: filled, amount: new Decimal(booked.amount).plus(step.amount).toFixed(6) };
    steps.push(step);
  }
  return { steps, average, amount: booked.amount };
}

describe("the price of a step between two sums of the broker", () => {
  test("is the broker's own where it is the first, and leads from one average to the next after that", () => {
    const { steps } = book(
      [
        { filled: 40n, price: "12.00" },
        { filled: 100n, price: "12.03" },
      ],
      unbounded,
    );
    expect(steps).toEqual([
      { quantity: 40n, price: "12.000000", amount: "480.000000", derived: false },
      { quantity: 60n, price: "12.050000", amount: "723.000000", derived: true },
    ]);
  });

  test.each<[string, readonly Look[], FillBounds, string]>([
    [
      "negative: 19,999,999 of 20,000,000 lots at 1.234568, then all at 1.234567",
      [
        { filled: 19_999_999n, price: "1.234568" },
        { filled: 20_000_000n, price: "1.234567" },
      ],
      fillBounds("BUY", [124n], { floor: 112n, ceiling: 136n }),
      "1.120000",
    ],
    [
      "absurd: 999 of 1,000 lots at 10.05, then all at 10.04, in whole kuruş",
      [
        { filled: 999n, price: "10.05" },
        { filled: 1_000n, price: "10.04" },
      ],
      fillBounds("BUY", [10_06n], undefined),
      "5.020000",
    ],
    [
      "absurd: the sale of 999 of 1,000 lots at 10.05, then all at 10.06",
      [
        { filled: 999n, price: "10.05" },
        { filled: 1_000n, price: "10.06" },
      ],
      fillBounds("SELL", [10_04n], { floor: 9_05n, ceiling: 11_05n }),
      "11.050000",
    ],
  ])("is brought between the bounds where it would be %s", (_name, looks, bounds, price) => {
    const { steps, average } = book(looks, bounds);
    expect(steps.at(-1)).toMatchObject({ price, derived: true });
    expect(average).toBe(new Decimal(looks.at(-1)?.price ?? 0).toFixed(6));
  });

  test("is what the order asks for, or the middle of the limits, where the broker gives none", () => {
    const only = (bounds: FillBounds) => book([{ filled: 10n, price: "0" }], bounds);
    const limits = { floor: 9_00n, ceiling: 11_00n };
    expect(only(fillBounds("BUY", [10_06n], limits)).steps).toMatchObject([{ price: "10.060000", derived: true }]);
    expect(only(fillBounds("SELL", [10_06n, 10_04n], limits)).steps).toMatchObject([{ price: "10.040000" }]);
    expect(only(fillBounds("BUY", [undefined], limits))).toMatchObject({ average: "10.000000" });
    expect(only(unbounded).steps).toMatchObject([{ price: "0.010000", derived: true }]);
  });

  test("makes up for what the bounds left out of the step before", () => {
    const looks = [
      { filled: 999n, price: "10.05" },
      { filled: 1_000n, price: "10.04" },
      { filled: 3_000n, price: "10.05" },
    ];
    expect(book(looks, fillBounds("BUY", [10_06n], { floor: 9_00n, ceiling: 11_00n })).amount).toBe("30150.000000");
  });

  const sides = fc.constantFrom("BUY" as const, "SELL" as const);
  const fills = fc.array(
    fc.record({ quantity: fc.bigInt({ min: 1n, max: 20_000_000n }), price: fc.integer({ min: 0, max: 1_000 }) }),
    { minLength: 1, maxLength: 8 },
  );
  const roundings = fc.record({
    decimals: fc.integer({ min: 2, max: 6 }),
    mode: fc.constantFrom(Decimal.ROUND_HALF_UP, Decimal.ROUND_DOWN),
  });

  test("is above 0 and within the bounds, and the order's average is the broker's last, however the broker rounds", () => {
    fc.assert(
      fc.property(
        sides,
        fills,
        roundings,
        fc.integer({ min: 1, max: 60_000 }),
        fc.boolean(),
        (side, all, rounding, from, hasLimits) => {
          const limits = { floor: BigInt(from), ceiling: BigInt(from) + (BigInt(from) * 2n) / 9n };
          const onTick = all.map(({ quantity, price }) => {
            let kurus = limits.floor + (BigInt(price) * (limits.ceiling - limits.floor)) / 1_000n;
            while (!isOnTick(kurus) && kurus > limits.floor) kurus -= 1n;
            return { quantity, kurus };
          });
          const prices = onTick.map(({ kurus }) => kurus);
          const asked = prices.reduce((one, other) => ((side === "BUY") === one > other ? one : other));
          const bounds = fillBounds(side, [asked], hasLimits ? limits : undefined);
          let filled = 0n;
          let value = 0n;
          const looks = onTick.map(({ quantity, kurus }) => {
            filled += quantity;
            value += quantity * kurus;
            const average = new Decimal(value.toString()).dividedBy(100).dividedBy(filled.toString());
            return { filled, price: average.toFixed(rounding.decimals, rounding.mode) };
          });
          const { steps, average } = book(looks, bounds);
          expect(steps.map(({ quantity }) => quantity)).toEqual(onTick.map(({ quantity }) => quantity));
          expect(average).toBe(new Decimal(looks.at(-1)?.price ?? 0).toFixed(6));
          for (const { price } of steps) {
            expect(Number(price)).toBeGreaterThanOrEqual(0.01);
            if (side === "BUY") expect(new Decimal(price).times(100).lte(asked.toString())).toBe(true);
            else expect(new Decimal(price).times(100).gte(asked.toString())).toBe(true);
            if (!hasLimits) continue;
            expect(new Decimal(price).times(100).gte(limits.floor.toString())).toBe(true);
            expect(new Decimal(price).times(100).lte(limits.ceiling.toString())).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("fits its columns for any average that the broker could give", () => {
    const text = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }), fc.bigInt({ min: 0n, max: 10n ** 12n }))
      .map(([whole, fraction]) => `${whole}.${fraction}`);
    fc.assert(
      fc.property(text, text, fc.bigInt({ min: 1n, max: 10n ** 9n }), (first, second, quantity) => {
        const { steps, average } = book(
          [
            { filled: quantity, price: first },
            { filled: quantity * 2n, price: second },
          ],
          unbounded,
        );
        for (const step of steps) {
          expect(parsePrice(step.price.slice(0, -4))).toBeGreaterThan(0n);
          expect(step.price.length).toBeLessThanOrEqual(19);
          expect(step.amount.length).toBeLessThanOrEqual(25);
        }
        expect(average.length).toBeLessThanOrEqual(19);
      }),
    );
  });
});

describe("fills of which the broker gives the price later", () => {
  interface Booked {
    readonly quantity: bigint;
    price: string;
    amount: string;
    assumed: boolean;
  }
  /** Books looks one after the other, as the store does. */
  function bookAll(looks: readonly Look[], bounds: FillBounds) {
    const executions: Booked[] = [];
    let average: string | undefined;
    let derived = false;
    const totalOf = (some: readonly Booked[]) => ({
      quantity: some.reduce((sum, { quantity }) => sum + quantity, 0n),
      amount: some.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)).toFixed(6),
    });
    for (const { filled, price } of looks) {
      const given = usableAverage(price);
      const fills = changeOfFills(
        {
          priced: totalOf(executions.filter(({ assumed }) => !assumed)),
          assumed: totalOf(executions.filter(({ assumed }) => assumed)),
        },
        filled,
        given,
        bounds,
      );
      average = fills.averageFillPrice ?? average;
      derived = fills.averageDerived ?? derived;
      for (const execution of executions.filter(({ assumed }) => assumed && fills.repriced)) {
        execution.price = fills.repriced?.price ?? "";
        execution.amount = new Decimal(execution.price).times(execution.quantity.toString()).toFixed(6);
        execution.assumed = false;
      }
      if (fills.step) executions.push({ ...fills.step, assumed: given === undefined });
    }
    return { executions, average, derived, ...totalOf(executions) };
  }

  test("are booked at an assumed one, which no other price follows from, until then", () => {
    const first = { filled: 40n, price: "0" };
    expect(bookAll([first], unbounded)).toMatchObject({ average: "0.010000", derived: true });
    const both = bookAll([first, { filled: 100n, price: "12.03" }], unbounded);
    expect(both).toMatchObject({ average: "12.030000", derived: false, amount: "1203.000000" });
    expect(both.executions.map(({ price }) => price)).toEqual(["12.030000", "12.030000"]);
    const kept = bookAll(
      [
        { filled: 40n, price: "12.03" },
        { filled: 40n, price: "0" },
      ],
      unbounded,
    );
    expect(kept).toMatchObject({ average: "12.030000", derived: false });
  });

  test("add up to the broker's sum once it gives one, whatever it left out before", () => {
    const fill = fc.record({ lots: fc.bigInt(1n, 5_000n), kurus: fc.bigInt(9_00n, 11_00n), shown: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 7 }), fc.boolean(), (fills, limited) => {
        let filled = 0n;
        let value = 0n;
        const looks = fills.map(({ lots, kurus, shown }, index) => {
          filled += lots;
          value += lots * kurus;
          const average = new Decimal(value.toString()).dividedBy(100).dividedBy(filled.toString()).toFixed(6);
          return { filled, price: shown || index === fills.length - 1 ? average : "0" };
        });
        const bounds = limited ? fillBounds("BUY", [11_00n], { floor: 9_00n, ceiling: 11_00n }) : unbounded;
        const booked = bookAll(looks, bounds);
        expect(booked).toMatchObject({ quantity: filled, average: looks.at(-1)?.price, derived: false });
        expect(booked.executions.filter(({ assumed }) => assumed)).toEqual([]);
        const missing = new Decimal(booked.amount).minus(new Decimal(value.toString()).dividedBy(100)).abs();
        // Each average is cut at its sixth place, and may be made up for by the next.
        expect(missing.toNumber()).toBeLessThan(0.000_002 * Number(filled) + 0.01);
      }),
      { numRuns: 300 },
    );
  });
});
