import fc from "fast-check";
import { FrameReader } from "../../../../app/services/market-data/feed/frame-reader";
import { rememberedTrades, Repetitions } from "../../../../app/services/market-data/feed/repetitions";
import { Metrics } from "../../../../app/packages/kit/observability/metrics";
import type { Tick } from "../../../../app/services/market-data/domain/tick";
import { TestClock } from "../../support/clock";

const startMs = Date.parse("2026-11-23T11:00:00+03:00");

/** A trade stamped with a whole second, as the broker stamps them. */
const trade = (second: number, change: Partial<Tick> = {}): Tick => {
  const epochMs = startMs + second * 1_000;
  return {
    symbol: "GARAN",
    market: "IMKBH",
    timestamp: `${new Date(epochMs + 3 * 3_600_000).toISOString().slice(0, 19)}+03:00`,
    epochMs,
    price: "123.40",
    quantity: "10",
    side: "BUY",
    bid: "123.30",
    ask: "123.40",
    ...change,
  };
};
const secondMs = (second: number) => startMs + second * 1_000;
/** Those of the ticks that are taken for new. */
const newOnes = (repetitions: Repetitions, ticks: readonly Tick[]) =>
  ticks.filter((tick) => !repetitions.repeats(tick));
/** After a connection has brought these ticks, at a later one. */
const reconnected = (second: number, ...stored: Tick[]) => {
  const repetitions = new Repetitions();
  repetitions.connected(startMs);
  expect(newOnes(repetitions, stored)).toEqual(stored);
  repetitions.connected(secondMs(second));
  return repetitions;
};

describe("repetitions", () => {
  test("equal trades of one second on one connection are different trades, however many", () => {
    const many = Array.from({ length: 3 * rememberedTrades }, () => trade(1));
    expect(newOnes(reconnected(9), many)).toHaveLength(many.length);
  });

  test("three stored equal trades that are repeated are dropped, and a fourth is new", () => {
    const fourth = trade(1);
    expect(newOnes(reconnected(3, trade(1), trade(1), trade(1)), [trade(1), trade(1), trade(1), fourth])).toEqual([
      fourth,
    ]);
  });

  test("each connection may repeat them again", () => {
    const repetitions = reconnected(3, trade(1), trade(2));
    expect(newOnes(repetitions, [trade(2)])).toEqual([]);
    repetitions.connected(secondMs(4));
    expect(newOnes(repetitions, [trade(1), trade(2)])).toEqual([]);
  });

  test("a trade that the cut hid is new, before, between and after what is repeated", () => {
    const hidden = [trade(1, { price: "123.50" }), trade(2, { quantity: "11" }), trade(2, { side: "SELL" })];
    const [first, second, third] = hidden as [Tick, Tick, Tick];
    expect(newOnes(reconnected(9, trade(1), trade(2)), [first, trade(2), second, trade(1), third])).toEqual(hidden);
  });

  test("bid and ask of now, and another way to write an amount, make no new trade", () => {
    const repeated = trade(1, { bid: undefined, ask: "125.00", price: "123.4", quantity: "10.0" });
    expect(newOnes(reconnected(3, trade(1)), [repeated])).toEqual([]);
  });

  test.each([
    ["price", { price: "123.45" }],
    ["quantity", { quantity: "11" }],
    ["side", { side: "SELL" }],
    ["symbol", { symbol: "THYAO" }],
    ["second", trade(2)],
    ["fraction of a second", { timestamp: "2026-11-23T11:00:01.0005+03:00" }],
  ] as const)("another %s makes another trade", (_, change) => {
    expect(newOnes(reconnected(3, trade(1)), [trade(1, change)])).toHaveLength(1);
  });

  test("where nothing is repeated, the second of the connection loses nothing after its first new trade", () => {
    const ofNow = [trade(1, { price: "123.50" }), trade(1), trade(1), trade(1)];
    expect(newOnes(reconnected(1, trade(1), trade(1)), ofNow)).toEqual(ofNow);
  });

  test("of a longer past, the newest are recognised", () => {
    const stored = Array.from({ length: rememberedTrades + 5 }, (_, second) => trade(second));
    expect(newOnes(reconnected(1_000, ...stored), stored)).toEqual(stored.slice(0, 5));
  });

  test("what another replica stored is recognised on the first connection", () => {
    const repetitions = new Repetitions();
    repetitions.restore([trade(1), trade(1), trade(2, { symbol: "F_XU0301226" })]);
    repetitions.connected(secondMs(5));
    const repeated = [trade(2, { symbol: "F_XU0301226" }), trade(1), trade(1)];
    expect(newOnes(repetitions, [...repeated, trade(1)])).toEqual([trade(1)]);
  });

  test("whatever is repeated, in any order and mixed with what is new: all that is new is taken, once", () => {
    const shape = { quantity: fc.constantFrom("1", "2"), side: fc.constantFrom("BUY" as const, "SELL" as const) };
    const stored = fc.array(fc.record({ ...shape, second: fc.integer({ min: 0, max: 5 }) }), { maxLength: 40 });
    const fresh = fc.array(fc.record({ ...shape, second: fc.integer({ min: 0, max: 12 }) }), { maxLength: 40 });
    fc.assert(
      fc.property(stored, fresh, fc.infiniteStream(fc.nat()), (before, after, choices) => {
        const choose = () => choices.next().value as number;
        const known = before.map(({ second, ...change }) => trade(second, change));
        const repetitions = reconnected(8, ...known);
        // Of the cut, and distinct from what was stored, or of the time after the connection.
        const wanted = after.map(({ second, ...change }) =>
          trade(second, second < 8 ? { ...change, price: "99.90" } : change),
        );
        const sent = [...known.filter(() => choose() % 3 > 0), ...wanted]
          .map((tick) => ({ tick, place: choose() }))
          .sort((a, b) => a.place - b.place)
          .map(({ tick }) => tick);
        expect(newOnes(repetitions, sent)).toEqual(sent.filter((tick) => wanted.includes(tick)));
      }),
    );
  });
});

describe("frames of the broker", () => {
  const frame = (change: Record<string, unknown> = {}) =>
    JSON.stringify({
      Type: "T",
      Content: {
        Symbol: "GARAN",
        Market: "IMKBH",
        Price: 123.4,
        Change: 0.1,
        Ask: 123.4,
        Bid: 123.3,
        Date: "2026-11-23T11:00:01+03:00",
        ChangePercentage: 0.08,
        High: 124,
        Low: 122,
        TradeQuantity: 10,
        Direction: "B",
        RefPrice: 123.3,
        BalancePrice: 123.35,
        BalanceAmount: 1_500,
        Buying: "IYM",
        Selling: "YKR",
        ...change,
      },
    });

  test("five equal ones of one second are five ticks, and five more after a repetition of them all", async () => {
    const ticks: Tick[] = [];
    const metrics = new Metrics("market-data");
    const reader = new FrameReader(metrics, new TestClock(secondMs(2)), {
      tick: (tick) => ticks.push(tick),
      bookRow: () => undefined,
    });
    reader.connected();
    for (let n = 0; n < 5; n++) reader.read(frame());
    expect(ticks).toHaveLength(5);
    reader.connected();
    for (let n = 0; n < 10; n++) reader.read(frame());
    expect(ticks).toHaveLength(10);
    expect(await metrics.registry.metrics()).toMatch(/market_ticks_repeated_total\{[^}]*\} 5\b/);
  });
});
