import { randomUUID } from "node:crypto";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";
import { SlowLink } from "../support/slow-link";

let owned: TestDatabase;
let link: SlowLink;
let simulator: Simulator;
let service: TestService;

beforeAll(async () => {
  owned = await createTestDatabase();
  link = await SlowLink.start(owned.config);
  simulator = await startTestSimulator();
  const config = { ...owned.config, host: "127.0.0.1", port: link.port, statementTimeoutMs: 500 };
  service = await startBrokerIntegration({ ...owned, config }, simulator.url);
});
afterAll(async () => {
  await service.stop();
  await simulator.close();
  await link.close();
  await owned.drop();
});

/** The database's host vanishes when the transaction that took an idempotency key commits. */
function vanishAtCommit(key: string, how: Parameters<SlowLink["vanish"]>[0]): Promise<void> {
  const placing = new Set<object>();
  return new Promise((vanished) => {
    link.onSent = (connection, text) => {
      if (text.includes(key)) placing.add(connection);
      if (!placing.has(connection) || !text.includes("COMMIT")) return;
      link.onSent = undefined;
      link.vanish(how);
      vanished();
    };
  });
}

test.each([
  ["before it arrives, is placed by the repetition", "at once", null],
  ["before its answer arrives, is placed, which the repetition says", "after what is under way", "true"],
] as const)("an order whose COMMIT is lost %s", async (_what, how, replayed) => {
  const trader = await logIn(service, (customer) => simulator.smsCode(customer));
  const key = randomUUID();
  const order = { ...anyOrder, type: "MARKET" };
  const vanished = vanishAtCommit(key, how);
  const place = () => service.call("POST", "/api/v1/orders", placing(trader, order, key));
  const first = place();
  await vanished;
  expect(await first).toMatchObject({ status: 503, body: { code: "DATABASE_UNAVAILABLE" } });
  link.moveTo();

  const second = await eventually(place, ({ status }) => status === 202, 30_000);
  expect(second.headers.get("idempotency-replayed")).toBe(replayed);
  await eventually(
    () => owned.query<{ status: string }>("SELECT status FROM orders WHERE user_id = $1", [trader.userId]),
    (orders) => orders.length === 1 && orders[0]?.status === "ACCEPTED",
    30_000,
  );
  expect(simulator.exchange.ordersOf(trader.customer)).toHaveLength(1);
});
