import { metrics } from "../../../app/packages/contract/metrics";
import { eventually } from "../support/broker";
import { accountWorker } from "../support/account-worker";

const worker = accountWorker();
const { becomes, figure, orderNow, placed, submissions } = worker;

describe("an answer that was not seen", () => {
  test.each(["drop-after-accepting", "garbage", "silence"] as const)(
    "%s: the order is found in the broker's list and was sent once",
    async (kind) => {
      worker.simulator.faults.add({ at: "SendOrder", kind, times: 1, customer: worker.trader.customer });
      const orderId = await placed();
      const order = await becomes(orderId, "ACCEPTED");
      const [atBroker, ...others] = worker.simulator.exchange.ordersOf(worker.trader.customer);
      expect(others).toEqual([]);
      expect(order.brokerReference).toBe(atBroker?.reference);
      expect(submissions()).toBe(1);
    },
  );

  test.each(["drop", "error"] as const)(
    "%s: the order is rejected once the list proves that it did not arrive",
    async (kind) => {
      worker.simulator.faults.add({ at: "SendOrder", kind, times: 1, customer: worker.trader.customer });
      const orderId = await placed();
      expect((await becomes(orderId, "UNKNOWN")).statusReasonCode).toBe("ANSWER_NOT_SEEN");
      expect((await becomes(orderId, "REJECTED")).statusReasonCode).toBe("NOT_RECEIVED");
      expect(submissions()).toBe(0);
    },
  );

  test("is counted as long as it is in doubt, with its age", async () => {
    // What the worker of the test before saw last may be a tenth of a second old.
    await eventually(
      () => figure(metrics.ordersUnknownAge, 'reason="answer"'),
      (seconds) => seconds === 0,
    );
    worker.simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1, customer: worker.trader.customer });
    worker.simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer: worker.trader.customer });
    const orderId = await placed();
    await eventually(
      () => figure(metrics.ordersUnknownAge, 'reason="answer"'),
      (age) => age > 0.5,
    );
    expect(await figure(metrics.ordersUnknown, 'reason="answer"')).toBe(1);
    expect(await figure(metrics.ordersUnknown, 'reason="end"')).toBe(0);
    worker.simulator.faults.clear();
    await becomes(orderId, "REJECTED");
    await eventually(
      () => figure(metrics.ordersUnknownAge, 'reason="answer"'),
      (age) => age === 0,
    );
  });

  test("of one order does not lend its reference to an order that looks the same", async () => {
    const first = await placed();
    await becomes(first, "ACCEPTED");
    worker.simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1, customer: worker.trader.customer });
    const second = await placed();
    const third = await placed();
    await becomes(second, "REJECTED");
    await becomes(third, "ACCEPTED");
    const references = await Promise.all([first, third].map(async (id) => (await orderNow(id)).brokerReference));
    expect(references).toEqual(
      worker.simulator.exchange.ordersOf(worker.trader.customer).map(({ reference }) => reference),
    );
  });

  test("stays UNKNOWN while an order from elsewhere could be it as well", async () => {
    worker.simulator.faults.add({
      at: "SendOrder",
      kind: "drop-after-accepting",
      times: 1,
      customer: worker.trader.customer,
    });
    worker.simulator.faults.add({ at: "TodaysTransaction", kind: "error", customer: worker.trader.customer });
    const orderId = await placed({ quantity: "77" });
    await becomes(orderId, "UNKNOWN");
    const [real] = worker.simulator.exchange.ordersOf(worker.trader.customer);
    const { symbol, side, quantity, price } = real ?? { symbol: "", side: "BUY", quantity: 0n, price: 0n };
    worker.simulator.exchange.place(worker.trader.customer, { symbol, side, quantity, price });
    worker.simulator.faults.clear();
    await eventually(
      () => worker.service.logged.some((line) => line["orderId"] === orderId && Array.isArray(line["references"])),
      Boolean,
    );
    expect((await orderNow(orderId)).status).toBe("UNKNOWN");
  });
});

test("an event that no relay publishes is seen to wait", async () => {
  await eventually(
    () => figure(metrics.eventsWaiting),
    (seconds) => seconds < 5,
  );
  await worker.database.query("ALTER TABLE outbox RENAME TO outbox_away");
  try {
    await eventually(
      () => figure(metrics.eventsWaiting),
      (seconds) => seconds > 2.5,
    );
  } finally {
    await worker.database.query("ALTER TABLE outbox_away RENAME TO outbox");
  }
  await eventually(
    () => figure(metrics.eventsWaiting),
    (seconds) => seconds < 2,
  );
});
