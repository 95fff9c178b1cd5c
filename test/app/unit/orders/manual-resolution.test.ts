import { Decimal } from "decimal.js";
import fc from "fast-check";
import { formatPrice } from "../../../../app/packages/bist/price";
import {
  contradictionsOf,
  decidedBy,
  reportOfFinding,
} from "../../../../app/services/broker-integration/domain/manual-resolution";
import type { Circumstances, Finding } from "../../../../app/services/broker-integration/domain/manual-resolution";
import type { Order } from "../../../../app/services/broker-integration/domain/order";

const at = new Date("2026-11-27T09:00:00Z");

const inDoubt = (change: Partial<Order> = {}): Order => ({
  orderId: "00000000-0000-0000-0000-000000000001",
  clientOrderId: "mine",
  userId: "u",
  accountId: "a",
  symbol: "GARAN",
  side: "BUY",
  quantity: 3_000n,
  limitPrice: 12_05n,
  filledQuantity: 0n,
  averageFillPrice: undefined,
  averageDerived: false,
  status: "UNKNOWN",
  statusReason: "ANSWER_NOT_SEEN: the connection was lost",
  version: 3,
  tradingDay: "2026-11-27",
  brokerReference: undefined,
  exchangeOrderId: undefined,
  createdAt: at,
  submittingAt: at,
  unknownAt: at,
  updatedAt: at,
  completedAt: undefined,
  traceparent: undefined,
  ...change,
});
const filledInPart = { filledQuantity: 500n, averageFillPrice: "12.040000", brokerReference: "FO1AB2" };

const finding = (change: Partial<Finding> & Pick<Finding, "status">): Finding => ({
  filled: undefined,
  average: undefined,
  reference: undefined,
  repricedTo: undefined,
  ...change,
});
const nothingElse: Circumstances = { pricesAsked: [], ownerOfReference: undefined };
const contradictions = (order: Partial<Order>, found: Partial<Finding> & Pick<Finding, "status">, more = nothingElse) =>
  contradictionsOf(inDoubt(order), finding(found), more);

const fills = { average: "12.04", reference: "FO1AB2" };

describe("what an operator found out about an order in doubt", () => {
  test.each<[string, Partial<Order>, Partial<Finding> & Pick<Finding, "status">]>([
    ["all filled", {}, { status: "FILLED", ...fills }],
    ["all filled, and said so", {}, { status: "FILLED", filled: 3_000n, ...fills }],
    ["filled in part, then cancelled", {}, { status: "CANCELLED", filled: 1_517n, ...fills }],
    ["filled in part, then its day ended", {}, { status: "EXPIRED", filled: 1n, ...fills }],
    ["no fill beyond those known", filledInPart, { status: "EXPIRED", filled: 500n }],
    ["the known fills at an average of fewer places", filledInPart, { status: "EXPIRED", filled: 500n, average: "12" }],
    ["more fills of a known reference", filledInPart, { status: "FILLED", average: "12.05" }],
    ["never arrived", {}, { status: "REJECTED" }],
    ["refused by the exchange", {}, { status: "REJECTED", reference: "FO1AB2", filled: 0n }],
    ["cancelled without a fill", {}, { status: "CANCELLED", filled: 0n, reference: "FO1AB2" }],
    ["a market order at any price", { limitPrice: undefined }, { status: "FILLED", ...fills, average: "999.99" }],
    ["a price that it was given elsewhere", {}, { status: "FILLED", ...fills, average: "12.90", repricedTo: 1300n }],
    ["a sale above its limit", { side: "SELL" }, { status: "FILLED", ...fills, average: "12.06" }],
  ])("is taken when it fits: %s", (_, order, found) => {
    expect(contradictions(order, found)).toEqual([]);
  });

  test.each<[RegExp, Partial<Order>, Partial<Finding> & Pick<Finding, "status">]>([
    [/3001 lots filled are more than the 3000 ordered/, {}, { status: "CANCELLED", filled: 3_001n, ...fills }],
    [/3001 lots filled are more than the 3000 ordered/, {}, { status: "FILLED", filled: 3_001n, ...fills }],
    [/499 lots filled are less than the 500 that are known/, filledInPart, { status: "EXPIRED", filled: 499n }],
    [/0 lots filled are less than the 500 that are known/, filledInPart, { status: "REJECTED" }],
    [/was not REJECTED/, {}, { status: "REJECTED", filled: 1n, ...fills }],
    [/it is not FILLED/, {}, { status: "FILLED", filled: 2_999n, ...fills }],
    [/it is FILLED/, {}, { status: "CANCELLED", filled: 3_000n, ...fills }],
    [/it is FILLED/, {}, { status: "EXPIRED", filled: 3_000n, ...fills }],
    [/say how many lots were filled/, {}, { status: "CANCELLED" }],
    [/say how many lots were filled/, {}, { status: "EXPIRED" }],
    [/need the average price/, {}, { status: "FILLED", reference: "FO1AB2" }],
    [/need the average price/, filledInPart, { status: "CANCELLED", filled: 501n }],
    [/nothing was filled/, {}, { status: "EXPIRED", filled: 0n, average: "12.04" }],
    [/is worse than the limit of 12\.05/, {}, { status: "FILLED", ...fills, average: "12.050001" }],
    [/is worse than the limit of 12\.05/, { side: "SELL" }, { status: "FILLED", ...fills, average: "12.049999" }],
    [/no price to be changed/, { limitPrice: undefined }, { status: "FILLED", ...fills, repricedTo: 1300n }],
    [/had no other price/, {}, { status: "REJECTED", repricedTo: 1300n }],
    [/worse than the limit of 13\.00/, {}, { status: "FILLED", ...fills, average: "13.01", repricedTo: 1300n }],
    [
      /worse than the limit of 11\.00/,
      { side: "SELL" },
      { status: "FILLED", ...fills, average: "10.99", repricedTo: 1100n },
    ],
    [/only with the broker's reference/, {}, { status: "FILLED", average: "12.04" }],
    [/known to be FO1AB2, not FO1AB3/, filledInPart, { status: "EXPIRED", filled: 500n, reference: "FO1AB3" }],
    [/never submitted/, { tradingDay: undefined }, { status: "FILLED", ...fills }],
    ...["0", "0.000000", "-1", "1e3", "12,04", "12.0400001", "", " 12", "NaN"].map(
      (average): [RegExp, Partial<Order>, Partial<Finding> & Pick<Finding, "status">] => [
        /is not an average price/,
        {},
        { status: "FILLED", ...fills, average },
      ],
    ),
    ...["", "fo1ab2", "FO1AB2;20240730FO1AB2", "'; --", "F".repeat(33)].map(
      (reference): [RegExp, Partial<Order>, Partial<Finding> & Pick<Finding, "status">] => [
        /is not a reference/,
        {},
        { status: "REJECTED", reference },
      ],
    ),
  ])("is refused when it does not: %s", (words, order, found) => {
    expect(contradictions(order, found)).toEqual([expect.stringMatching(words)]);
  });

  test("is refused when its reference is another order's", () => {
    const taken = { pricesAsked: [], ownerOfReference: "other" };
    expect(contradictions({}, { status: "FILLED", ...fills }, taken)).toEqual([
      "the reference FO1AB2 belongs to the order other",
    ]);
  });

  test("may have been filled at a price that it was asked to move to, seen or not", () => {
    const moved = (price: bigint) => ({ pricesAsked: [price, 11_00n], ownerOfReference: undefined });
    const at1210 = { status: "FILLED", ...fills, average: "12.10" } as const;
    expect(contradictions({}, at1210, moved(12_10n))).toEqual([]);
    expect(contradictions({}, at1210, moved(12_09n))).toHaveLength(1);
    expect(contradictions({ side: "SELL", limitPrice: 13_00n }, at1210, moved(12_10n))).toEqual([]);
  });

  test.each<[string, Partial<Order>, string, boolean]>([
    ["the rest at the limit, after a part above it", { averageFillPrice: "12.500000" }, "12.125", true],
    ["the rest above the limit", { averageFillPrice: "12.040000" }, "12.07", false],
    ["more than the known part can explain", { averageFillPrice: "12.500000" }, "12.15", false],
    [
      "a sale of the rest at the limit, after a part below it",
      { side: "SELL", averageFillPrice: "11" },
      "11.875",
      true,
    ],
    ["a sale of the rest below the limit", { side: "SELL", averageFillPrice: "12.060000" }, "12.03", false],
    [
      "a second average of less money, by rounding",
      { averageFillPrice: "12.049999", filledQuantity: 2_999n },
      "12",
      true,
    ],
    [
      "the known fills alone, above the limit of now",
      { averageFillPrice: "12.5", filledQuantity: 3_000n },
      "12.5",
      true,
    ],
  ])("is held against the limit for the lots that are new: %s", (_name, order, average, fits) => {
    const known = { ...filledInPart, ...order };
    expect(contradictions(known, { status: "FILLED", average })).toHaveLength(fits ? 0 : 1);
  });

  test("fits where it is the truth, however the order was repriced and the broker rounds", () => {
    const fill = fc.record({
      lots: fc.bigInt(1n, 20_000n),
      limit: fc.bigInt(10_00n, 14_00n),
      gain: fc.bigInt(0n, 50n),
    });
    const rounding = fc.constantFrom(Decimal.ROUND_HALF_UP, Decimal.ROUND_DOWN);
    fc.assert(
      fc.property(
        fc.array(fill, { minLength: 1, maxLength: 6 }),
        fc.nat(5),
        fc.constantFrom("BUY" as const, "SELL" as const),
        fc.integer({ min: 2, max: 6 }),
        rounding,
        (fills, seen, side, places, mode) => {
          const averageOf = (some: typeof fills) => {
            const lots = some.reduce((sum, { lots: each }) => sum + each, 0n);
            const kurus = some.reduce((sum, each) => sum + each.lots * priceOf(each), 0n);
            return { lots, average: new Decimal(kurus.toString()).dividedBy(lots.toString()).dividedBy(100) };
          };
          const priceOf = ({ limit, gain }: (typeof fills)[number]) => (side === "BUY" ? limit - gain : limit + gain);
          const known = fills.slice(0, seen);
          const all = averageOf(fills);
          const before =
            known.length === 0
              ? {}
              : {
                  filledQuantity: averageOf(known).lots,
                  averageFillPrice: averageOf(known).average.toFixed(places, mode),
                };
          const order = { side, quantity: all.lots, limitPrice: fills.at(-1)?.limit ?? 1n, ...before };
          const asked = { pricesAsked: fills.map(({ limit }) => limit), ownerOfReference: undefined };
          const found = { status: "FILLED", average: all.average.toFixed(places, mode), reference: "FO1AB2" } as const;
          expect(contradictions({ ...order, brokerReference: "FO1AB2" }, found, asked)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("tells everything that is wrong with it at once", () => {
    expect(contradictions({}, { status: "FILLED", filled: 1n })).toHaveLength(3);
  });

  test("is looked for on the broker's screen on its day in Istanbul, and in the statement from the next on", () => {
    const order = { tradingDay: "2026-11-27" };
    expect(decidedBy(order, new Date("2026-11-27T20:59:59Z"))).toBe("BROKER_SCREEN");
    expect(decidedBy(order, new Date("2026-11-27T21:00:00Z"))).toBe("ACCOUNT_STATEMENT");
    expect(decidedBy({ tradingDay: undefined }, at)).toBe("ACCOUNT_STATEMENT");
  });
});

describe("the report of a finding", () => {
  test("ends the order with every lot that it names, and nothing else", () => {
    const cases = fc.record({
      quantity: fc.bigInt(2n, 20_000_000n),
      share: fc.bigInt(0n, 99n),
      knownShare: fc.bigInt(0n, 100n),
      kurus: fc.bigInt(1n, 100_000n),
      status: fc.constantFrom("CANCELLED" as const, "EXPIRED" as const, "FILLED" as const),
    });
    fc.assert(
      fc.property(cases, ({ quantity, share, knownShare, kurus, status }) => {
        const filled = status === "FILLED" ? quantity : (quantity * share) / 100n;
        const known = (filled * knownShare) / 100n;
        const price = formatPrice(kurus);
        const order = inDoubt({
          quantity,
          limitPrice: kurus,
          filledQuantity: known,
          averageFillPrice: known === 0n ? undefined : `${price}0000`,
          brokerReference: "FO1AB2",
          exchangeOrderId: "20261127FO1AB2",
        });
        const found = finding({ status, filled, average: filled === 0n ? undefined : price });
        expect(contradictionsOf(order, found, nothingElse)).toEqual([]);
        expect(reportOfFinding(order, found)).toEqual({
          status,
          filledQuantity: filled,
          averagePrice: filled === 0n ? undefined : price,
          exchangeOrderId: "20261127FO1AB2",
          limitPrice: undefined,
          isStated: false,
          reason: expect.objectContaining({ code: "RESOLVED_BY_OPERATOR" }) as unknown,
        });
      }),
    );
  });
});
