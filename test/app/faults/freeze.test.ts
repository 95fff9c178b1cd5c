import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { formatPrice } from "../../../app/packages/bist/price";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startTestSimulator } from "../support/broker";
import type { Trader } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import { request } from "../support/service";
import type { CallOptions } from "../support/service";
import { brokenInvariants } from "./support/invariants";
import { bundleService, faultLeaseMs, serveTestKeys, ServiceProcess } from "./support/service-process";

jest.setTimeout(180_000);

const patienceMs = 60_000;
let keys: { readonly url: string; readonly server: Server };
let bundle: string;
let database: TestDatabase;
let simulator: Simulator;
let started: ServiceProcess[];

beforeAll(async () => {
  keys = await serveTestKeys();
  bundle = await bundleService();
});
afterAll(() => keys.server.close());
beforeEach(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator();
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((service) => service.kill()));
  await simulator.close();
  await database.drop();
});

function start(): ServiceProcess {
  const service = ServiceProcess.start({ bundle, database, brokerUrl: simulator.url, keysUrl: keys.url });
  started.push(service);
  return service;
}

const callOf = (service: ServiceProcess) => async (method: string, path: string, options?: CallOptions) =>
  request(await service.url, method, path, options);

const order = () => ({
  ...anyOrder,
  price: formatPrice(simulator.exchange.market.shares.get("GARAN")?.limits.ceiling ?? 0n),
});

/** Places an order, again with the same key until it was answered, as a careful client does. */
async function place(service: ServiceProcess, trader: Trader): Promise<string> {
  const key = randomUUID();
  const attempt = () => callOf(service)("POST", "/api/v1/orders", placing(trader, order(), key)).catch(() => undefined);
  await eventually(attempt, (answer) => answer?.status === 202, patienceMs);
  return key;
}

/** Fills everything and waits until database and broker agree. */
async function quiet(trader: Trader, orders: readonly string[]): Promise<void> {
  await eventually(
    () => {
      simulator.exchange.matchAll();
      return brokenInvariants(database, simulator, trader, orders);
    },
    (problems) => problems.length === 0,
    patienceMs,
  );
}

test("a database that freezes while orders are placed loses and doubles none", async () => {
  const service = start();
  const trader = await logIn({ call: callOf(service) }, (customer) => simulator.smsCode(customer));
  const backends = await database.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  expect(backends.length).toBeGreaterThan(0);
  const placed = Array.from({ length: 8 }, () => place(service, trader));
  for (const { pid } of backends) process.kill(pid, "SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, faultLeaseMs * 3));
  for (const { pid } of backends) process.kill(pid, "SIGCONT");
  await quiet(trader, await Promise.all(placed));
});

test("a process that freezes with accounts in its hands loses them, and sends nothing when it wakes up", async () => {
  const frozen = start();
  const trader = await logIn({ call: callOf(frozen) }, (customer) => simulator.smsCode(customer));
  const placed = await Promise.all(Array.from({ length: 6 }, () => place(frozen, trader)));
  frozen.child.kill("SIGSTOP");
  const other = start();
  placed.push(...(await Promise.all(Array.from({ length: 4 }, () => place(other, trader)))));
  await quiet(trader, placed);
  frozen.child.kill("SIGCONT");
  placed.push(...(await Promise.all(Array.from({ length: 4 }, () => place(frozen, trader)))));
  await quiet(trader, placed);
});
