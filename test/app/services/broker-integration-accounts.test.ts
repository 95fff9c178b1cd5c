import { randomUUID } from "node:crypto";
import { actuator } from "../../../app/packages/contract/services";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { formatPrice } from "../../../app/packages/bist/price";
import { AlgolabSession } from "../../../app/packages/algolab/client";
import { AccountLeases } from "../../../app/services/broker-integration/execution/account-leases";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import type { Trader } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";

const leaseMs = 3_000;
let database: TestDatabase;
let simulator: Simulator;
let replica: TestService;
const calls: string[] = [];
let one: Trader;
let other: Trader;

beforeEach(async () => {
  database = await createTestDatabase();
  calls.length = 0;
  simulator = await startTestSimulator({ onCall: (endpoint, customer) => calls.push(`${endpoint} ${customer}`) });
  replica = await startBrokerIntegration(database, simulator.url, { leaseMs, requestTimeoutMs: 10_000 });
  [one, other] = [await logInHere(), await logInHere()];
  for (const trader of [one, other]) await isWorkedFor(trader, 1);
});
afterEach(async () => {
  await replica.stop();
  await simulator.close();
  await database.drop();
});

const logInHere = (userId?: string) => logIn(replica, (customer) => simulator.smsCode(customer), userId);

/** How often the replica has taken the user's account. */
async function taken({ userId }: Trader): Promise<number> {
  const [account] = await database.query<{ account_id: string }>(
    "SELECT account_id FROM broker_accounts WHERE user_id = $1",
    [userId],
  );
  return replica.logged.filter(
    (line) => line["msg"] === "account lease acquired" && line["accountId"] === account?.account_id,
  ).length;
}
const isWorkedFor = (trader: Trader, times: number) =>
  eventually(
    () => taken(trader),
    (count) => count === times,
  );

test("an account stays while the last call of another hangs, whose user has logged out", async () => {
  const second = await startBrokerIntegration(database, simulator.url, { leaseMs });
  const owner = "SELECT lease_owner FROM broker_accounts WHERE user_id = $1";
  const before = await database.query(owner, [other.userId]);
  const hangs = { at: "CashFlow", kind: "delay", customer: one.customer, delayMs: 2.5 * leaseMs, times: 1 } as const;
  simulator.faults.add(hangs);
  const view = replica.call("GET", "/api/v1/broker/cash-flow", { token: one.token });
  await eventually(
    () => calls,
    (made) => made.includes(`CashFlow ${one.customer}`),
  );
  await replica.call("POST", "/api/v1/broker/auth/logout", { token: one.token });
  expect((await view).status).toBe(409);
  await eventually(
    async () => (await replica.call("GET", actuator.metrics)).text,
    (text) => text.includes('endpoint="CashFlow",outcome="ok"'),
  );
  expect(await database.query(owner, [other.userId])).toEqual(before);
  await second.stop();
});

test("an order on its way to the broker when the account is lost does not leave", async () => {
  const holds = jest.spyOn(AccountLeases.prototype, "holds");
  const sendOrder = Reflect.get(AlgolabSession.prototype, "sendOrder") as (...ticket: unknown[]) => Promise<string>;
  const sending = jest.spyOn(AlgolabSession.prototype, "sendOrder").mockImplementationOnce(function (
    this: AlgolabSession,
    ticket,
  ) {
    // As after the process was frozen here.
    holds.mockReturnValue(false);
    return sendOrder.call(this, ticket);
  });
  const share = simulator.exchange.market.shares.get(anyOrder.symbol);
  const { status, body } = await replica.call(
    "POST",
    "/api/v1/orders",
    placing(one, { ...anyOrder, price: formatPrice(share?.limits.ceiling ?? 0n) }),
  );
  expect(status).toBe(202);
  const { orderId } = body as { orderId: string };
  const order = async () => {
    const found = await replica.call("GET", `/api/v1/orders/${orderId}`, { token: one.token });
    return (found.body as { order: { status: string; statusReasonCode: string } }).order;
  };
  expect(await eventually(order, (found) => found.status === "REJECTED")).toMatchObject({
    statusReasonCode: "LEASE_LOST",
  });
  expect(simulator.exchange.ordersOf(one.customer)).toEqual([]);
  for (const spy of [holds, sending]) spy.mockRestore();
});

test("an account whose session cannot be opened holds up neither others nor suspensions", async () => {
  // Sealed for another row.
  await database.query("UPDATE algolab_sessions SET session_id = $2 WHERE user_id = $1", [one.userId, randomUUID()]);
  await eventually(
    () => replica.logged,
    (lines) => lines.some(({ msg }) => msg === "an account cannot be worked for"),
  );
  await isWorkedFor(await logInHere(), 1);
  await database.query("INSERT INTO suspended_users (user_id, status) VALUES ($1, 'SUSPENDED')", [other.userId]);
  const status = () => replica.call("GET", "/api/v1/broker/auth/status", { token: other.token });
  await eventually(status, ({ body }) => (body as { state: string }).state === "LOGGED_OUT");
});
