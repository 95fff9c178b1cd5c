import { randomUUID } from "node:crypto";
import { defaultHabits, habitChoices } from "../../../app/packages/simulator/habits";
import { anyOrder, eventually } from "../support/broker";
import { accountWorker } from "../support/account-worker";
import type { OrderBody } from "../support/account-worker";
import { testToken } from "../support/tokens";

const worker = accountWorker();
const { becomes, ceiling, floor, get, orderNow, place, placed, submissions } = worker;

const rememberLimits = (floor: string, ceiling: string, age = "0 s") =>
  worker.database.query(
    `INSERT INTO price_limits (symbol, trading_day, floor, ceiling, read_at)
     VALUES ('GARAN', (now() AT TIME ZONE 'Europe/Istanbul')::date, $1, $2, clock_timestamp() - $3::interval)
     ON CONFLICT (symbol, trading_day) DO UPDATE SET floor = $1, ceiling = $2, read_at = excluded.read_at`,
    [floor, ceiling, age],
  );

describe("placing an order", () => {
  test("answers once it is durable, sends it once, and books its fills", async () => {
    const answer = await place({ quantity: "3000" });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: "CREATED", quantity: "3000", price: ceiling(), version: 1 });
    const { orderId } = answer.body as OrderBody;
    expect(answer.headers.get("location")).toBe(`/api/v1/orders/${orderId}`);
    await becomes(orderId, "ACCEPTED");
    worker.simulator.exchange.matchAll();
    await becomes(orderId, "PARTIALLY_FILLED");
    for (let round = 0; round < 50; round++) worker.simulator.exchange.matchAll();
    expect(await becomes(orderId, "FILLED")).toMatchObject({ filledQuantity: "3000" });
    expect(submissions()).toBe(1);

    const { executions } = (await get(`/api/v1/orders/${orderId}`)).body as { executions: { quantity: string }[] };
    expect(executions.length).toBeGreaterThan(1);
    expect(executions.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n)).toBe(3000n);
    const { transactions } = (await get("/api/v1/broker/transactions")).body as { transactions: object[] };
    expect(transactions).toHaveLength(executions.length);
    expect(transactions[0]).toMatchObject({
      type: "BUY",
      symbol: "GARAN",
      currency: "TRY",
      status: "PENDING",
      orderId,
    });
    const { body } = await get("/api/v1/broker/positions");
    expect(body).toMatchObject({ positions: [{ symbol: "GARAN", quantity: "3000" }] });
  });

  test("sends the order itself: symbol, side, lots and price as asked", async () => {
    await becomes(await placed({ symbol: "THYAO", type: "MARKET", price: undefined, quantity: "7" }), "ACCEPTED");
    expect(worker.simulator.exchange.ordersOf(worker.trader.customer)).toMatchObject([
      { symbol: "THYAO", side: "BUY", quantity: 7n, price: 0n },
    ]);
  });

  test("without an Idempotency-Key is not understood", async () => {
    const answer = await worker.service.call("POST", "/api/v1/orders", {
      token: worker.trader.token,
      body: { ...anyOrder, price: ceiling() },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: "IDEMPOTENCY_KEY_REQUIRED" } });
  });

  test("again with the same key and order gives the first answer again, and sends nothing", async () => {
    const key = randomUUID();
    const first = await place({}, key);
    await becomes((first.body as OrderBody).orderId, "ACCEPTED");
    const second = await place({}, key);
    expect(second.status).toBe(202);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect(submissions()).toBe(1);
  });

  test("again with the same key gives an answer of before reasons had codes as well", async () => {
    const key = randomUUID();
    const first = await place({}, key);
    await worker.database.query("UPDATE idempotency_keys SET answer = answer - 'statusReasonCode' WHERE key = $1", [
      key,
    ]);
    expect(await place({}, key)).toMatchObject({ status: 202, body: first.body });
  });

  test("again with the same key and another order is refused", async () => {
    const key = randomUUID();
    await place({}, key);
    expect(await place({ quantity: "11" }, key)).toMatchObject({
      status: 422,
      body: { code: "IDEMPOTENCY_KEY_REUSED" },
    });
  });

  test("while the first request with the key is running is a conflict", async () => {
    const key = randomUUID();
    await worker.database.query("BEGIN");
    await worker.database.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `idempotency:${worker.trader.userId}:${key}`,
    ]);
    const answer = await place({}, key);
    await worker.database.query("COMMIT");
    expect(answer).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_KEY_IN_USE" } });
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  test("at once from many sides with one key makes one order", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => place({}, key)));
    const orders = new Set(
      answers.filter(({ status }) => status === 202).map(({ body }) => (body as OrderBody).orderId),
    );
    expect(orders.size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    await becomes([...orders][0] ?? "", "ACCEPTED");
    expect(submissions()).toBe(1);
  });

  test("under a client order id that is taken is refused, whatever the key", async () => {
    await place({ clientOrderId: "mine" });
    expect(await place({ clientOrderId: "mine" })).toMatchObject({
      status: 409,
      body: { code: "DUPLICATE_CLIENT_ORDER_ID" },
    });
  });

  test.each([
    [{ price: "1000.01" }, 422, "INVALID_PRICE_TICK"],
    [{ quantity: "0" }, 422, "INVALID_QUANTITY"],
    [{ price: undefined }, 422, "INVALID_PRICE"],
    [{ price: "0.00" }, 422, "INVALID_PRICE"],
    [{ symbol: "ZGOLD", price: "0" }, 422, "INVALID_PRICE"],
    [{ type: "MARKET" }, 422, "INVALID_PRICE"],
    [{ price: "1e3" }, 400, "INVALID_REQUEST"],
    [{ timeInForce: "GTC" }, 400, "INVALID_REQUEST"],
    [{ surprise: true }, 400, "INVALID_REQUEST"],
  ])("with %j is answered %s %s", async (change, status, code) => {
    expect(await place(change)).toMatchObject({ status, body: { code } });
    expect(submissions()).toBe(0);
  });

  const refused = { status: 422, body: { code: "PRICE_OUT_OF_LIMITS" } };

  test("outside the day's limits is sent while they are not known, and told when it is placed once they are", async () => {
    await worker.database.query("DELETE FROM price_limits");
    const order = await becomes(await placed({ price: "5000.00" }), "REJECTED");
    expect(order.statusReasonCode).toBe("BROKER_REFUSED");
    expect(order.statusReason).toMatch("PriceOutOfLimits");
    // Limits are learnt when nothing else is to be done, for orders of every user.
    await placed({ price: floor() });
    await eventually(
      () => worker.database.query("SELECT FROM price_limits WHERE symbol = 'GARAN'"),
      ({ length }) => length === 1,
    );
    expect(await place({ price: "5000.00" })).toMatchObject(refused);
  });

  test.each(["0 s", "59 s", "1 h"])(
    "outside limits of %s ago is refused once the broker confirms them",
    async (age) => {
      await rememberLimits("1", "2", age);
      const [asked, sent] = [worker.calls("GetEquityInfo"), submissions()];
      const answer = await place({ price: "5000.00" });
      expect(answer).toMatchObject(refused);
      // By the limits of the broker's answer, not by those that were known.
      expect((answer.body as { detail: string }).detail).toContain(`${floor()} to ${ceiling()}`);
      expect([worker.calls("GetEquityInfo"), submissions()]).toEqual([asked + 1, sent]);
    },
  );

  test.each(["0 s", "59 s", "1 h"])("outside limits of %s ago that moved meanwhile is taken and sent", async (age) => {
    await rememberLimits("1", "2", age);
    await becomes(await placed(), "ACCEPTED");
  });

  test("outside limits that the broker does not confirm is the broker's to judge", async () => {
    await rememberLimits("1", "2");
    worker.simulator.faults.add({ at: "GetEquityInfo", kind: "garbage" });
    await becomes(await placed(), "ACCEPTED");
  });

  test("outside limits is neither refused nor taken while the broker cannot be asked for them", async () => {
    await rememberLimits("1", "2");
    const sent = submissions();
    const key = randomUUID();
    worker.simulator.faults.add({ at: "GetEquityInfo", kind: "silence" });
    const answer = await place({}, key);
    expect(answer).toMatchObject({ status: 503, body: { code: "BROKER_UNAVAILABLE" } });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(submissions()).toBe(sent);
    worker.simulator.faults.clear();
    // The key was not used up.
    await becomes(await placed({}, key), "ACCEPTED");
  });

  test.each([
    ["that the broker confirms is rejected", "5000.00", "REJECTED", "PRICE_OUT_OF_LIMITS", 0],
    ["that moved meanwhile is sent", undefined, "ACCEPTED", null, 1],
  ] as const)("that waits and is outside limits %s", async (_, price, status, code, sends) => {
    await worker.database.query("DELETE FROM price_limits");
    const order = price === undefined ? {} : { price };
    // One that looks the same is in doubt, so that the next one waits.
    worker.simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1 });
    worker.simulator.faults.add({ at: "TodaysTransaction", kind: "error" });
    await becomes(await placed(order), "UNKNOWN");
    await rememberLimits("1", "9999");
    const waiting = await placed(order);
    await rememberLimits("1", "2");
    const sent = submissions();
    worker.simulator.faults.clear();
    expect(await becomes(waiting, status)).toMatchObject({ statusReasonCode: code });
    expect(submissions()).toBe(sent + sends);
  });

  test("whose limits are confirmed keeps its place before those that came after it", async () => {
    await worker.database.query("DELETE FROM price_limits");
    // While the call before them is under way, both come.
    worker.simulator.faults.add({ at: "CashFlow", kind: "delay", times: 1, delayMs: 500 });
    const look = get("/api/v1/broker/cash-flow");
    worker.simulator.faults.add({ at: "TodaysTransaction", kind: "delay", delayMs: 500 });
    const first = await placed({ quantity: "11" });
    await rememberLimits("1", "2");
    const second = await placed({ symbol: "THYAO", type: "MARKET", price: undefined });
    for (const id of [first, second]) await becomes(id, "ACCEPTED");
    await look;
    const atBroker = worker.simulator.exchange.ordersOf(worker.trader.customer).map(({ symbol }) => symbol);
    expect(atBroker).toEqual(["GARAN", "THYAO"]);
  });

  test("for each of many shares sends all in the order in which they were placed", async () => {
    await worker.database.query("DELETE FROM price_limits");
    const symbols = [...worker.simulator.exchange.market.shares.keys()].slice(0, 12);
    const ids: string[] = [];
    for (const symbol of symbols) ids.push(await placed({ symbol, type: "MARKET", price: undefined, quantity: "1" }));
    for (const id of ids) await becomes(id, "ACCEPTED");
    const atBroker = worker.simulator.exchange.ordersOf(worker.trader.customer).map(({ symbol }) => symbol);
    expect(atBroker).toEqual(symbols);
  });

  test("that the broker refuses under success: true is rejected with the broker's words", async () => {
    const order = await becomes(await placed({ quantity: "90000000" }), "REJECTED");
    expect(order.statusReasonCode).toBe("BROKER_REFUSED");
    expect(order.statusReason).toMatch("TradeLimitInsufficient");
  });

  test("for a share that the broker does not know is rejected", async () => {
    const order = await becomes(await placed({ symbol: "NOSUCH" }), "REJECTED");
    expect(order.statusReasonCode).toBe("BROKER_REFUSED");
    expect(order.statusReason).toMatch("SymbolNotFound");
  });

  test("without a session at the broker is a conflict", async () => {
    await worker.service.call("POST", "/api/v1/broker/auth/logout", { token: worker.trader.token });
    expect(await place()).toMatchObject({ status: 409, body: { code: "BROKER_SESSION_REQUIRED" } });
  });
});

describe("changing an order", () => {
  test("moves its price and cancels it", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    const moved = await worker.service.call("PUT", `/api/v1/orders/${orderId}`, {
      token: worker.trader.token,
      body: { price: floor() },
    });
    expect(moved).toMatchObject({ status: 202, body: { request: { kind: "MODIFY", status: "PENDING" } } });
    await eventually(
      () => orderNow(orderId),
      ({ price }) => price === floor(),
    );
    await eventually(
      () => worker.service.call("DELETE", `/api/v1/orders/${orderId}`, { token: worker.trader.token }),
      ({ status }) => status === 202,
    );
    await becomes(orderId, "CANCELLED");
    expect(worker.simulator.exchange.ordersOf(worker.trader.customer)[0]).toMatchObject({ state: "DELETED" });
    const again = await worker.service.call("DELETE", `/api/v1/orders/${orderId}`, { token: worker.trader.token });
    expect(again).toMatchObject({ status: 409, body: { code: "CANNOT_CANCEL" } });
  });

  test.each([
    ["0", 422, "INVALID_PRICE"],
    ["0.00", 422, "INVALID_PRICE"],
    ["10.001", 400, "INVALID_REQUEST"],
    ["-1", 400, "INVALID_REQUEST"],
  ])("to %s is answered %s %s", async (price, status, code) => {
    const orderId = await placed();
    const token = worker.trader.token;
    const answer = await worker.service.call("PUT", `/api/v1/orders/${orderId}`, { token, body: { price } });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  test("to a price outside known limits is judged by those that the broker states now", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    await rememberLimits("1", "2");
    const move = (price: string) =>
      worker.service.call("PUT", `/api/v1/orders/${orderId}`, { token: worker.trader.token, body: { price } });
    worker.simulator.faults.add({ at: "GetEquityInfo", kind: "silence" });
    expect(await move(floor())).toMatchObject({ status: 503, body: { code: "BROKER_UNAVAILABLE" } });
    worker.simulator.faults.clear();
    expect(await move("5000.00")).toMatchObject({ status: 422, body: { code: "PRICE_OUT_OF_LIMITS" } });
    await rememberLimits("1", "2");
    expect(await move(floor())).toMatchObject({ status: 202 });
  });

  test("whose answer was not seen is resolved by the list", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    worker.simulator.faults.add({
      at: "ModifyOrder",
      kind: "drop-after-accepting",
      times: 1,
      customer: worker.trader.customer,
    });
    await worker.service.call("PUT", `/api/v1/orders/${orderId}`, {
      token: worker.trader.token,
      body: { price: floor() },
    });
    await eventually(
      () => orderNow(orderId),
      ({ price }) => price === floor(),
    );
    worker.simulator.faults.add({ at: "DeleteOrder", kind: "drop", times: 1, customer: worker.trader.customer });
    const remove = () => worker.service.call("DELETE", `/api/v1/orders/${orderId}`, { token: worker.trader.token });
    await eventually(remove, ({ status }) => status === 202);
    const requests = () =>
      worker.database.query<{ status: string }>(
        "SELECT status FROM order_requests WHERE order_id = $1 AND kind = 'CANCEL'",
        [orderId],
      );
    await eventually(requests, ([request]) => request?.status === "REFUSED");
    expect((await orderNow(orderId)).status).toBe("ACCEPTED");
  });

  test.each(
    habitChoices.requestRefusal.flatMap((requestRefusal) =>
      (["ModifyOrder", "DeleteOrder"] as const).map((at) => [at, requestRefusal] as const),
    ),
  )("that the broker refuses changes nothing: %s, %s", async (at, requestRefusal) => {
    const { simulator, trader, service, database } = worker;
    simulator.habits = { ...defaultHabits, requestRefusal };
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    simulator.faults.add({ at, kind: "refuse", times: 1, customer: trader.customer });
    const path = `/api/v1/orders/${orderId}`;
    const options = { token: trader.token };
    if (at === "DeleteOrder") await service.call("DELETE", path, options);
    else await service.call("PUT", path, { ...options, body: { price: floor() } });
    const [request] = await eventually(
      () =>
        database.query<{ status: string; reason: string }>(
          "SELECT status, reason FROM order_requests WHERE order_id = $1",
          [orderId],
        ),
      ([found]) => found?.status === "REFUSED" || found?.status === "DONE",
    );
    expect(request).toMatchObject({ status: "REFUSED", reason: expect.stringMatching(/^BROKER_REFUSED: ./) as string });
    expect(await orderNow(orderId)).toMatchObject({ status: "ACCEPTED", price: ceiling() });
    simulator.habits = defaultHabits;
  });

  test("of another user is not found (ASVS 8.2.2)", async () => {
    const orderId = await placed();
    const stranger = await testToken();
    for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { price: floor() }]] as const) {
      const answer = await worker.service.call(method, `/api/v1/orders/${orderId}`, { token: stranger, body });
      expect(answer).toMatchObject({ status: 404, body: { code: "ORDER_NOT_FOUND" } });
    }
    const { body } = await worker.service.call("GET", "/api/v1/orders", { token: stranger });
    expect(body).toEqual({ orders: [], next: null });
  });
});

test("the service describes itself as agreed", async () => {
  const { body } = await worker.service.call("GET", "/openapi.json");
  expect(body).toMatchSnapshot();
});
