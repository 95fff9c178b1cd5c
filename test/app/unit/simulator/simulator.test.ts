import type WebSocket from "ws";
import { AlgolabLogin, AlgolabSession } from "../../../../app/packages/algolab/client";
import { openSocket } from "../../../../app/packages/algolab/socket";
import { formatPrice, parsePrice } from "../../../../app/packages/bist/price";
import { isWithin } from "../../../../app/packages/bist/price-limits";
import { stepAt } from "../../../../app/packages/simulator/instruments";
import { Simulator } from "../../../../app/packages/simulator/simulator";
import type { SimulatorOptions } from "../../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../../app/packages/simulator/test-key";

const customer = "10000000146";
let simulator: Simulator;

/** A simulator that stands still, and a session at it. */
async function start(options: Partial<SimulatorOptions> = {}): Promise<AlgolabSession> {
  simulator = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 0, rateIntervalMs: 0, ...options });
  return new AlgolabSession(connection(), await hashOf(customer));
}

function connection(timeoutMs = 2000) {
  return { baseUrl: simulator.url, apiKey: testApiKey, timeoutMs };
}

async function hashOf(username: string): Promise<string> {
  const login = new AlgolabLogin(connection());
  const token = await login.start(username, "a password");
  return login.confirm(token, simulator.smsCode(username) ?? "");
}

afterEach(() => simulator.close());

/** GARAN's limits of the day, as text. */
async function limitsOf(session: AlgolabSession): Promise<{ floor: string; ceiling: string }> {
  const { limits } = await session.equityInfo("GARAN");
  if (limits === undefined) throw new Error("the simulator has no limits for GARAN");
  return { floor: formatPrice(limits.floor), ceiling: formatPrice(limits.ceiling) };
}

/** Buys at the ceiling, which any price reaches. */
async function buy(session: AlgolabSession, quantity = "10"): Promise<string> {
  const { ceiling } = await limitsOf(session);
  return session.sendOrder({ symbol: "GARAN", side: "BUY", limitPrice: ceiling, quantity, subAccount: "" });
}

describe("the simulator's login", () => {
  test("needs the code from the SMS, once", async () => {
    await start();
    const login = new AlgolabLogin(connection());
    const token = await login.start(customer, "a password");
    await expect(login.confirm(token, "000000")).rejects.toMatchObject({ failure: "REFUSED" });
    await expect(login.confirm(token, simulator.smsCode(customer) ?? "")).rejects.toMatchObject({ failure: "REFUSED" });
  });

  test("refuses another password than the first", async () => {
    await start();
    const again = new AlgolabLogin(connection()).start(customer, "another password");
    await expect(again).rejects.toMatchObject({ failure: "REFUSED" });
  });
});

describe("the simulator's gate", () => {
  const call = (headers: Record<string, string>, body = "{}") =>
    fetch(`${simulator.url}/api/api/SessionRefresh`, { method: "POST", headers, body }).then(({ status }) => status);

  test("answers 401 to a wrong key, a wrong signature and an unknown session", async () => {
    await start();
    const hash = await hashOf(customer);
    expect(await call({ APIKEY: "API-other" })).toBe(401);
    expect(await call({ APIKEY: testApiKey, Authorization: hash, Checker: "00" })).toBe(401);
    const stranger = new AlgolabSession(connection(), "unknown");
    await expect(stranger.refresh()).rejects.toMatchObject({ failure: "SESSION_EXPIRED" });
  });

  test("answers 429 to a call that comes too soon", async () => {
    const session = await start({ rateIntervalMs: 60_000 });
    await session.refresh();
    await expect(session.refresh()).rejects.toMatchObject({ failure: "TOO_FREQUENT" });
  });

  test("forgets a session that was idle", async () => {
    let now = Date.now();
    const session = await start({ now: () => new Date(now), sessionIdleMs: 1000 });
    now += 1000;
    await session.refresh();
    now += 1001;
    await expect(session.refresh()).rejects.toMatchObject({ failure: "SESSION_EXPIRED" });
  });
});

describe("an order at the simulator", () => {
  test("is filled in parts until it is done, and becomes a position paid for", async () => {
    const session = await start({ openingCash: "10000000.00" });
    const reference = await buy(session, "5000");
    expect(await session.todaysOrders("")).toMatchObject([
      { reference, progress: "OPEN", quantity: 5000n, filled: 0n },
    ]);
    simulator.exchange.matchAll();
    expect(await session.todaysOrders("")).toMatchObject([{ progress: "OPEN" }]);
    for (let round = 0; round < 50; round++) simulator.exchange.matchAll();
    const [order] = await session.todaysOrders("");
    expect(order).toMatchObject({ progress: "FILLED", filled: 5000n });
    expect(order?.averagePrice).toMatch(/^\d+\.\d{6}$/);
    expect(await session.positions("")).toMatchObject([{ symbol: "GARAN", quantity: "5000" }]);
    const { t0 } = await session.cashFlow("");
    expect(formatPrice(parsePrice(t0) + 5000n * parsePrice(order?.averagePrice?.slice(0, -4) ?? ""))).toBe(
      "10000000.00",
    );
  });

  test.each([
    ["off its tick", { limitPrice: "0.333" }, /InvalidPrice/],
    ["above the ceiling", { limitPrice: "99999.00" }, /PriceOutOfLimits|InvalidPriceStep/],
    ["of an unknown share", { symbol: "NOSUCH" }, /SymbolNotFound/],
    ["of nothing", { quantity: "0" }, /InvalidUnits/],
    ["that sells what is not held", { side: "SELL" as const }, /InsufficientStock/],
    ["beyond the money", { quantity: "99999999" }, /TradeLimitInsufficient/],
  ])("%s is refused under success: true", async (_name, change, refusal) => {
    const session = await start();
    const { ceiling } = await limitsOf(session);
    const order = {
      symbol: "GARAN",
      side: "BUY" as const,
      limitPrice: ceiling,
      quantity: "1",
      subAccount: "",
      ...change,
    };
    const sent = session.sendOrder(order);
    await expect(sent).rejects.toMatchObject({ failure: "REFUSED" });
    await expect(sent).rejects.toThrow(refusal);
  });

  test("can be moved and cancelled while it is open, and not after", async () => {
    const session = await start();
    const { floor } = await limitsOf(session);
    const reference = await buy(session);
    await session.modifyOrder(reference, floor, "");
    expect(await session.todaysOrders("")).toMatchObject([
      { orderPrice: parsePrice(floor), description: "İyileştirildi" },
    ]);
    await session.deleteOrder(reference, "");
    expect(await session.todaysOrders("")).toMatchObject([{ progress: "CANCELLED" }]);
    await expect(session.deleteOrder(reference, "")).rejects.toMatchObject({ failure: "REFUSED" });
  });

  test("of another customer does not exist", async () => {
    const session = await start();
    const other = new AlgolabSession(connection(), await hashOf("20000000046"));
    const reference = await buy(session);
    await expect(other.deleteOrder(reference, "")).rejects.toMatchObject({ failure: "REFUSED" });
    expect(await other.todaysOrders("")).toEqual([]);
  });
});

describe("a scripted fault", () => {
  test.each([
    ["drop", "UNOBSERVED", 0],
    ["error", "UNOBSERVED", 0],
    ["drop-after-accepting", "UNOBSERVED", 1],
    ["garbage", "UNREADABLE", 1],
    ["silence", "UNOBSERVED", 1],
  ] as const)("%s leaves the caller with %s and the broker with %s order", async (kind, failure, orders) => {
    await start();
    const session = new AlgolabSession(connection(500), await hashOf(customer));
    const { ceiling } = await limitsOf(session);
    simulator.faults.add({ at: "SendOrder", kind, times: 1 });
    const sent = session.sendOrder({
      symbol: "GARAN",
      side: "BUY",
      limitPrice: ceiling,
      quantity: "1",
      subAccount: "",
    });
    await expect(sent).rejects.toMatchObject({ failure });
    expect(await session.todaysOrders("")).toHaveLength(orders);
  });

  test("can be set over HTTP and names what is wrong with it", async () => {
    const session = await start();
    const post = (rule: object) =>
      fetch(`${simulator.url}/simulator/faults`, { method: "POST", body: JSON.stringify(rule) });
    expect((await post({ at: "TodaysTransaction", kind: "flood" })).status).toBe(400);
    expect((await post({ at: "TodaysTransaction", kind: "duplicate", times: 1 })).status).toBe(201);
    await buy(session);
    expect(await session.todaysOrders("")).toHaveLength(2);
    expect(await session.todaysOrders("")).toHaveLength(1);
  });
});

describe("the simulator's market", () => {
  test("stays on ticks and within limits, and is the same for the same seed", async () => {
    await start({ seed: 7 });
    const other = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 0, seed: 7 });
    for (let round = 0; round < 5000; round++) {
      const trade = simulator.exchange.advance();
      expect(trade.price % stepAt(trade.price, trade.share.tickSize)).toBe(0n);
      expect(isWithin(trade.price, trade.share.limits)).toBe(true);
      expect(other.exchange.advance()).toEqual(trade);
    }
    await other.close();
  });

  test("stands still before midnight in Istanbul, and goes on after it", async () => {
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"] });
    try {
      let now = new Date("2026-11-23T23:57:59+03:00");
      simulator = await Simulator.start({ apiKey: testApiKey, tradesPerSecond: 20, now: () => now });
      const advance = jest.spyOn(simulator.exchange, "advance");
      const tradesInASecond = () => {
        advance.mockClear();
        jest.advanceTimersByTime(1_000);
        return advance.mock.calls.length;
      };
      expect(tradesInASecond()).toBeGreaterThan(0);
      now = new Date("2026-11-23T23:58:00+03:00");
      expect(tradesInASecond()).toBe(0);
      now = new Date("2026-11-24T00:00:00+03:00");
      expect(tradesInASecond()).toBeGreaterThan(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe("the simulator's socket", () => {
  const opened: WebSocket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.terminate();
  });

  async function connect(hash: string) {
    const socket = openSocket({ ...connection(), hash });
    opened.push(socket);
    const messages: { Type: string; Content: Record<string, unknown> }[] = [];
    socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as (typeof messages)[0]));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return { socket, messages };
  }

  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  test("sends what was subscribed last, and one's own orders unasked", async () => {
    const session = await start();
    const hash = await hashOf(customer);
    const { socket, messages } = await connect(hash);
    const subscribe = (Type: string, Symbols: string[]) => {
      socket.send(JSON.stringify({ Type, Token: hash, Symbols }));
    };
    subscribe("T", ["ALL"]);
    subscribe("T", ["GARAN"]);
    subscribe("D", ["GARAN"]);
    await until(() => {
      simulator.advance(10);
      return messages.some(({ Type }) => Type === "D");
    });
    await buy(session);
    await until(() => messages.some(({ Type }) => Type === "O"));
    const symbols = messages.filter(({ Type }) => Type === "T").map(({ Content }) => Content["Symbol"]);
    expect(new Set(symbols.slice(-1))).toEqual(new Set(["GARAN"]));
    expect(messages.find(({ Type }) => Type === "O")?.Content).toMatchObject({ Symbol: "GARAN", Lot: 10, Status: 0 });
  });

  test("turns a stranger away and hangs up on a wrong token", async () => {
    await start();
    await expect(connect("unknown")).rejects.toThrow("401");
    const { socket } = await connect(await hashOf(customer));
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    socket.send(JSON.stringify({ Type: "H", Token: "unknown" }));
    expect(await closed).toBe(1006);
  });
});
