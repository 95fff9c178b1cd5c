import { accountWorker } from "../support/account-worker";

/** A list is due again before the next call may start, as it is with the broker's own 5 s, and doubt lasts. */
const worker = accountWorker({ requestIntervalMs: 300, resolveIntervalMs: 100, resolveDelayMs: 3_600_000 });
const { becomes, get, orderNow, placed } = worker;

test("a view is fetched while an order is in doubt and the list is due all the time", async () => {
  const { customer } = worker.trader;
  worker.simulator.faults.add({ at: "SendOrder", kind: "drop", times: 1, customer });
  const orderId = await placed();
  await becomes(orderId, "UNKNOWN");
  const lists = worker.calls("TodaysTransaction");
  for (const path of ["cash-flow", "portfolio", "positions"]) {
    expect((await get(`/api/v1/broker/${path}`)).status).toBe(200);
  }
  expect(worker.calls("TodaysTransaction")).toBeGreaterThan(lists);
  expect((await orderNow(orderId)).status).toBe("UNKNOWN");
});
