import { randomUUID } from "node:crypto";
import { databaseVariables } from "../../../app/packages/contract/database";
import { doubtfulOrdersSchema, resolveOrderAnswerSchema } from "../../../app/packages/contract/order-resolution";
import type { ResolveOrderAnswer } from "../../../app/packages/contract/order-resolution";
import type { DatabaseConfig } from "../../../app/packages/kit/config/sections";
import { Client } from "pg";
import { connectionOptions } from "../../../app/packages/kit/database/database";
import { describeWhere } from "../../support/skip";
import { accountWorker } from "../support/account-worker";
import { eventually } from "../support/broker";
import { debianPostgresMissing } from "../support/debian-postgres";
import { startOwnedDatabase } from "../support/owned-database";
import type { OwnedDatabase } from "../support/owned-database";
import { runCommand, startProcess } from "../support/process";

const operator = "arn:aws:sts::111122223333:assumed-role/bist-trading-deploy/somebody";
const evidence = "account statement of 2026-11-27, read on 2026-11-28";

type Options = Readonly<Record<string, string | true>>;

function argumentsOf(orderId: string, options: Options): readonly string[] {
  const given: Options = { evidence, operator, ...options };
  return [
    orderId,
    ...Object.entries(given).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`)),
  ];
}

async function resolveOn(config: DatabaseConfig, orderId: string, options: Options): Promise<ResolveOrderAnswer> {
  const { code, stdout, stderr } = await runCommand(
    "resolve-order",
    databaseVariables(config),
    ...argumentsOf(orderId, options),
  );
  expect([stderr, code]).toEqual(["", 0]);
  return resolveOrderAnswerSchema.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}

async function doubtfulOn(config: DatabaseConfig) {
  const { code, stdout, stderr } = await runCommand("doubtful-orders", databaseVariables(config));
  expect([stderr, code]).toEqual(["", 0]);
  return doubtfulOrdersSchema.parse(JSON.parse(stdout));
}

describeWhere(debianPostgresMissing(), "an order in doubt", () => {
  let database: OwnedDatabase;
  const user = randomUUID();
  const account = randomUUID();

  beforeAll(async () => {
    database = await startOwnedDatabase();
    await database.query("INSERT INTO broker_accounts (account_id, user_id, customer_hash) VALUES ($1, $2, $3)", [
      account,
      user,
      Buffer.from(user),
    ]);
  });
  afterAll(() => database.drop());

  const resolve = (orderId: string, options: Options) => resolveOn(database.config, orderId, options);

  /** An order as the services leave it that is in doubt. */
  async function doubtful(change: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const row = {
      order_id: randomUUID(),
      client_order_id: randomUUID(),
      user_id: user,
      account_id: account,
      symbol: "GARAN",
      side: "BUY",
      order_type: "LIMIT",
      quantity: 3_000,
      price: "101.50",
      status: "UNKNOWN",
      status_reason: "ANSWER_NOT_SEEN: the connection was lost",
      version: 3,
      trading_day: "2026-11-25",
      submitting_at: "2026-11-25T09:00:00Z",
      unknown_at: "2026-11-25T09:00:10Z",
      ...change,
    };
    const names = Object.keys(row);
    await database.query(
      `INSERT INTO orders (${names.join(", ")}) VALUES (${names.map((_, index) => `$${index + 1}`).join(", ")})`,
      Object.values(row),
    );
    return row.order_id;
  }

  /** Fills that were booked before the order came into doubt. */
  async function bookedBefore(orderId: string, quantity: number, price: string): Promise<void> {
    await database.query(
      `WITH execution AS (
         INSERT INTO executions (order_id, user_id, account_id, symbol, side, quantity, price, cumulative_quantity)
         SELECT order_id, user_id, account_id, symbol, side, $2, $3, $2 FROM orders WHERE order_id = $1 RETURNING *)
       INSERT INTO transactions (user_id, account_id, execution_id, transaction_type, symbol, quantity, price, amount,
         transaction_date, settlement_date)
       SELECT user_id, account_id, execution_id, side, symbol, quantity, price, quantity * price, executed_at, '2026-11-27'
       FROM execution`,
      [orderId, quantity, price],
    );
  }

  const stateOf = async (orderId: string) => {
    const [order] = await database.query<Record<string, unknown>>(
      `SELECT status, status_reason, filled_quantity, average_fill_price, broker_reference, exchange_order_id, version,
         completed_at IS NOT NULL AS completed FROM orders WHERE order_id = $1`,
      [orderId],
    );
    const booked = await database.query<Record<string, unknown>>(
      `SELECT e.quantity, e.price, cumulative_quantity, t.transaction_type, t.quantity AS booked, t.price AS booked_at,
         amount, settlement_date::text FROM executions e JOIN transactions t USING (execution_id) WHERE order_id = $1 ORDER BY execution_id`,
      [orderId],
    );
    const events = await database.query<{ type: string; status: string | null }>(
      `SELECT type, payload->>'status' AS status FROM outbox WHERE payload->>'orderId' = $1 ORDER BY event_id`,
      [orderId],
    );
    const resolutions = await database.query<Record<string, unknown>>(
      `SELECT user_id, from_status, to_status, version, filled_before, filled_quantity, average_price, broker_reference,
         evidence, operator FROM order_resolutions WHERE order_id = $1`,
      [orderId],
    );
    return { order, booked, events, resolutions };
  };

  test("is listed, the oldest first, with what is known of it and where its answer is", async () => {
    const today = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
    const young = await doubtful({ unknown_at: new Date().toISOString(), trading_day: today });
    const old = await doubtful({
      unknown_at: "2026-11-20T15:00:00Z",
      status_reason: null,
      order_type: "MARKET",
      price: null,
      filled_quantity: 17,
      average_fill_price: "101.25",
      broker_reference: "FO0LD1",
    });
    await doubtful({ status: "ACCEPTED" });
    const { orders, total } = await doubtfulOn(database.config);
    expect(total).toBe(orders.length);
    expect(orders[0]).toEqual({
      orderId: old,
      userId: user,
      symbol: "GARAN",
      side: "BUY",
      quantity: "3000",
      filledQuantity: "17",
      averageFillPrice: "101.250000",
      price: null,
      since: "2026-11-20T15:00:00.000Z",
      tradingDay: "2026-11-25",
      brokerReference: "FO0LD1",
      reason: null,
      version: 3,
      decidedBy: "ACCOUNT_STATEMENT",
    });
    expect(orders.at(-1)).toMatchObject({ orderId: young, price: "101.50", decidedBy: "BROKER_SCREEN" });
  });

  test("is settled with its fills, their transaction, its events and who said so", async () => {
    const orderId = await doubtful();
    const options = { as: "CANCELLED", filled: "1517", average: "101.48", reference: "FO1AB2", version: "3" };
    const settled = {
      orderId,
      userId: user,
      from: "UNKNOWN",
      to: "CANCELLED",
      quantity: "3000",
      filledBefore: "0",
      filledQuantity: "1517",
      averageFillPrice: "101.480000",
      brokerReference: "FO1AB2",
      execution: { quantity: "1517", price: "101.480000", priceDerived: false, settlementDate: "2026-11-27" },
      version: 3,
      evidence,
      operator,
    };
    expect(await resolve(orderId, options)).toEqual({ outcome: "resolved", order: settled });
    const { order, booked, events, resolutions } = await stateOf(orderId);
    expect(order).toMatchObject({
      status: "CANCELLED",
      status_reason: "RESOLVED_BY_OPERATOR: settled by an operator from the broker's records",
      filled_quantity: "1517",
      average_fill_price: "101.480000",
      broker_reference: "FO1AB2",
      exchange_order_id: null,
      completed: true,
    });
    expect(booked).toEqual([
      {
        quantity: "1517",
        price: "101.480000",
        cumulative_quantity: "1517",
        transaction_type: "BUY",
        booked: "1517",
        booked_at: "101.480000",
        amount: "153945.160000",
        settlement_date: "2026-11-27",
      },
    ]);
    expect(events.at(-2)).toEqual({ type: "ORDER_UPDATE", status: "CANCELLED" });
    expect(events.at(-1)).toEqual({ type: "TRADE_EXECUTION", status: null });
    expect(resolutions).toEqual([
      {
        user_id: user,
        from_status: "UNKNOWN",
        to_status: "CANCELLED",
        version: 3,
        filled_before: "0",
        filled_quantity: "1517",
        average_price: "101.480000",
        broker_reference: "FO1AB2",
        evidence,
        operator,
      },
    ]);
    // The same said again is done already; another verdict comes too late.
    const before = await stateOf(orderId);
    expect(await resolve(orderId, options)).toEqual({
      outcome: "resolved before",
      order: { ...settled, execution: null },
    });
    expect(await resolve(orderId, { ...options, filled: "1518" })).toEqual({
      outcome: "refused",
      reasons: [expect.stringContaining(`it is not in doubt any more: it is CANCELLED`)],
    });
    expect(await stateOf(orderId)).toEqual(before);
  });

  test("settles by the environment's calendar", async () => {
    const orderId = await doubtful();
    const closed = { days: [{ date: "2026-11-26", kind: "CLOSED", reason: "snow" }] };
    const { stdout } = await runCommand(
      "resolve-order",
      { ...databaseVariables(database.config), BIST_CALENDAR_CHANGES: JSON.stringify(closed) },
      ...argumentsOf(orderId, { as: "FILLED", average: "101.5", reference: "FOSNOW" }),
    );
    expect(JSON.parse(stdout)).toMatchObject({ order: { execution: { settlementDate: "2026-11-30" } } });
    expect((await stateOf(orderId)).booked).toMatchObject([{ settlement_date: "2026-11-30" }]);
  });

  test("books what was filled at a price that the order was given elsewhere, once that is said", async () => {
    const orderId = await doubtful();
    const filled = { as: "FILLED", average: "102.40", reference: "FOTEL1" };
    expect(await resolve(orderId, filled)).toMatchObject({
      outcome: "refused",
      reasons: [expect.stringContaining("repriced elsewhere")],
    });
    const verdict = { ...filled, "repriced-to": "103.00" };
    expect(await resolve(orderId, verdict)).toMatchObject({
      outcome: "resolved",
      order: {
        averageFillPrice: "102.400000",
        execution: { quantity: "3000", price: "102.400000", priceDerived: false },
      },
    });
    const [order] = await database.query("SELECT status, price FROM orders WHERE order_id = $1", [orderId]);
    expect(order).toEqual({ status: "FILLED", price: "103.00" });
    expect(await resolve(orderId, verdict)).toMatchObject({ outcome: "resolved before" });
  });

  test.each([
    ["FILLED", { average: "101.5", reference: "FOALL1" }, { filled_quantity: "3000", status: "FILLED" }, 1],
    ["EXPIRED", { filled: "0" }, { filled_quantity: "0", average_fill_price: null, status: "EXPIRED" }, 0],
    ["REJECTED", {}, { filled_quantity: "0", broker_reference: null, status: "REJECTED" }, 0],
  ])("can turn out to be %s", async (as, options, expected, executions) => {
    const orderId = await doubtful();
    expect(await resolve(orderId, { as, ...options })).toMatchObject({ outcome: "resolved" });
    const { order, booked, resolutions } = await stateOf(orderId);
    expect(order).toMatchObject({ ...expected, completed: true });
    expect([booked.length, resolutions.length]).toEqual([executions, 1]);
  });

  test.each([
    // quantity, known, at, filled, at, step's price
    ["the difference of the sums", 3_000, 1_000, "101.00", 2_000, "101.25", "101.500000"],
    // Rounded averages whose difference is negative, or far from any price.
    ["the bound where rounding leaves nothing", 20_000_000, 19_999_999, "1.234568", 20_000_000, "1.234567", "0.617284"],
    ["the bound where rounding leaves too little", 1_000, 999, "10.05", 1_000, "10.04", "5.020000"],
  ])(
    "that was filled in part before gets the fills that nobody saw, at %s",
    async (_, quantity, known, knownAverage, filled, average, price) => {
      const orderId = await doubtful({
        quantity,
        filled_quantity: known,
        average_fill_price: knownAverage,
        broker_reference: `FO${known}`,
        status_reason: "END_NOT_KNOWN: its trading day ended unseen",
      });
      await bookedBefore(orderId, known, knownAverage);
      const as = filled === quantity ? "FILLED" : "EXPIRED";
      const step = String(filled - known);
      expect(await resolve(orderId, { as, filled: String(filled), average })).toMatchObject({
        outcome: "resolved",
        order: {
          filledBefore: String(known),
          filledQuantity: String(filled),
          execution: { quantity: step, price, priceDerived: true },
        },
      });
      const { order, booked } = await stateOf(orderId);
      expect(order).toMatchObject({ status: as, filled_quantity: String(filled), broker_reference: `FO${known}` });
      expect(booked).toMatchObject([{}, { quantity: step, cumulative_quantity: String(filled), price }]);
    },
  );

  test.each([
    ["BUY", "103.00", "102.80", "102.15"],
    ["SELL", "100.00", "100.20", "100.85"],
  ])("and was a %s at another price before is settled by the truth", async (side, first, knownAverage, average) => {
    const orderId = await doubtful({
      side,
      price: first,
      filled_quantity: 1_500,
      average_fill_price: knownAverage,
      broker_reference: `FO${side}`,
    });
    await bookedBefore(orderId, 1_500, knownAverage);
    await database.query(
      "UPDATE orders SET price = 101.50, version = version + 1, status = 'ACCEPTED' WHERE order_id = $1",
      [orderId],
    );
    await database.query("UPDATE orders SET status = 'UNKNOWN', version = version + 1 WHERE order_id = $1", [orderId]);
    const answer = await resolve(orderId, { as: "FILLED", average });
    expect(answer).toMatchObject({
      outcome: "resolved",
      order: { execution: { quantity: "1500", price: "101.500000" } },
    });
    // Of the rest nothing is known but what the order asked for: at its first price it could have been.
    const other = await doubtful({ side, price: first, broker_reference: `FX${side}` });
    await database.query(
      "UPDATE orders SET price = 101.50, version = version + 1, status = 'ACCEPTED' WHERE order_id = $1",
      [other],
    );
    await database.query("UPDATE orders SET status = 'UNKNOWN', version = version + 1 WHERE order_id = $1", [other]);
    expect(await resolve(other, { as: "FILLED", average: first })).toMatchObject({ outcome: "resolved" });
  });

  test("of a day that is over was filled on that day", async () => {
    const orderId = await doubtful();
    await resolve(orderId, { as: "FILLED", average: "101.5", reference: "FODAY1" });
    const days = await database.query<{ day: string }>(
      `SELECT DISTINCT (transaction_date AT TIME ZONE 'Europe/Istanbul')::date::text AS day
       FROM transactions JOIN executions USING (execution_id) WHERE order_id = $1`,
      [orderId],
    );
    expect(days).toEqual([{ day: "2026-11-25" }]);
  });

  test("is tried in a dry run, and stays as it is", async () => {
    const orderId = await doubtful();
    const before = await stateOf(orderId);
    const options = { as: "FILLED", average: "101.50", reference: "FODRY1" };
    expect(await resolve(orderId, { ...options, "dry-run": true })).toMatchObject({
      outcome: "possible",
      order: { to: "FILLED", version: 3, execution: { quantity: "3000" } },
    });
    expect(await stateOf(orderId)).toEqual(before);
  });

  test("answers what was asked of it: a cancellation is done or came too late", async () => {
    const [cancelled, expired] = [await doubtful(), await doubtful()];
    for (const order of [cancelled, expired]) {
      await database.query(
        `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind, status, sent_at)
         VALUES ($1, $2, $3, $4, 'CANCEL', 'UNKNOWN', now())`,
        [randomUUID(), order, user, account],
      );
    }
    await resolve(cancelled, { as: "CANCELLED", filled: "0" });
    await resolve(expired, { as: "EXPIRED", filled: "0" });
    const requests = await database.query<{ status: string }>(
      "SELECT status, reason FROM order_requests WHERE order_id = ANY ($1) ORDER BY order_id = $2",
      [[cancelled, expired], expired],
    );
    expect(requests).toEqual([
      { status: "DONE", reason: null },
      { status: "REFUSED", reason: "ORDER_NOT_OPEN: the order is EXPIRED" },
    ]);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      "more than was ordered",
      { as: "CANCELLED", filled: "3001", average: "1", reference: "FON" },
      /more than the 3000/,
    ],
    ["a price worse than its limit", { as: "FILLED", average: "101.51", reference: "FON" }, /worse than the limit/],
    ["another order's reference", { as: "FILLED", average: "101.5", reference: "FOTHER" }, /belongs to the order/],
    ["what changed meanwhile", { as: "REJECTED", version: "2" }, /from version 2 to 3: look at it again/],
  ])("is not settled by %s", async (_, options, reason) => {
    const orderId = await doubtful();
    await database.query("DELETE FROM orders WHERE broker_reference = 'FOTHER'");
    await doubtful({ status: "ACCEPTED", broker_reference: "FOTHER" });
    const before = await stateOf(orderId);
    expect(await resolve(orderId, options)).toEqual({ outcome: "refused", reasons: [expect.stringMatching(reason)] });
    expect(await stateOf(orderId)).toEqual(before);
  });

  test("that is none, or is not in doubt, is refused", async () => {
    const open = await doubtful({ status: "ACCEPTED", broker_reference: "FOPEN1" });
    const missing = randomUUID();
    expect(await resolve(missing, { as: "REJECTED" })).toEqual({
      outcome: "refused",
      reasons: [`there is no order ${missing}`],
    });
    expect(await resolve(open, { as: "EXPIRED", filled: "0" })).toEqual({
      outcome: "refused",
      reasons: ["it is not in doubt any more: it is ACCEPTED since version 3"],
    });
  });

  /** What reconciliation does first when it finds an order: it locks it. */
  async function lock(orderId: string): Promise<Client> {
    const client = new Client(connectionOptions(database.config, "reconciliation"));
    await client.connect();
    await client.query("BEGIN");
    await client.query("SELECT set_config('app.user_id', 'system', true)");
    await client.query("SELECT FROM orders WHERE order_id = $1 FOR UPDATE", [orderId]);
    return client;
  }
  const waiting = () =>
    eventually(
      () =>
        database.query(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'resolve-order' AND wait_event_type = 'Lock'",
        ),
      (rows) => rows.length > 0,
    );

  test("that a reconciliation finds at the same moment is the reconciliation's", async () => {
    const orderId = await doubtful();
    const reconciliation = await lock(orderId);
    const answer = resolve(orderId, { as: "REJECTED" });
    await waiting();
    await reconciliation.query(
      "UPDATE orders SET status = 'ACCEPTED', broker_reference = 'FOUND1', version = version + 1 WHERE order_id = $1",
      [orderId],
    );
    await reconciliation.query("COMMIT");
    await reconciliation.end();
    expect(await answer).toMatchObject({
      outcome: "refused",
      reasons: [expect.stringContaining("ACCEPTED") as string],
    });
    expect((await stateOf(orderId)).resolutions).toEqual([]);
  });

  test("is as it was when the command is killed on the way, and settled by the next", async () => {
    const orderId = await doubtful();
    const before = await stateOf(orderId);
    const reconciliation = await lock(orderId);
    const options = { as: "FILLED", average: "101.5", reference: "FOKILL" };
    const { child, ended } = startProcess(
      "resolve-order",
      databaseVariables(database.config),
      ...argumentsOf(orderId, options),
    );
    await waiting();
    child.kill("SIGKILL");
    expect(await ended).toBe(-1);
    await reconciliation.query("ROLLBACK");
    await reconciliation.end();
    expect(await stateOf(orderId)).toEqual(before);
    expect(await resolve(orderId, options)).toMatchObject({ outcome: "resolved" });
    expect((await stateOf(orderId)).booked).toHaveLength(1);
  });

  test("settled by two at once is settled once", async () => {
    const orderId = await doubtful();
    const options = { as: "FILLED", average: "101.5", reference: "FOTWO1" };
    const answers = await Promise.all([resolve(orderId, options), resolve(orderId, options)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(["resolved", "resolved before"]);
    const { booked, resolutions } = await stateOf(orderId);
    expect([booked.length, resolutions.length]).toEqual([1, 1]);
  });

  test.each([
    "UPDATE order_resolutions SET evidence = 'none'",
    "DELETE FROM order_resolutions",
    "TRUNCATE order_resolutions",
  ])("keeps who settled it, whatever is tried: %s", async (statement) => {
    await expect(database.query(statement)).rejects.toThrow("order_resolutions keeps what was written");
  });

  test.each<[string, readonly string[]]>([
    ["no order", []],
    ["no id", argumentsOf("GARAN", { as: "REJECTED" })],
    ["no status", argumentsOf(randomUUID(), {})],
    ["a status that is no end", argumentsOf(randomUUID(), { as: "ACCEPTED" })],
    ["no evidence", argumentsOf(randomUUID(), { as: "REJECTED", evidence: "  " })],
    ["too much evidence", argumentsOf(randomUUID(), { as: "REJECTED", evidence: "x".repeat(2_001) })],
    ["nobody", argumentsOf(randomUUID(), { as: "REJECTED", operator: "" })],
    ["half a lot", argumentsOf(randomUUID(), { as: "CANCELLED", filled: "0.5" })],
    ["an unknown option", argumentsOf(randomUUID(), { as: "REJECTED", force: true })],
  ])("needs its arguments: %s", async (_, parameters) => {
    const variables = databaseVariables(database.config);
    const { code, stdout, stderr } = await runCommand("resolve-order", variables, ...parameters);
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining("usage: resolve-order <order id>")]);
  });
});

describe("a trader whose order was settled by an operator", () => {
  const worker = accountWorker();

  test("sees its end and its transaction, and the order that waited behind it is sent", async () => {
    const { simulator, trader } = worker;
    const { customer } = trader;
    simulator.faults.add({ at: "SendOrder", kind: "drop-after-accepting", times: 1, customer });
    simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer });
    const orderId = await worker.placed({ quantity: "77" });
    await worker.becomes(orderId, "UNKNOWN");
    const reference = simulator.exchange.ordersOf(customer)[0]?.reference ?? "";
    const { config } = worker.database;
    expect((await doubtfulOn(config)).orders.map((order) => order.orderId)).toEqual([orderId]);
    const waiting = await worker.placed({ quantity: "77" });
    const sent = worker.submissions();
    expect((await worker.orderNow(waiting)).status).toBe("CREATED");
    const average = worker.floor();
    expect(await resolveOn(config, orderId, { as: "FILLED", average, reference })).toMatchObject({
      outcome: "resolved",
    });
    const order = await worker.orderNow(orderId);
    expect(order).toMatchObject({ status: "FILLED", filledQuantity: "77", statusReasonCode: "RESOLVED_BY_OPERATOR" });
    const { body } = await worker.get("/api/v1/broker/transactions");
    expect(body).toMatchObject({ transactions: [{ orderId, quantity: "77" }] });
    expect((await doubtfulOn(config)).total).toBe(0);
    await eventually(
      () => Promise.resolve(worker.submissions()),
      (now) => now === sent + 1,
    );
  });
});
