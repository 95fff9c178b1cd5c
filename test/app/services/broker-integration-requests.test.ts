import { accountWorker } from "../support/account-worker";
import { eventually } from "../support/broker";
import { TestSocket } from "../support/socket";

const worker = accountWorker();
const { becomes, ceiling, floor, get, orderNow, placed } = worker;

interface RequestBody {
  readonly requestId: string;
  readonly kind: string;
  readonly status: string;
}

const requestsOf = async (orderId: string) =>
  ((await get(`/api/v1/orders/${orderId}`)).body as { requests: RequestBody[] }).requests;
const ask = (method: "PUT" | "DELETE", orderId: string, body?: object) =>
  eventually(
    () => worker.service.call(method, `/api/v1/orders/${orderId}`, { token: worker.trader.token, body }),
    ({ status }) => status === 202,
  );

/** What a client at the socket hears of requests, in its order. */
async function listen(): Promise<() => RequestBody[]> {
  const socket = new TestSocket(worker.service.url, "/ws/trading", { authorization: `Bearer ${worker.trader.token}` });
  await socket.receive({ type: "SNAPSHOT" });
  return () =>
    (socket.messages as { readonly type: string; readonly data: RequestBody }[])
      .filter(({ type }) => type === "REQUEST_UPDATE")
      .map(({ data }) => data);
}

test("an order shows what became of each request, and its owner hears of it", async () => {
  const heard = await listen();
  const orderId = await placed();
  await becomes(orderId, "ACCEPTED");
  expect(await requestsOf(orderId)).toEqual([]);

  const { body } = await ask("PUT", orderId, { price: floor() });
  expect(body).toMatchObject({ request: { kind: "MODIFY", price: floor(), status: "PENDING", completedAt: null } });
  await eventually(
    () => orderNow(orderId),
    ({ price }) => price === floor(),
  );
  worker.simulator.faults.add({ at: "DeleteOrder", kind: "drop", times: 1, customer: worker.trader.customer });
  await ask("DELETE", orderId);
  const [moved, refused] = await eventually(
    () => requestsOf(orderId),
    (requests) => requests.length === 2 && requests.every(({ status }) => status === "DONE" || status === "REFUSED"),
  );
  const instant = expect.stringMatching(/^\d{4}-.+Z$/) as unknown;
  expect(moved).toMatchObject({ kind: "MODIFY", status: "DONE", reason: null, reasonCode: null, completedAt: instant });
  expect(refused).toMatchObject({
    orderId,
    kind: "CANCEL",
    price: null,
    status: "REFUSED",
    reason: expect.stringMatching(/^NOT_APPLIED: \w/) as unknown,
    reasonCode: "NOT_APPLIED",
    createdAt: instant,
    sentAt: instant,
    completedAt: instant,
  });
  expect((await orderNow(orderId)).status).toBe("ACCEPTED");

  const statuses = await eventually(
    () => heard().map(({ kind, status }) => `${kind} ${status}`),
    (told) => told.includes("CANCEL REFUSED"),
  );
  expect(statuses).toEqual(expect.arrayContaining(["MODIFY PENDING", "MODIFY DONE", "CANCEL UNKNOWN"]));
  expect(heard().at(-1)).toEqual(refused);
});

test("a request that no longer had an order to change says so", async () => {
  const orderId = await placed({ price: ceiling() });
  await becomes(orderId, "ACCEPTED");
  worker.simulator.faults.add({ at: "DeleteOrder", kind: "drop", times: 1, customer: worker.trader.customer });
  await ask("DELETE", orderId);
  await eventually(
    () => {
      worker.simulator.exchange.matchAll();
      return orderNow(orderId);
    },
    ({ status }) => status === "FILLED",
  );
  const [request] = await eventually(
    () => requestsOf(orderId),
    ([first]) => first?.status === "REFUSED",
  );
  expect(request).toMatchObject({
    kind: "CANCEL",
    reasonCode: expect.stringMatching(/ORDER_NOT_OPEN|NOT_APPLIED/) as unknown,
  });
});

describe("a request that waits", () => {
  const isRefused = (orderId: string) =>
    eventually(
      () => requestsOf(orderId),
      (requests) => requests.length === 1 && requests[0]?.status === "REFUSED",
    );
  const age = (orderId: string) =>
    worker.database.query("UPDATE order_requests SET created_at = created_at - interval '31 s' WHERE order_id = $1", [
      orderId,
    ]);
  const late = { reasonCode: "NOT_SENT_IN_TIME", sentAt: null, completedAt: expect.any(String) as unknown };

  test("longer than it may is refused in its turn, and may be made again", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    await worker.database.query(
      `INSERT INTO order_requests (request_id, order_id, user_id, account_id, kind, created_at)
       SELECT gen_random_uuid(), order_id, user_id, account_id, 'CANCEL', now() - interval '31 s' FROM orders
       WHERE order_id = $1`,
      [orderId],
    );
    expect(await isRefused(orderId)).toMatchObject([late]);
    expect(worker.calls("DeleteOrder")).toBe(0);
    await ask("DELETE", orderId);
    await becomes(orderId, "CANCELLED");
  });

  test("longer than it may is refused also where nobody works for the account", async () => {
    const orderId = await placed();
    await becomes(orderId, "ACCEPTED");
    await worker.database.query(
      "UPDATE broker_accounts SET lease_owner = gen_random_uuid(), lease_expires_at = now() + interval '1 hour' WHERE user_id = $1",
      [worker.trader.userId],
    );
    await ask("DELETE", orderId);
    await age(orderId);
    expect(await isRefused(orderId)).toMatchObject([late]);
    expect((await orderNow(orderId)).status).toBe("ACCEPTED");
  });
});
