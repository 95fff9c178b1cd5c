import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { pino } from "pino";
import { parseAccountStatement } from "../../../app/packages/algolab/account-statement";
import { parseBrokerOrders } from "../../../app/packages/algolab/broker-order";
import type { AlgolabSession } from "../../../app/packages/algolab/client";
import { formatBrokerTime, istanbulIso } from "../../../app/packages/algolab/time";
import { istanbulDate } from "../../../app/packages/bist/calendar";
import { metrics as contract } from "../../../app/packages/contract/metrics";
import { Database } from "../../../app/packages/kit/database/database";
import { Metrics } from "../../../app/packages/kit/observability/metrics";
import type { AccountContext } from "../../../app/services/broker-integration/execution/account-context";
import { AccountLeases } from "../../../app/services/broker-integration/execution/account-leases";
import { findEnds } from "../../../app/services/broker-integration/execution/find-ends";
import { tradingMetrics } from "../../../app/services/broker-integration/execution/metrics";
import { reconcile } from "../../../app/services/broker-integration/execution/reconcile";
import { testTradingConfig } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";

type Row = Readonly<Record<string, string>>;

const day = 86_400_000;
const today = istanbulDate(Date.now());

let owned: TestDatabase;
let database: Database;
let metrics: Metrics;
let context: AccountContext;
/** What the broker answers. */
let listed: unknown[];
let stated: unknown[];
const logged: object[] = [];

beforeAll(async () => {
  owned = await createTestDatabase();
  metrics = new Metrics("test");
  database = new Database(owned.config, metrics, pino({ level: "silent" }), "test");
});
afterAll(async () => {
  await database.close();
  await owned.drop();
});

beforeEach(async () => {
  const account = { accountId: randomUUID(), userId: randomUUID(), subAccount: "" };
  await owned.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, uuid_send($1))", [
    account.accountId,
    account.userId,
  ]);
  listed = [];
  stated = [];
  logged.length = 0;
  const session: Pick<AlgolabSession, "todaysOrders" | "statement"> = {
    todaysOrders: () => Promise.resolve(parseBrokerOrders(listed)),
    statement: () => Promise.resolve(parseAccountStatement({ accountextre: stated, viopextre: [] })),
  };
  const log = pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line) as object) });
  context = {
    account,
    session: session as AlgolabSession,
    leases: new AccountLeases(database, 10_000),
    database,
    config: testTradingConfig,
    clock: { now: () => Date.now() },
    metrics: tradingMetricsOnce(),
    log,
    failpoint: () => undefined,
  };
});

let trading: ReturnType<typeof tradingMetrics> | undefined;
const tradingMetricsOnce = () => (trading ??= tradingMetrics(metrics));

/** An order of the account that the broker took, and its id. */
async function open(change: Partial<Record<string, string | null>> = {}): Promise<string> {
  const orderId = randomUUID();
  const order = {
    order_id: orderId,
    client_order_id: orderId,
    user_id: context.account.userId,
    account_id: context.account.accountId,
    symbol: "GARAN",
    side: "BUY",
    order_type: "LIMIT",
    quantity: "100",
    price: "12.05",
    status: "ACCEPTED",
    trading_day: today,
    broker_reference: `F${orderId.slice(0, 8)}`.toUpperCase(),
    submitting_at: new Date(Date.now() - 1_000).toISOString(),
    ...change,
  };
  const names = Object.keys(order);
  await owned.query(
    `INSERT INTO orders (${names.join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()})`,
    Object.values(order),
  );
  return orderId;
}

/** A row of the list in its real form. */
const row = (orderId: string, change: Row = {}): Row => ({
  atpref: `F${orderId.slice(0, 8)}`.toUpperCase(),
  ticker: "GARAN",
  buysell: "Alış",
  ordersize: "100",
  remainingsize: "100",
  price: "0",
  amount: "1205.000000",
  transactiontime: `${formatBrokerTime(new Date()).slice(0, 10)} 00:00:00`,
  timetransaction: formatBrokerTime(new Date()),
  valor: formatBrokerTime(new Date()).slice(0, 10),
  status: "11101",
  waitingprice: "12.050000",
  description: "İletildi",
  transactionId: "20240730FO1AB2",
  equityStatusDescription: "WAITING",
  shortfall: "0",
  timeinforce: "0",
  fillunit: "0",
  ...change,
});

const ended = { status: "00000", remainingsize: "0" };

async function orderNow(orderId: string) {
  const [order] = await owned.query<{ status: string; filled: string; average: string | null; reason: string | null }>(
    `SELECT status, filled_quantity AS filled, average_fill_price AS average, status_reason AS reason
     FROM orders WHERE order_id = $1`,
    [orderId],
  );
  return order;
}

const bookedFor = (orderId: string) =>
  owned.query<{ quantity: string; price: string; derived: boolean; day: string; settles: string }>(
    `SELECT t.quantity, t.price, t.price_derived AS derived, t.settlement_date::text AS settles,
            (t.transaction_date AT TIME ZONE 'Europe/Istanbul')::date::text AS day
     FROM transactions t JOIN executions USING (execution_id) WHERE order_id = $1 ORDER BY transaction_id`,
    [orderId],
  );

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
    listed = [row(orderId, change)];
    await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject(order);
    expect(await bookedFor(orderId)).toHaveLength(transactions);
    // What is there already is not booked again.
    await reconcile(context);
    expect(await bookedFor(orderId)).toHaveLength(transactions);
  });

  test("that cannot be read takes no other with it, is counted, and logged without what it holds", async () => {
    const [good, bad] = [await open(), await open()];
    listed = [
      null,
      row(bad, { fillunit: "50.5", ticker: "" }),
      row(good, { ...ended, fillunit: "100", price: "12.05" }),
    ];
    await reconcile(context);
    expect(await orderNow(good)).toMatchObject({ status: "FILLED" });
    expect(await orderNow(bad)).toMatchObject({ status: "ACCEPTED" });
    const text = await metrics.registry.metrics();
    for (const field of ["row", "fillunit", "ticker"]) {
      expect(text).toMatch(new RegExp(`${contract.algolabUnreadable.name}\\{.*field="${field}"`));
    }
    expect(JSON.stringify(logged)).toContain('{"field":"fillunit","found":"99.9"}');
  });

  test("without a reference keeps an order in doubt from being called absent", async () => {
    const long = new Date(Date.now() - 3_600_000).toISOString();
    const doubt = { status: "UNKNOWN", broker_reference: null, submitting_at: long, unknown_at: long };
    const orderId = await open(doubt);
    listed = [row(orderId, { atpref: "" })];
    await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN" });
    listed = [];
    await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED" });
  });

  test("that could not be read in full, of an order that is open, leaves the day's end unseen", async () => {
    const orderId = await open();
    const lists = () => owned.query("SELECT FROM broker_lists WHERE account_id = $1", [context.account.accountId]);
    for (const bad of [[], [row(orderId, { fillunit: "?" })], [row(orderId, { description: "Askıya Alındı" })]]) {
      listed = bad;
      await reconcile(context);
      expect(await lists()).toHaveLength(0);
    }
    listed = [row(orderId)];
    await reconcile(context);
    expect(await lists()).toHaveLength(1);
  });
});

test("averages that the broker rounds keep no order open and give no price that nobody paid", async () => {
  const orderId = await open({ quantity: "20000000", price: "1.24" });
  const size = { ordersize: "20000000" };
  listed = [row(orderId, { ...size, fillunit: "19999999", price: "1.234568", description: "Kısmi Gerçekleşti" })];
  await reconcile(context);
  listed = [row(orderId, { ...size, ...ended, fillunit: "20000000", price: "1.234567", description: "Gerçekleşti" })];
  await reconcile(context);
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
  owned.query(
    `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind, price, status, sent_at)
     SELECT gen_random_uuid(), order_id, user_id, account_id, 'MODIFY', $2, 'UNKNOWN', now() FROM orders WHERE order_id = $1`,
    [orderId, price],
  );

describe("fills at a price that the order had or was asked to have are booked at it", () => {
  const partly = { fillunit: "40", price: "12.05", description: "Kısmi Gerçekleşti" };
  const prices = async (orderId: string) => (await bookedFor(orderId)).map(({ price }) => price);

  test("though the list never showed that it was repriced", async () => {
    const orderId = await open();
    listed = [row(orderId, partly)];
    await reconcile(context);
    await askedFor(orderId, "12.20");
    listed = [
      row(orderId, { ...ended, fillunit: "100", price: "12.14", description: "Gerçekleşti", waitingprice: "?" }),
    ];
    await reconcile(context);
    expect(await prices(orderId)).toEqual(["12.050000", "12.200000"]);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", average: "12.140000" });
  });

  test.each([
    ["BUY", "Alış", "11.00", "12.00", "12.03"],
    ["SELL", "Satış", "13.00", "12.10", "12.07"],
  ])("though a %s has a better one since", async (side, buysell, better, first, all) => {
    const orderId = await open({ side });
    const shown = async (change: Row) => {
      listed = [row(orderId, { ...partly, price: first, buysell, ...change })];
      await reconcile(context);
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
    const [order] = await owned.query<{ derived: boolean; version: number }>(
      "SELECT average_derived AS derived, version FROM orders WHERE order_id = $1",
      [orderId],
    );
    return order;
  };
  const eventsOf = async (orderId: string, type: string) =>
    (
      await owned.query<{ payload: object }>(
        "SELECT payload FROM outbox WHERE payload->>'orderId' = $1 AND type = $2 ORDER BY event_id",
        [orderId, type],
      )
    ).map(({ payload }) => payload);

  test("says so, and is put right when the list gives one, once", async () => {
    const orderId = await open(market);
    listed = [row(orderId, done)];
    await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100" });
    expect(await bookedFor(orderId)).toMatchObject([{ derived: true }]);
    expect(await eventsOf(orderId, "ORDER_UPDATE")).toMatchObject([{ averageFillPriceDerived: true }]);
    await reconcile(context);
    expect(await derivedOf(orderId)).toEqual({ derived: true, version: 2 });
    listed = [row(orderId, { ...done, price: "12.034" })];
    for (let look = 0; look < 3; look++) await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100", average: "12.034000" });
    expect(await derivedOf(orderId)).toEqual({ derived: false, version: 3 });
    expect(await bookedFor(orderId)).toMatchObject([{ quantity: "100", price: "12.034000", derived: false }]);
    const [amount] = await owned.query(
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
    listed = [row(orderId, { fillunit: "40", waitingprice: "", description: "Kısmi Gerçekleşti" })];
    await reconcile(context);
    listed = [row(orderId, { ...done, price: "12.03" })];
    await reconcile(context);
    expect(await bookedFor(orderId)).toMatchObject([
      { quantity: "40", price: "12.030000", derived: true },
      { quantity: "60", price: "12.030000", derived: true },
    ]);
    expect(await orderNow(orderId)).toMatchObject({ average: "12.030000" });
  });

  test("keeps the price that was given before, where a later look has none", async () => {
    const orderId = await open();
    listed = [row(orderId, { fillunit: "40", price: "12.034", description: "Kısmi Gerçekleşti" })];
    await reconcile(context);
    listed = [row(orderId, { fillunit: "40", price: "0", description: "Kısmi Gerçekleşti", waitingprice: "12.06" })];
    await reconcile(context);
    expect(await orderNow(orderId)).toMatchObject({ average: "12.034000" });
    expect(await derivedOf(orderId)).toMatchObject({ derived: false });
  });
});

describe("an order that ended and is listed otherwise later", () => {
  const deleted = { ...ended, description: "Silindi", equityStatusDescription: "DELETED" };
  const contradicted = async (field: string) =>
    Number(
      new RegExp(`^${contract.orderEndsContradicted.name}\\{.*field="${field}".*\\} (.+)$`, "m").exec(
        await metrics.registry.metrics(),
      )?.[1] ?? 0,
    );
  /** What one look counts. */
  const look = async (change: Row, orderId: string) => {
    listed = [row(orderId, change)];
    const before = { filled: await contradicted("filled"), status: await contradicted("status") };
    await reconcile(context);
    return {
      filled: (await contradicted("filled")) - before.filled,
      status: (await contradicted("status")) - before.status,
    };
  };

  test.each<[string, Row, Row, object, object, readonly string[]]>([
    [
      "with fills that are missing",
      deleted,
      { ...deleted, fillunit: "60", price: "12.03" },
      { filled: 1, status: 0 },
      {
        status: "CANCELLED",
        filled: "60",
        average: "12.030000",
        reason: expect.stringMatching(/^ENDED_IN_PART: 60/) as string,
      },
      ["60"],
    ],
    [
      "with more fills",
      { ...deleted, fillunit: "40", price: "12.00" },
      { ...ended, fillunit: "100", price: "12.03", description: "Gerçekleşti" },
      { filled: 1, status: 0 },
      { status: "FILLED", filled: "100", average: "12.030000" },
      ["40", "60"],
    ],
    [
      "with fewer fills",
      { ...ended, fillunit: "100", price: "12.03", description: "Gerçekleşti" },
      { ...deleted, fillunit: "60", price: "12.03" },
      { filled: 1, status: 0 },
      { status: "FILLED", filled: "100", average: "12.030000" },
      ["100"],
    ],
    ["as alive", deleted, {}, { filled: 0, status: 1 }, { status: "CANCELLED", filled: "0" }, []],
    ["as it ended", deleted, { ...deleted, price: "12.01" }, { filled: 0, status: 0 }, { status: "CANCELLED" }, []],
    ["unreadably", deleted, { ...deleted, fillunit: "?" }, { filled: 0, status: 0 }, { status: "CANCELLED" }, []],
  ])("%s is counted, and put right where that is proven", async (_name, first, then, counted, order, lots) => {
    const orderId = await open();
    await look(first, orderId);
    logged.length = 0;
    expect(await look(then, orderId)).toEqual(counted);
    expect(await orderNow(orderId)).toMatchObject(order);
    expect((await bookedFor(orderId)).map(({ quantity }) => quantity)).toEqual(lots);
    const lines = JSON.stringify(logged);
    expect(lines.includes("listed otherwise") || lines.includes("ended here otherwise")).toBe(
      JSON.stringify(counted).includes("1"),
    );
    for (const personal of [context.account.userId, context.account.accountId]) expect(lines).not.toContain(personal);
  });

  test("by a list of before its end is not", async () => {
    const orderId = await open();
    await look(deleted, orderId);
    await owned.query(
      "UPDATE orders SET completed_at = now() + interval '1 minute', version = version + 1 WHERE order_id = $1",
      [orderId],
    );
    expect(await look({}, orderId)).toEqual({ filled: 0, status: 0 });
  });

  test("and was refused is counted, and not filled after all", async () => {
    const orderId = await open();
    await look({ ...ended, description: "Emir Reddedildi" }, orderId);
    expect(await look({ ...ended, description: "Gerçekleşti", fillunit: "100", price: "12" }, orderId)).toEqual({
      filled: 1,
      status: 0,
    });
    expect(await orderNow(orderId)).toMatchObject({ status: "REJECTED", filled: "0" });
  });
});

test("a list of 500 orders, of which 3 changed, costs statements for those 3 alone", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 500; count++) ids.push(await open());
  const query = jest.spyOn(Client.prototype, "query");
  // Connections of before the spy are not counted.
  const counted = new Database(owned.config, new Metrics("test"), pino({ level: "silent" }), "test");
  try {
    context = { ...context, database: counted };
    const read = async (fills: number) => {
      listed = ids.map((id, index) => row(id, index < 3 ? { fillunit: `${fills}`, price: "12.05" } : {}));
      query.mockClear();
      const before = process.cpuUsage();
      await reconcile(context);
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

describe("an order whose end was not seen", () => {
  const weekdayBefore = (days: number): string => {
    for (let at = Date.now() - days * day; ; at -= day) {
      const weekday = new Date(at).getUTCDay();
      if (weekday !== 0 && weekday !== 6) return istanbulDate(at);
    }
  };
  const pastDay = weekdayBefore(1);
  /** Longer ago than any trading day after its settlement. */
  const completeDay = weekdayBefore(20);
  const fill = (orderId: string, lots: string, price: string, of = pastDay): Row => ({
    transdate: istanbulIso(new Date()),
    explanation: `${of.split("-").reverse().join("/")} Ref = F${orderId.slice(0, 8).toUpperCase()} HA ${price}`,
    debit: "0",
    credit: lots,
    balance: lots,
    valuedate: "",
  });
  const lira = (orderId: string, lots: string, price: string): Row => {
    const { explanation = "", ...shares } = fill(orderId, lots, price);
    return { ...shares, explanation: `${explanation}x${lots} GARAN`, debit: "999.99", credit: "0" };
  };
  const unseen = (change: Partial<Record<string, string | null>> = {}) =>
    open({ status: "UNKNOWN", unknown_at: new Date().toISOString(), trading_day: pastDay, ...change });

  test("is found in the statement, with its fills on its own day", async () => {
    const orderId = await unseen();
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN" });
    stated = [
      fill(orderId, "60.000000", "12.00"),
      lira(orderId, "60.000000", "12.00"),
      fill(orderId, "40.000000", "12.05"),
    ];
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100", average: "12.020000" });
    expect(await bookedFor(orderId)).toEqual([
      {
        quantity: "100",
        price: "12.020000",
        derived: false,
        day: pastDay,
        settles: testTradingConfig.calendar.settlementDate(pastDay),
      },
    ]);
    await findEnds(context);
    expect(await bookedFor(orderId)).toHaveLength(1);
  });

  test("is booked at the statement's own sums, though it was repriced where nobody looked", async () => {
    const orderId = await unseen({ status: "ACCEPTED", unknown_at: null, trading_day: today });
    listed = [row(orderId, { fillunit: "40", price: "12.05", description: "Kısmi Gerçekleşti" })];
    await reconcile(context);
    await owned.query(
      "UPDATE orders SET status = 'UNKNOWN', unknown_at = now(), trading_day = $2, version = version + 1 WHERE order_id = $1",
      [orderId, pastDay],
    );
    stated = [fill(orderId, "40.000000", "12.05"), fill(orderId, "60.000000", "12.90")];
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", average: "12.560000" });
    expect((await bookedFor(orderId)).map(({ price }) => price)).toEqual(["12.050000", "12.900000"]);
  });

  test("does not end with a part while more of its rows may appear, whoever looks and how often", async () => {
    const orderId = await unseen();
    stated = [fill(orderId, "40.000000", "12.00"), { ...fill(orderId, "9", "1"), explanation: "Devir" }];
    for (let look = 0; look < 3; look++) await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
    stated = [...stated, fill(orderId, "60.000000", "12.00")];
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "FILLED", filled: "100" });
  });

  test("ends with the part that the complete statement has, of which what was known is not booked again", async () => {
    const orderId = await open();
    listed = [row(orderId, { fillunit: "10", price: "12.00", description: "Kısmi Gerçekleşti" })];
    await reconcile(context);
    await owned.query(
      "UPDATE orders SET status = 'UNKNOWN', unknown_at = now(), trading_day = $2, version = version + 1 WHERE order_id = $1",
      [orderId, completeDay],
    );
    stated = [fill(orderId, "40.000000", "12.00", completeDay)];
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "EXPIRED", filled: "40" });
    expect((await bookedFor(orderId)).map(({ quantity }) => quantity)).toEqual(["10", "30"]);
  });

  test("does not end with less than the statement showed before, to whichever process", async () => {
    const orderId = await unseen();
    const rows = (of: string) => [fill(orderId, "40.000000", "12.00", of), fill(orderId, "20.000000", "12.00", of)];
    stated = rows(pastDay);
    await findEnds(context);
    for (const status of ["ACCEPTED", "UNKNOWN"]) {
      await owned.query("UPDATE orders SET trading_day = $2, status = $3, version = version + 1 WHERE order_id = $1", [
        orderId,
        completeDay,
        status,
      ]);
    }
    for (const fewer of [[], rows(completeDay).slice(1)]) {
      stated = fewer;
      await findEnds(context);
      expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
    }
    stated = rows(completeDay);
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "EXPIRED", filled: "60" });
  });

  test("but in part, at no price, is put right with the lots that the statement has", async () => {
    const orderId = await open();
    listed = [row(orderId, { ...ended, fillunit: "40", description: "Silindi" })];
    await reconcile(context);
    await owned.query("UPDATE orders SET trading_day = $2, version = version + 1 WHERE order_id = $1", [
      orderId,
      pastDay,
    ]);
    for (const [rows, average] of [
      [[], "12.050000"],
      [[fill(orderId, "20.000000", "12.00")], "12.050000"],
      [[fill(orderId, "20.000000", "12.00"), fill(orderId, "20.000000", "12.01")], "12.005000"],
    ] as const) {
      stated = [...rows];
      await findEnds(context);
      expect(await orderNow(orderId)).toMatchObject({ status: "CANCELLED", filled: "40", average });
    }
    expect(await bookedFor(orderId)).toMatchObject([{ quantity: "40", price: "12.005000", derived: false }]);
  });

  test.each<[string, (orderId: string) => Row]>([
    ["cannot be read", (id) => ({ ...fill(id, "100.5", "12.00") })],
    [
      "is of another day",
      (id) => ({
        ...fill(id, "100", "12.00"),
        explanation: `01/01/2020 Ref = F${id.slice(0, 8).toUpperCase()} HA 12.00`,
      }),
    ],
    [
      "goes the other way",
      (id) => ({
        ...fill(id, "100", "12.00"),
        explanation: fill(id, "1", "12.00")["explanation"]?.replace("HA", "HS") ?? "",
        debit: "100",
      }),
    ],
    ["is of another order", () => fill("zzzzzz", "100", "12.00")],
  ])("is not ended by a row that %s", async (_name, rowOf) => {
    const orderId = await unseen();
    stated = [rowOf(orderId)];
    await findEnds(context);
    await findEnds(context);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filled: "0" });
  });
});
