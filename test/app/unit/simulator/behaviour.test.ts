import type WebSocket from "ws";
import type { BrokerOrder } from "../../../../app/packages/algolab/broker-order";
import { statementFill } from "../../../../app/packages/algolab/account-statement";
import { openSocket } from "../../../../app/packages/algolab/socket";
import { formatPrice } from "../../../../app/packages/bist/price";
import type { Kurus } from "../../../../app/packages/bist/price";
import { habits } from "../../../../app/packages/simulator/habits";
import type { Habits } from "../../../../app/packages/simulator/habits";
import type { Simulator, SimulatorOptions } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";
import { SimulatedCustomer } from "./simulated-customer";

let customer: SimulatedCustomer;
let simulator: Simulator;
const sockets: WebSocket[] = [];

async function start(set: Partial<Habits> = {}, options: Partial<SimulatorOptions> = {}): Promise<void> {
  customer = await SimulatedCustomer.start({ habits: set, openingCash: "10000000.00", ...options });
  ({ simulator } = customer);
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await customer.stop();
});

const limit = (which: "floor" | "ceiling"): Kurus => simulator.exchange.market.shares.get("GARAN")?.limits[which] ?? 0n;

function buy(quantity: string, price = limit("floor"), subAccount = ""): Promise<string> {
  return customer.session.sendOrder({
    symbol: "GARAN",
    side: "BUY",
    limitPrice: formatPrice(price),
    quantity,
    subAccount,
  });
}

async function listed(reference: string, subAccount = ""): Promise<BrokerOrder | undefined> {
  return (await customer.session.todaysOrders(subAccount)).find((order) => order.reference === reference);
}

/** What a list says once no request is under way. */
async function settled(reference: string): Promise<BrokerOrder | undefined> {
  for (let look = 0; look < 3; look++) await listed(reference);
  return listed(reference);
}

describe.each(habits.map((set, index) => [index, set] as const))("under habits %i a client reads", (_index, set) => {
  test("a part fill that was deleted as cancelled, with what was filled", async () => {
    await start(set);
    const reference = await buy("3000");
    simulator.exchange.fill(reference, 1517n, limit("floor"));
    expect(await listed(reference)).toMatchObject({ progress: "OPEN", filled: 1517n, problems: [] });
    await customer.session.deleteOrder(reference, "");
    expect(await settled(reference)).toMatchObject({
      progress: "CANCELLED",
      filled: 1517n,
      quantity: 3000n,
      problems: [],
    });
  });

  test("a reprice as done when the list has its price, and the order's end afterwards", async () => {
    await start(set);
    const reference = await buy("10");
    await customer.session.modifyOrder(reference, formatPrice(limit("ceiling")), "");
    expect(await settled(reference)).toMatchObject({ progress: "OPEN", orderPrice: limit("ceiling"), problems: [] });
    simulator.exchange.fill(reference, 10n, limit("ceiling"));
    expect(await listed(reference)).toMatchObject({ progress: "FILLED", filled: 10n });
  });

  test("a refusal, whichever way it comes", async () => {
    await start(set);
    const sent = buy("99999999");
    if (set.orderRefusal === "listed") expect(await listed(await sent)).toMatchObject({ progress: "REJECTED" });
    else await expect(sent).rejects.toMatchObject({ failure: "REFUSED" });
    const reference = await buy("10");
    simulator.faults.add({ at: "DeleteOrder", kind: "refuse", times: 1 });
    const deletion = customer.session.deleteOrder(reference, "");
    if (set.requestRefusal === "listed") await deletion;
    else await expect(deletion).rejects.toMatchObject({ failure: "REFUSED" });
    const { progress, description } = (await settled(reference)) ?? {};
    expect([progress, description]).toEqual([
      "OPEN",
      set.requestRefusal === "listed" ? "Silme Reddedildi" : "İletildi",
    ]);
  });

  test("the fills of a day that nobody watched in a later statement, by reference", async () => {
    await start(set, { now: () => new Date("2026-11-24T14:00:00+03:00") });
    const reference = await buy("3000");
    simulator.exchange.fill(reference, 1000n, limit("floor"));
    simulator.exchange.fill(reference, 517n, limit("floor"));
    simulator.clockAheadMs = 3 * 86_400_000;
    expect(await customer.session.todaysOrders("")).toEqual([]);
    const from = new Date("2026-11-24T00:00:00+03:00");
    const { equity } = await customer.session.statement(from, new Date("2026-11-25T00:00:00+03:00"), "");
    const fills = equity.flatMap((row) => statementFill(row) ?? []);
    expect(fills.map(({ quantity }) => quantity)).toEqual(set.statementRows === "order" ? [1517n] : [1000n, 517n]);
    expect(fills[0]).toMatchObject({ reference, tradingDay: "2026-11-24", side: "BUY" });
    expect(Number(fills[0]?.price)).toBe(Number(formatPrice(limit("floor"))));
  });
});

describe("a statement", () => {
  test.each([
    ["evening", "19:59:59", 0, "20:00:00", 0],
    ["nextDay", "23:59:59", 0, "00:00:00", 1],
    ["valueDate", "23:59:59", 1, "00:00:00", 2],
  ] as const)("is there %s, not at %s after %i days", async (statementAvailable, before, beforeDays, at, atDays) => {
    const traded = Date.parse("2026-11-24T14:00:00+03:00");
    await start({ statementAvailable }, { now: () => new Date(traded) });
    simulator.exchange.fill(await buy("10"), 10n, limit("floor"));
    const fillsAt = async (time: string, days: number) => {
      simulator.clockAheadMs = Date.parse(`2026-11-24T${time}+03:00`) + days * 86_400_000 - traded;
      const { equity } = await customer.session.statement(new Date(0), new Date("2030-01-01"), "");
      return equity.flatMap((row) => statementFill(row) ?? []).length;
    };
    expect(await fillsAt(before, beforeDays)).toBe(0);
    expect(await fillsAt(at, atDays)).toBe(1);
  });
});

test("a statement whose rows appear one by one has the last of them after eighteen hours", async () => {
  const traded = Date.parse("2026-11-24T14:00:00+03:00");
  await start({ statementAppearance: "oneByOne", statementRows: "fill" }, { now: () => new Date(traded) });
  const reference = await buy("50");
  for (let fill = 0; fill < 5; fill++) simulator.exchange.fill(reference, 10n, limit("floor"));
  const counts = [];
  for (const hours of [-1, 0, 5, 6, 12, 17, 18]) {
    simulator.clockAheadMs = Date.parse("2026-11-25T00:00:00+03:00") + hours * 3_600_000 - traded;
    const { equity } = await customer.session.statement(new Date(0), new Date("2030-01-01"), "");
    counts.push(equity.flatMap((row) => statementFill(row) ?? []).length);
  }
  expect(counts).toEqual([0, 1, 1, 2, 3, 3, 5]);
});

describe("sub-accounts", () => {
  test("have orders, shares and money of their own, and the first is meant by none", async () => {
    await start({}, { subAccounts: ["100", "101"] });
    expect((await customer.session.subAccounts()).map(({ number }) => number)).toEqual(["100", "101"]);
    const reference = await buy("10", limit("floor"), "101");
    expect(await listed(reference)).toBeUndefined();
    expect(await listed(reference, "101")).toMatchObject({ quantity: 10n });
    await expect(customer.session.deleteOrder(reference, "100")).rejects.toMatchObject({ failure: "REFUSED" });
    simulator.exchange.fill(reference, 10n, limit("floor"));
    expect(await customer.session.positions("")).toEqual([]);
    expect(await customer.session.positions("101")).toMatchObject([{ symbol: "GARAN", quantity: "10" }]);
    expect(await customer.session.positions("100")).toEqual([]);
    await expect(customer.session.positions("102")).rejects.toMatchObject({ failure: "REFUSED" });
  });
});

describe("a customer's own key", () => {
  const keyOf = (name: string) => `API-${Buffer.alloc(32, name).toString("base64")}`;
  test("signs that customer's calls, and no other's", async () => {
    await start({}, { keyOf: (name) => (name === "1001" ? undefined : keyOf(name)) });
    const other = await SimulatedCustomer.logIn(simulator, "2002", keyOf("2002"));
    await other.session.refresh();
    expect(await other.status("SessionRefresh", {}, testApiKey)).toBe(401);
    expect(await customer.status("SessionRefresh", {}, keyOf("2002"))).toBe(401);
    await expect(SimulatedCustomer.logIn(simulator, "2002")).rejects.toMatchObject({ failure: "SESSION_EXPIRED" });
    const stranger = openSocket({ baseUrl: simulator.url, apiKey: testApiKey, hash: other.hash });
    sockets.push(stranger);
    await expect(
      new Promise((resolve, reject) => stranger.once("open", resolve).once("error", reject)),
    ).rejects.toThrow("401");
  });
});

describe("the rate of calls", () => {
  test.each([
    ["customer", "TOO_FREQUENT"],
    ["session", undefined],
  ] as const)("counts by %s", async (rateScope, failure) => {
    await start({ rateScope }, { rateIntervalMs: 3_600_000 });
    await customer.session.refresh();
    const again = (await SimulatedCustomer.logIn(simulator, "1001")).session.refresh();
    if (failure) await expect(again).rejects.toMatchObject({ failure });
    else await again;
  });

  test("counts log-ins where it does", async () => {
    await start({}, { rateIntervalMs: 3_600_000 });
    simulator.habits = { ...simulator.habits, rateCountsLogins: true };
    await expect(SimulatedCustomer.logIn(simulator, "3003")).rejects.toMatchObject({ failure: "TOO_FREQUENT" });
  });
});

describe("a scripted fault", () => {
  test("of a 401 is of one call, and the session lives", async () => {
    await start();
    simulator.faults.add({ at: "CashFlow", kind: "unauthorized", times: 1 });
    await expect(customer.session.cashFlow("")).rejects.toMatchObject({ failure: "SESSION_EXPIRED" });
    await customer.session.refresh();
    expect((await customer.session.cashFlow("")).t0).toBe("10000000.00");
  });

  test.each(["TodaysTransaction", "InstantPosition", "CashFlow", "SendOrder"])(
    "of another form makes %s unreadable",
    async (at) => {
      await start();
      simulator.faults.add({ at, kind: "other-form", times: 1 });
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        TodaysTransaction: () => customer.session.todaysOrders(""),
        InstantPosition: () => customer.session.positions(""),
        CashFlow: () => customer.session.cashFlow(""),
        SendOrder: () => buy("1"),
      };
      await expect(calls[at]?.()).rejects.toMatchObject({ failure: "UNREADABLE" });
    },
  );

  test("of strange rows costs the rows beside them nothing", async () => {
    await start();
    const reference = await buy("10");
    simulator.faults.add({ at: "TodaysTransaction", kind: "strange-rows", times: 1 });
    const orders = await customer.session.todaysOrders("");
    expect(orders.find((order) => order.reference === reference)).toMatchObject({ quantity: 10n, problems: [] });
    expect(orders.filter(({ problems }) => problems.length > 0)).toHaveLength(6);
  });
});

// borsaistanbul.com/en/sayfa/2104/order-types: it matches until its quantity is contained; the rest is deleted if no order is
// left on the opposite side.
describe("a market order in continuous trading", () => {
  const sendMarketOrder = (side: "BUY" | "SELL", quantity: string) =>
    customer.session.sendOrder({ symbol: "GARAN", side, limitPrice: undefined, quantity, subAccount: "" });

  test("of a hundred lots is filled, whatever the best price offers", async () => {
    await start({}, { openingCash: "100000000.00" });
    const references: string[] = [];
    for (let order = 0; order < 60; order++) references.push(await sendMarketOrder("BUY", "100"));
    simulator.exchange.matchAll();
    for (const reference of references) {
      expect(await listed(reference)).toMatchObject({ progress: "FILLED", filled: 100n });
    }
  });

  test("that wants more than the book has is filled at ever worse prices, and deleted", async () => {
    await start({}, { openingCash: "100000000.00" });
    const best = formatPrice(simulator.exchange.market.shares.get("GARAN")?.last ?? 0n);
    const reference = await sendMarketOrder("BUY", "30000");
    simulator.exchange.matchAll();
    const order = await listed(reference);
    expect(order).toMatchObject({ progress: "EXPIRED", description: "KIE Emri Silindi", quantity: 30_000n });
    expect(Number(order?.filled)).toBeLessThanOrEqual(20_000);
    expect(Number(order?.averagePrice)).toBeGreaterThan(Number(best));
  });
});

describe("a call auction", () => {
  test.each([
    ["rests", "OPEN"],
    ["refused", undefined],
  ] as const)("a market order %s in it", async (auctionMarketOrder, progress) => {
    await start({ auctionMarketOrder });
    simulator.exchange.startAuction();
    const ticket = { symbol: "GARAN", side: "BUY", limitPrice: undefined, quantity: "1", subAccount: "" } as const;
    const sent = customer.session.sendOrder(ticket);
    if (progress === undefined) {
      await expect(sent).rejects.toThrow(/InvalidPriceType/);
      return;
    }
    const reference = await sent;
    simulator.exchange.matchAll();
    expect(await listed(reference)).toMatchObject({ progress, filled: 0n });
    simulator.exchange.endAuction();
    expect(await listed(reference)).toMatchObject({ progress: "FILLED", filled: 1n });
  });
});

describe("trades on the socket", () => {
  const trades: string[] = [];
  async function subscribe(): Promise<void> {
    trades.splice(0);
    const socket = openSocket({ baseUrl: simulator.url, apiKey: testApiKey, hash: customer.hash });
    sockets.push(socket);
    socket.on("message", (data: Buffer) => trades.push(data.toString()));
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(JSON.stringify({ Type: "T", Token: customer.hash, Symbols: ["GARAN"] }));
  }
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  test.each([
    ["none", 0],
    ["last", 1],
    ["lastThree", 3],
  ] as const)("of before a connection are repeated by the habit: %s", async (tradesRepeated, repeated) => {
    await start({ tradesRepeated });
    for (let quantity = 1; quantity <= 5; quantity++) simulator.publish({ symbol: "GARAN", quantity });
    await subscribe();
    await until(() => trades.length === repeated);
    const sizes = () => trades.map((text) => Number(/"TradeQuantity":(\d+)/.exec(text)?.[1]));
    expect(sizes()).toEqual([3, 4, 5].slice(3 - repeated));
    await until(() => {
      simulator.publish({ symbol: "GARAN", quantity: 99 });
      return sizes().includes(99);
    });
    expect(sizes().filter((size) => size !== 99)).toEqual([3, 4, 5].slice(3 - repeated));
  });

  test("may be equal to the last character, and of any time", async () => {
    await start();
    await subscribe();
    await until(() => {
      simulator.publish({ symbol: "GARAN", quantity: 1 });
      return trades.length > 0;
    });
    simulator.publish({ symbol: "GARAN", quantity: 7, times: 5, at: "9999-12-31T23:59:59+03:00" });
    const published = () => trades.filter((text) => text.includes('"TradeQuantity":7.0'));
    await until(() => published().length === 5);
    expect(new Set(published()).size).toBe(1);
    expect(published()[0]).toContain('"Date":"9999-12-31T23:59:59+03:00"');
  });
});

describe("candles", () => {
  test("are the same whenever they are asked for, and 250", async () => {
    await start({}, { now: () => new Date("2026-11-24T14:30:30+03:00") });
    const before = await customer.session.candles("GARAN", 15);
    simulator.clockAheadMs = 45 * 60_000;
    const after = await customer.session.candles("GARAN", 15);
    expect([before.length, after.length]).toEqual([250, 250]);
    // But for the last, which was still running.
    expect(after.slice(0, -4)).toEqual(before.slice(3, -1));
    expect(before.at(-1)?.openTime).toEqual(new Date("2026-11-24T14:30:00+03:00"));
    expect(before.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test("of all periods are there, and of no other", async () => {
    await start({ candleDates: "offset" });
    for (const period of [1, 60, 240, 1_440, 10_080, 43_200]) {
      const bars = await customer.session.candles("GARAN", period);
      const times = bars.map(({ openTime }) => openTime?.getTime() ?? 0);
      expect(bars).toHaveLength(250);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    }
    await expect(customer.session.candles("GARAN", 7)).rejects.toMatchObject({ failure: "REFUSED" });
  });

  test.each([
    ["404", "REFUSED"],
    ["401", "SESSION_EXPIRED"],
    ["refuses", "REFUSED"],
  ] as const)("are not for everybody: %s", async (candles, failure) => {
    await start({ candles });
    await expect(customer.session.candles("GARAN", 60)).rejects.toMatchObject({ failure });
    await customer.session.refresh();
  });
});

describe("the side door", () => {
  const post = (path: string, body: unknown) =>
    fetch(`${simulator.url}/simulator/${path}`, { method: "POST", body: JSON.stringify(body) });

  test("changes habits, the clock and rows, and names what is wrong", async () => {
    await start();
    const reference = await buy("10");
    expect((await post("habits", { riskForm: "object", timeInForce: "" })).status).toBe(200);
    expect(simulator.habits).toMatchObject({ riskForm: "object", timeInForce: "", candles: "answers" });
    expect((await post("habits", { riskForm: "table" })).status).toBe(400);
    expect((await post("fill", { reference, quantity: "4", price: "250.00" })).status).toBe(200);
    expect(await listed(reference)).toMatchObject({ filled: 4n });
    await post("rows", { endpoint: "InstantPosition", customer: "1001", rows: "strange" });
    expect((await customer.session.positions("")).length).toBe(4);
    await post("rows", { endpoint: "InstantPosition", customer: "1001", rows: [] });
    expect((await customer.session.positions("")).length).toBe(1);
    expect((await post("trades", { symbol: "NOSUCH" })).status).toBe(400);
    expect((await post("clock", { aheadMs: 86_400_000 })).status).toBe(200);
    expect(await customer.session.todaysOrders("")).toEqual([]);
  });
});
