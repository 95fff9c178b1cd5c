import { isAfter, isNewer, takeNewer } from "../../../app/web/newer";
import type { Order, Quote } from "../../../app/web/types";

const quote = (timestamp: string, sequence: number): Quote => ({
  symbol: "GARAN",
  sequence,
  timestamp: `2026-11-23T${timestamp}+03:00`,
  price: "120",
  bid: null,
  ask: null,
  open: "120",
  high: "120",
  low: "120",
  volume: "1",
  changePercent: null,
});
const order = (orderId: string, version: number): Order => ({
  orderId,
  symbol: "GARAN",
  side: "BUY",
  quantity: "1",
  filledQuantity: "0",
  price: null,
  averageFillPrice: null,
  status: "ACCEPTED",
  statusReason: null,
  version,
  createdAt: "2026-11-23T10:00:00Z",
});

describe("of what two sources say, the page shows the newer", () => {
  test.each<[string, Quote, Quote | undefined, boolean]>([
    ["the first one", quote("10:00:00", 5), undefined, true],
    ["a later time", quote("10:00:00.25", 6), quote("10:00:00", 5), true],
    ["an earlier time, whatever its number", quote("09:59:59", 9), quote("10:00:00", 5), false],
    ["the same time, more trades", quote("10:00:00", 6), quote("10:00:00", 5), true],
    ["the same again", quote("10:00:00", 5), quote("10:00:00", 5), false],
    ["the same time, fewer trades", quote("10:00:00", 4), quote("10:00:00", 5), false],
    ["a later time, counted anew", quote("10:00:01", 1), quote("10:00:00", 5), true],
  ])("a quote: %s", (_, news, known, expected) => {
    expect(isNewer(news, known)).toBe(expected);
  });

  test("instants of different offsets", () => {
    expect(isAfter("2026-11-23T10:00:01+03:00", "2026-11-23T07:00:00.500Z")).toBe(true);
    expect(isAfter("2026-11-23T10:00:00+03:00", "2026-11-23T07:00:00.000Z")).toBe(false);
    expect(isAfter("2026-11-23T09:00:00+03:00", "2026-11-23T07:00:00.000Z")).toBe(false);
  });

  test("orders: an answer that was read before a message came takes nothing back", () => {
    const known = new Map([["one", order("one", 3)]]);
    takeNewer(known, [order("one", 2), order("two", 1)]);
    takeNewer(known, [order("two", 2)]);
    expect([...known.values()].map(({ orderId, version }) => [orderId, version])).toEqual([
      ["one", 3],
      ["two", 2],
    ]);
  });
});
