import { randomUUID } from "node:crypto";
import { istanbulDate, startOfIstanbulDate } from "../../../app/packages/bist/calendar";
import { parsePrice } from "../../../app/packages/bist/price";
import { defaultHabits, habitChoices } from "../../../app/packages/simulator/habits";
import { metrics } from "../../../app/packages/contract/metrics";
import { sessionChannel } from "../../../app/services/broker-integration/domain/channels";
import { accountWorker } from "../support/account-worker";
import { eventually, logIn, testTradingConfig } from "../support/broker";

const worker = accountWorker();
const { becomes, figure, floor, orderNow, place, placed } = worker;

/** Days end when leases are renewed, now and then and when a session changes. */
let renewals: NodeJS.Timeout;
beforeEach(() => {
  renewals = setInterval(() => void worker.database.query("SELECT pg_notify($1, '')", [sessionChannel]), 200);
});
afterEach(() => {
  clearInterval(renewals);
});

/** Makes an order one of so many days before, as if its day had ended. */
async function endDayOf(orderId: string, days = 1): Promise<void> {
  await worker.database.query(
    "UPDATE orders SET trading_day = trading_day - $2::int, version = version + 1 WHERE order_id = $1",
    [orderId, days],
  );
}

/** Waits until the process works for so many accounts. */
const held = (accounts: number) =>
  eventually(
    () => figure(metrics.brokerAccountsHeld),
    (held) => held === accounts,
  );

/** Logs the trader out, so long ago that the lease of the account has run out. */
async function logOutForLong(): Promise<void> {
  const { service, trader, database } = worker;
  await service.call("POST", "/api/v1/broker/auth/logout", { token: trader.token });
  await held(0);
  await database.query("UPDATE broker_accounts SET lease_owner = NULL, lease_expires_at = NULL WHERE user_id = $1", [
    trader.userId,
  ]);
}

/** Has somebody else hold the account, so that nothing is sent for it. */
async function passAccountOn(): Promise<void> {
  await worker.database.query(
    "UPDATE broker_accounts SET lease_owner = gen_random_uuid(), lease_expires_at = now() + interval '1 hour' WHERE user_id = $1",
    [worker.trader.userId],
  );
}

describe("an order that was open when its day ended unseen", () => {
  test("is UNKNOWN until its end is found, says so, and holds up nothing of today", async () => {
    const orderId = await placed({ price: floor() });
    await becomes(orderId, "ACCEPTED");
    await endDayOf(orderId);
    expect(await becomes(orderId, "UNKNOWN")).toMatchObject({ statusReasonCode: "END_NOT_KNOWN" });
    await becomes(await placed({ price: floor() }), "ACCEPTED");
    await eventually(
      () => figure(metrics.ordersUnknownAge, 'reason="end"'),
      (seconds) => seconds > 0,
    );
    expect((await orderNow(orderId)).status).toBe("UNKNOWN");
    // It hides no order whose answer was not seen.
    expect(await figure(metrics.ordersUnknownAge, 'reason="answer"')).toBe(0);
  });

  test("is UNKNOWN also while nobody is logged in, and its age is told", async () => {
    await worker.database.query(
      "UPDATE orders SET status = 'REJECTED', version = version + 1 WHERE status = 'UNKNOWN'",
    );
    const orderId = await placed({ price: floor() });
    await becomes(orderId, "ACCEPTED");
    await eventually(
      () => figure(metrics.ordersUnknownAge, 'reason="end"'),
      (seconds) => seconds === 0,
    );
    await logOutForLong();
    await endDayOf(orderId);
    await becomes(orderId, "UNKNOWN");
    await eventually(
      async () => ({
        held: await figure(metrics.brokerAccountsHeld),
        age: await figure(metrics.ordersUnknownAge, 'reason="end"'),
      }),
      ({ held, age }) => held === 0 && age > 0,
    );
  });

  test("is EXPIRED when it was listed after the last fill of its day could be made", async () => {
    const orderId = await placed({ price: floor() });
    await becomes(orderId, "ACCEPTED");
    await passAccountOn();
    await worker.database.query(
      `INSERT INTO broker_lists (account_id, user_id, trading_day, read_at)
       SELECT account_id, user_id, trading_day - 1, now() FROM orders WHERE order_id = $1`,
      [orderId],
    );
    await endDayOf(orderId);
    expect(await becomes(orderId, "EXPIRED")).toMatchObject({ statusReasonCode: "DAY_ORDER_EXPIRED" });
  });
});

describe("an order that was being sent", () => {
  /** One of the trader's that some process said it would send, so long ago. */
  async function submitting(secondsAgo: number): Promise<string> {
    const orderId = randomUUID();
    await worker.database.query(
      `INSERT INTO orders (order_id, client_order_id, user_id, account_id, symbol, side, order_type, quantity, price, status,
         trading_day, created_at, submitting_at)
       SELECT $1::uuid, $1::uuid::text, user_id, account_id, 'GARAN', 'BUY', 'LIMIT', 10, $4, 'SUBMITTING', $3,
         now() - $5 * interval '1 s', now() - $5 * interval '1 s'
       FROM broker_accounts WHERE user_id = $2`,
      [orderId, worker.trader.userId, istanbulDate(Date.now()), floor(), secondsAgo],
    );
    return orderId;
  }

  test("by a process that vanished is UNKNOWN though nobody works for the account, and looked for when somebody does", async () => {
    const { service, simulator, trader } = worker;
    await logOutForLong();
    const orderId = await submitting(5);
    expect(await becomes(orderId, "UNKNOWN")).toMatchObject({ statusReasonCode: "ANSWER_NOT_SEEN" });
    await logIn(service, (customer) => simulator.smsCode(customer), trader.userId, trader.customer);
    expect(await becomes(orderId, "REJECTED")).toMatchObject({ statusReasonCode: "NOT_RECEIVED" });
  });

  test("by a process that works for the account is UNKNOWN when that could have recorded every answer", async () => {
    await held(1);
    await passAccountOn();
    await held(0);
    const [fresh, old] = [await submitting(30), await submitting(90)];
    await becomes(old, "UNKNOWN");
    expect((await orderNow(fresh)).status).toBe("SUBMITTING");
  });
});

describe("fills that nobody watched", () => {
  const day = 86_400_000;
  afterEach(() => {
    worker.simulator.clockAheadMs = 0;
    worker.simulator.habits = defaultHabits;
  });

  /** An order of so many days ago of which so many of 100 lots were filled at its price after the last look at the list. */
  async function filledUnseen(lots: readonly bigint[], days = 1): Promise<string> {
    const { simulator, trader } = worker;
    simulator.clockAheadMs = -days * day;
    const orderId = await placed({ quantity: "100", price: floor() });
    const { brokerReference } = await becomes(orderId, "ACCEPTED");
    simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer: trader.customer });
    for (const each of lots) simulator.exchange.fill(brokerReference ?? "", each, parsePrice(floor()));
    simulator.exchange.endDay();
    simulator.clockAheadMs = 0;
    await endDayOf(orderId, days);
    simulator.faults.clear();
    return orderId;
  }

  /** Waits until the statement was read so many more times. */
  const looks = async (more: number) => {
    const before = worker.calls("AccountExtre");
    await eventually(
      () => worker.calls("AccountExtre"),
      (now) => now >= before + more,
    );
  };

  /** Longer ago than any trading day after its settlement: the statement is complete. */
  const longAgo = 20;
  const habits = habitChoices.statementRows.flatMap((statementRows) =>
    habitChoices.statementAppearance.map((statementAppearance) => ({ statementRows, statementAppearance })),
  );

  test.each(habits)("are found in the statement: %j", async (habit) => {
    worker.simulator.habits = { ...defaultHabits, ...habit };
    const whole = await filledUnseen([100n]);
    expect(await becomes(whole, "FILLED")).toMatchObject({
      filledQuantity: "100",
      statusReasonCode: "FOUND_IN_STATEMENT",
    });
    const part = await filledUnseen([30n, 10n], longAgo);
    expect(await becomes(part, "EXPIRED")).toMatchObject({ filledQuantity: "40" });
    const { transactions } = (await worker.get("/api/v1/broker/transactions")).body as {
      transactions: { orderId: string; quantity: string; transactionDate: string; settlementDate: string }[];
    };
    expect(
      transactions.map(({ orderId, quantity, transactionDate, settlementDate }) => {
        const tradedOn = istanbulDate(Date.parse(transactionDate));
        return { orderId, quantity, tradedOn, settlementDate };
      }),
    ).toEqual(
      [part, whole].map((orderId) => {
        const tradedOn = istanbulDate(Date.now() - (orderId === whole ? 1 : longAgo) * day);
        return {
          orderId,
          quantity: orderId === whole ? "100" : "40",
          tradedOn,
          settlementDate: testTradingConfig.calendar.settlementDate(tradedOn),
        };
      }),
    );
  });

  test("that appear one by one are waited for, over a restart of the worker too", async () => {
    worker.simulator.habits = { ...defaultHabits, statementAppearance: "oneByOne" };
    const orderId = await filledUnseen([60n, 30n, 10n]);
    // At midnight there is the first alone.
    const midnight = startOfIstanbulDate(istanbulDate(Date.now()));
    worker.simulator.clockAheadMs = midnight + 3_600_000 - Date.now();
    await looks(3);
    await worker.service.call("POST", "/api/v1/broker/auth/logout", { token: worker.trader.token });
    await logIn(
      worker.service,
      (customer) => worker.simulator.smsCode(customer),
      worker.trader.userId,
      worker.trader.customer,
    );
    await looks(3);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", filledQuantity: "0" });
    worker.simulator.clockAheadMs = 2 * day;
    expect(await becomes(orderId, "FILLED")).toMatchObject({ filledQuantity: "100" });
  });

  test("that appear on the value date only are waited for", async () => {
    worker.simulator.habits = { ...defaultHabits, statementAvailable: "valueDate" };
    const orderId = await filledUnseen([100n]);
    await becomes(orderId, "UNKNOWN");
    await looks(3);
    expect(await orderNow(orderId)).toMatchObject({ status: "UNKNOWN", statusReasonCode: "END_NOT_KNOWN" });
    worker.simulator.clockAheadMs = 7 * day;
    await becomes(orderId, "FILLED");
  });
});

// A call takes 1.2 s here. One may be under way, and one that is passed over has its turn before the last of the orders.
test.each([
  [5_000, 3, 6, "1"],
  [4_800, 3, 6, "2"],
  [4_799, 2, 5, "1"],
])(
  "orders that are to be sent within %d ms are taken up to the %dth",
  async (submitWithinMs, taken, seconds, retry) => {
    const slow = await worker.slowService({ submitWithinMs });
    const call = () => place({ price: floor() }, undefined, slow);
    await passAccountOn();
    for (let count = 0; count < taken; count += 1) expect((await call()).status).toBe(202);
    const refused = await call();
    expect(refused).toMatchObject({ status: 409, body: { code: "TOO_MANY_WAITING", seconds } });
    expect(refused.headers.get("retry-after")).toBe(retry);
  },
);
