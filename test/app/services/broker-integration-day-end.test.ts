import { metrics } from "../../../app/packages/contract/metrics";
import { accountWorker } from "../support/account-worker";
import { eventually } from "../support/broker";

const worker = accountWorker();
const { becomes, figure, floor, orderNow, place, placed } = worker;

/** Makes an order one of the day before, as if its day had ended. */
async function endDayOf(orderId: string): Promise<void> {
  await worker.database.query(
    "UPDATE orders SET trading_day = trading_day - 1, version = version + 1 WHERE order_id = $1",
    [orderId],
  );
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
      () => figure(metrics.ordersUnknownAge),
      (seconds) => seconds > 0,
    );
    expect((await orderNow(orderId)).status).toBe("UNKNOWN");
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

test("an order is refused when it is placed where it could not be sent in time behind those that wait", async () => {
  const slow = await worker.slowService();
  const call = () => place({ price: floor() }, undefined, slow);
  await passAccountOn();
  // A call takes 1.2 s here, and no order is sent later than 5 s after it was placed.
  const answers = [await call(), await call(), await call(), await call(), await call()];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 409]);
  expect(answers.at(-1)).toMatchObject({ body: { code: "TOO_MANY_WAITING", seconds: 6 } });
  expect(answers.at(-1)?.headers.get("retry-after")).toBe("1");
});
