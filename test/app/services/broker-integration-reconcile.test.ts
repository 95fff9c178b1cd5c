import { Client } from "pg";
import { pino } from "pino";
import { formatBrokerTime } from "../../../app/packages/algolab/time";
import { metrics as contract } from "../../../app/packages/contract/metrics";
import { Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import { reconcile } from "../../../app/services/broker-integration/execution/reconcile";
import { ended, row, scriptedBroker } from "../support/scripted-broker";
import type { Row } from "../support/scripted-broker";

const scripted = scriptedBroker();
const { open, orderNow, bookedFor } = scripted;

describe("a row of the list", () => {
  test.each<[string, Row, object, number]>([
    [
      "deleted without a fill",
      { ...ended, ordersize: "1", description: "Silindi", equityStatusDescription: "DELETED" },
      { status: "CANCELLED", filled: "0", reason: "BROKER_REPORT: Silindi" },
      0,
    ],
    [
      "deleted after a part fill",
      { ...ended, ordersize: "3000", fillunit: "1517", price: "12.05", description: "Silindi" },
      { status: "CANCELLED", filled: "1517" },
      1,
    ],
    [
      "done in part",
      { ...ended, fillunit: "40", price: "12.03", description: "Gerçekleşti", equityStatusDescription: "DONE" },
      { status: "CANCELLED", filled: "40", average: "12.030000" },
      1,
    ],
    [
      "filled, at no price",
      { ...ended, fillunit: "100", description: "Gerçekleşti", equityStatusDescription: "DONE" },
      { status: "FILLED", filled: "100", reason: null },
      1,
    ],
    [
      "filled, with much that cannot be read",
      { ...ended, fillunit: "100", buysell: "Açığa Satış", waitingprice: "0.1234", description: "Askıya Alındı" },
      { status: "FILLED", filled: "100" },
      1,
    ],
    [
      "of an unknown status",
      { description: "Askıya Alındı", fillunit: "40" },
      { status: "PARTIALLY_FILLED", filled: "40" },
      1,
    ],
    [
      "repriced elsewhere",
      { waitingprice: "12.07", equityStatusDescription: "IMPROVE_DEMAND" },
      { status: "ACCEPTED" },
      0,
    ],
  ])("%s is read as what it is", async (_name, change, order, transactions) => {
    const orderId = await open({ quantity: change["ordersize"] ?? "100" });
    scripted.listed = [row(orderId, change)];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject(order);
    expect(await bookedFor(orderId)).toHaveLength(transactions);
    // What is there already is not booked again.
    await reconcile(scripted.context);
    expect(await bookedFor(orderId)).toHaveLength(transactions);
  });

  test("that cannot be read takes no other with it, is counted, and logged without what it holds", async () => {
    const [good, bad] = [await open(), await open()];
    scripted.listed = [
      null,
      row(bad, { fillunit: "50.5", ticker: "" }),
      row(good, { ...ended, fillunit: "100", price: "12.05" }),
    ];
    await reconcile(scripted.context);
    expect(await orderNow(good)).toMatchObject({ status: "FILLED" });
    expect(await orderNow(bad)).toMatchObject({ status: "ACCEPTED" });
    const text = await scripted.metrics.registry.metrics();
    for (const field of ["row", "fillunit", "ticker"]) {
      expect(text).toMatch(new RegExp(`${contract.algolabUnreadable.name}\\{.*field="${field}"`));
    }
    expect(JSON.stringify(scripted.logged)).toContain('{"field":"fillunit","found":"99.9"}');
  });

  test("without a reference keeps an order in doubt from being called absent", async () => {
    const long = new Date(Date.now() - 3_600_000).toISOString();
    const doubt = { status: "UNKNOWN", broker_reference: null, submitting_at: long, unknown_at: long };
    const orderId = await open(doubt);
    scripted.listed = [row(orderId, { atpref: "" })];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN" });
    scripted.listed = [];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED" });
  });

  test.each<[string, Row]>([
    ["another share", { ticker: "THYAO" }],
    ["another side", { buysell: "Satış" }],
    ["another quantity", { ordersize: "101" }],
    ["another day", { timetransaction: formatBrokerTime(new Date(Date.now() - 2 * 86_400_000)) }],
  ])("that is of %s than its order is not believed", async (_name, change) => {
    const orderId = await open();
    scripted.listed = [
      row(orderId, { ...ended, fillunit: "100", price: "12.05", description: "Gerçekleşti", ...change }),
    ];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "ACCEPTED", filled: "0" });
    expect(await bookedFor(orderId)).toEqual([]);
    expect(JSON.stringify(scripted.logged)).toContain("could not be reconciled");
  });

  test.each<[string, string, string, boolean]>([
    ["BUY", "5000", "12.050000", true],
    ["BUY", "12.07", "12.050000", true],
    ["BUY", "12.06", "12.060000", false],
    ["SELL", "12.03", "12.050000", true],
    ["SELL", "0.02", "12.050000", true],
    ["SELL", "12.04", "12.040000", false],
  ])("with an average that no %s at 12.05 can have is booked without: %s", async (side, price, booked, derived) => {
    const orderId = await open({ side });
    const buysell = side === "BUY" ? "Alış" : "Satış";
    scripted.listed = [row(orderId, { ...ended, buysell, fillunit: "100", price, description: "Gerçekleşti" })];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100", average: booked });
    expect(await bookedFor(orderId)).toEqual([expect.objectContaining({ price: booked, derived })]);
  });

  test("with an impossible average changes an order once, and one that is possible puts it right", async () => {
    const orderId = await open();
    const listed = (price: string, filled = "40") => [
      row(orderId, { fillunit: filled, price, description: "Kısmi Gerçekleşti" }),
    ];
    const version = async () =>
      (await scripted.owned.query("SELECT version FROM orders WHERE order_id = $1", [orderId]))[0];
    scripted.listed = listed("5000");
    await reconcile(scripted.context);
    const first = await version();
    await reconcile(scripted.context);
    expect(await version()).toEqual(first);
    expect(await scripted.metrics.registry.metrics()).toMatch(
      new RegExp(`${contract.algolabUnreadable.name}\\{.*field="price"`),
    );
    scripted.listed = listed("12.03");
    await reconcile(scripted.context);
    scripted.listed = listed("5000", "100");
    await reconcile(scripted.context);
    const prices = (await bookedFor(orderId)).map(({ quantity, price, derived }) => [quantity, price, derived]);
    expect(prices).toEqual([
      ["40", "12.030000", false],
      ["60", "12.030000", true],
    ]);
  });

  test("that another row of its reference contradicts is not believed; the same twice is", async () => {
    const orderId = await open();
    const full = row(orderId, { ...ended, fillunit: "100", price: "12.05", description: "Gerçekleşti" });
    for (const rows of [
      [full, row(orderId)],
      [row(orderId), full],
    ]) {
      scripted.listed = rows;
      await reconcile(scripted.context);
      expect(await orderNow(orderId)).toMatchObject({ status: "ACCEPTED", filled: "0" });
    }
    expect(JSON.stringify(scripted.logged)).toContain("contradict each other");
    scripted.listed = [full, full];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100" });
  });

  test.each([
    ["300 s behind ours", 300_000, "UNKNOWN"],
    ["of long before", 700_000, "REJECTED"],
  ])("whose time is %s: an order in doubt is %s", async (_name, behindMs, status) => {
    const long = new Date(Date.now() - 3_600_000);
    const orderId = await open({
      ...{ status: "UNKNOWN", broker_reference: null },
      ...{ submitting_at: long.toISOString(), unknown_at: long.toISOString() },
    });
    scripted.listed = [row(orderId, { timetransaction: formatBrokerTime(new Date(long.getTime() - behindMs)) })];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status });
  });

  test("that could not be read in full, of an order that is open, leaves the day's end unseen", async () => {
    const orderId = await open();
    const lists = () =>
      scripted.owned.query("SELECT FROM broker_lists WHERE account_id = $1", [scripted.context.account.accountId]);
    for (const bad of [[], [row(orderId, { fillunit: "?" })], [row(orderId, { description: "Askıya Alındı" })]]) {
      scripted.listed = bad;
      await reconcile(scripted.context);
      expect(await lists()).toHaveLength(0);
    }
    scripted.listed = [row(orderId)];
    await reconcile(scripted.context);
    expect(await lists()).toHaveLength(1);
  });
});

test("averages that the broker rounds keep no order open and give no price that nobody paid", async () => {
  const orderId = await open({ quantity: "20000000", price: "1.24" });
  const size = { ordersize: "20000000" };
  scripted.listed = [
    row(orderId, { ...size, fillunit: "19999999", price: "1.234568", description: "Kısmi Gerçekleşti" }),
  ];
  await reconcile(scripted.context);
  scripted.listed = [
    row(orderId, { ...size, ...ended, fillunit: "20000000", price: "1.234567", description: "Gerçekleşti" }),
  ];
  await reconcile(scripted.context);
  expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "20000000", average: "1.234567" });
  const booked = await bookedFor(orderId);
  expect(booked).toMatchObject([
    { quantity: "19999999", derived: false },
    { quantity: "1", derived: true },
  ]);
  expect(Number(booked[1]?.price)).toBeGreaterThan(0.5);
});

/** A request to move an order to another price, of which it is not known what became. */
const askedFor = (orderId: string, price: string) =>
  scripted.owned.query(
    `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind, price, status, sent_at)
     SELECT gen_random_uuid(), order_id, user_id, account_id, 'MODIFY', $2, 'UNKNOWN', now() FROM orders WHERE order_id = $1`,
    [orderId, price],
  );

describe("fills at a price that the order had or was asked to have are booked at it", () => {
  const partly = { fillunit: "40", price: "12.05", description: "Kısmi Gerçekleşti" };
  const prices = async (orderId: string) => (await bookedFor(orderId)).map(({ price }) => price);

  test("though the list never showed that it was repriced", async () => {
    const orderId = await open();
    scripted.listed = [row(orderId, partly)];
    await reconcile(scripted.context);
    await askedFor(orderId, "12.20");
    scripted.listed = [
      row(orderId, { ...ended, fillunit: "100", price: "12.14", description: "Gerçekleşti", waitingprice: "?" }),
    ];
    await reconcile(scripted.context);
    expect(await prices(orderId)).toEqual(["12.050000", "12.200000"]);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", average: "12.140000" });
  });

  test.each([
    ["BUY", "Alış", "11.00", "12.00", "12.03"],
    ["SELL", "Satış", "13.00", "12.10", "12.07"],
  ])("though a %s has a better one since", async (side, buysell, better, first, all) => {
    const orderId = await open({ side });
    const shown = async (change: Row) => {
      scripted.listed = [row(orderId, { ...partly, price: first, buysell, ...change })];
      await reconcile(scripted.context);
    };
    await shown({});
    await shown({ waitingprice: better });
    await shown({ ...ended, fillunit: "100", price: all, description: "Gerçekleşti", waitingprice: better });
    expect(await prices(orderId)).toEqual([`${first}0000`, "12.050000"]);
  });
});

describe("an order that was filled at no price", () => {
  const market = { order_type: "MARKET", price: null };
  const done = { ...ended, fillunit: "100", waitingprice: "0", description: "Gerçekleşti" };
  const derivedOf = async (orderId: string) => {
    const [order] = await scripted.owned.query<{ derived: boolean; version: number }>(
      "SELECT average_derived AS derived, version FROM orders WHERE order_id = $1",
      [orderId],
    );
    return order;
  };
  const eventsOf = async (orderId: string, type: string) =>
    (
      await scripted.owned.query<{ payload: object }>(
        "SELECT payload FROM outbox WHERE payload->>'orderId' = $1 AND type = $2 ORDER BY event_id",
        [orderId, type],
      )
    ).map(({ payload }) => payload);

  test("says so, and is put right when the list gives one, once", async () => {
    const orderId = await open(market);
    scripted.listed = [row(orderId, done)];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100" });
    expect(await bookedFor(orderId)).toMatchObject([{ derived: true }]);
    expect(await eventsOf(orderId, "ORDER_UPDATE")).toMatchObject([{ averageFillPriceDerived: true }]);
    await reconcile(scripted.context);
    expect(await derivedOf(orderId)).toEqual({ derived: true, version: 2 });
    scripted.listed = [row(orderId, { ...done, price: "12.034" })];
    for (let look = 0; look < 3; look++) await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100", average: "12.034000" });
    expect(await derivedOf(orderId)).toEqual({ derived: false, version: 3 });
    expect(await bookedFor(orderId)).toMatchObject([{ quantity: "100", price: "12.034000", derived: false }]);
    const [amount] = await scripted.owned.query(
      "SELECT amount FROM transactions JOIN executions USING (execution_id) WHERE order_id = $1",
      [orderId],
    );
    expect(amount).toEqual({ amount: "1203.400000" });
    const [assumed, given, ...more] = (await eventsOf(orderId, "TRADE_EXECUTION")) as { executionId: string }[];
    expect(more).toEqual([]);
    expect(given).toMatchObject({ executionId: assumed?.executionId, price: "12.034000", priceDerived: false });
    expect((await eventsOf(orderId, "ORDER_UPDATE")).at(-1)).toMatchObject({ averageFillPriceDerived: false });
  });

  test("in part is put right with the rest", async () => {
    const orderId = await open(market);
    scripted.listed = [row(orderId, { fillunit: "40", waitingprice: "", description: "Kısmi Gerçekleşti" })];
    await reconcile(scripted.context);
    scripted.listed = [row(orderId, { ...done, price: "12.03" })];
    await reconcile(scripted.context);
    expect(await bookedFor(orderId)).toMatchObject([
      { quantity: "40", price: "12.030000", derived: true },
      { quantity: "60", price: "12.030000", derived: true },
    ]);
    expect(await orderNow(orderId)).toMatchObject({ average: "12.030000" });
  });

  test("keeps the price that was given before, where a later look has none", async () => {
    const orderId = await open();
    scripted.listed = [row(orderId, { fillunit: "40", price: "12.034", description: "Kısmi Gerçekleşti" })];
    await reconcile(scripted.context);
    scripted.listed = [
      row(orderId, { fillunit: "40", price: "0", description: "Kısmi Gerçekleşti", waitingprice: "12.06" }),
    ];
    await reconcile(scripted.context);
    expect(await orderNow(orderId)).toMatchObject({ average: "12.034000" });
    expect(await derivedOf(orderId)).toMatchObject({ derived: false });
  });
});

test("a list of 500 orders, of which 3 changed, costs statements for those 3 alone", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 500; count++) ids.push(await open());
  const query = jest.spyOn(Client.prototype, "query");
  // Connections of before the spy are not counted.
  const counted = new Database(scripted.owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
  try {
    scripted.context = { ...scripted.context, database: counted };
    const read = async (fills: number) => {
      scripted.listed = ids.map((id, index) => row(id, index < 3 ? { fillunit: `${fills}`, price: "12.05" } : {}));
      query.mockClear();
      const before = process.cpuUsage();
      await reconcile(scripted.context);
      const { user, system } = process.cpuUsage(before);
      return { statements: query.mock.calls.length, ms: (user + system) / 1_000 };
    };
    await read(0);
    const none = await read(0);
    const runs = [];
    for (let fills = 10; fills <= 90; fills += 10) runs.push(await read(fills));
    console.info(`3 of 500 changed: ${Math.min(...runs.map(({ ms }) => ms)).toFixed(1)} ms of processor time`);
    expect(none.statements).toBeGreaterThan(0);
    expect(none.statements).toBeLessThanOrEqual(12);
    for (const { statements } of runs) expect(statements - none.statements).toBeLessThanOrEqual(3 * 12);
  } finally {
    query.mockRestore();
    await counted.close();
  }
});
