import { formatPrice } from "../../../app/packages/bist/price";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";
import { TestSocket } from "../support/socket";

let database: TestDatabase;
let simulator: Simulator;
let replicas: readonly [TestService, TestService];
const opened: TestSocket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startTestSimulator();
  replicas = [
    await startBrokerIntegration(database, simulator.url),
    await startBrokerIntegration(database, simulator.url),
  ];
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});
afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await simulator.close();
  await database.drop();
});

interface Message {
  readonly type: string;
  readonly eventId?: string;
  readonly data: { readonly orderId?: string; readonly status?: string; readonly orders?: readonly object[] };
}

const open = ({ url }: TestService, headers: Record<string, string> = {}) => {
  const socket = new TestSocket(url, "/trading/ws/trading", headers);
  opened.push(socket);
  return socket;
};

/** What a client hears who has authenticated and been shown what is. */
async function connect(service: TestService, token: string) {
  const socket = open(service);
  await socket.send({ type: "AUTH", token });
  await socket.receive({ type: "SNAPSHOT" });
  return { messages: socket.messages as Message[] };
}

const orderAtCeiling = () => ({
  ...anyOrder,
  price: formatPrice(simulator.exchange.market.shares.get("GARAN")?.limits.ceiling ?? 0n),
});

describe("/ws/trading", () => {
  test("shows what is open, then what happens, on any replica, to its owner only", async () => {
    const trader = await logIn(replicas[0], (customer) => simulator.smsCode(customer));
    const stranger = await logIn(replicas[0], (customer) => simulator.smsCode(customer));
    const others = await connect(replicas[0], stranger.token);
    const sockets = await Promise.all(replicas.map((replica) => connect(replica, trader.token)));
    const { body } = await replicas[1].call("POST", "/api/v1/orders", placing(trader, orderAtCeiling()));
    const { orderId } = body as { orderId: string };
    const statuses = (messages: readonly Message[]) =>
      messages
        .filter(({ data, type }) => type === "ORDER_UPDATE" && data.orderId === orderId)
        .map(({ data }) => data.status);
    for (const { messages } of sockets) {
      await eventually(
        () => statuses(messages),
        (seen) => seen.includes("ACCEPTED"),
      );
      expect(new Set(statuses(messages))).toEqual(new Set(["CREATED", "SUBMITTING", "ACCEPTED"]));
    }
    const late = await connect(replicas[1], trader.token);
    expect(late.messages.find(({ type }) => type === "SNAPSHOT")?.data.orders).toMatchObject([
      { orderId, status: "ACCEPTED" },
    ]);

    await eventually(
      () => {
        simulator.exchange.matchAll();
        return late.messages.map(({ type }) => type);
      },
      (types) => types.includes("TRADE_EXECUTION") && types.includes("POSITION_UPDATE"),
    );
    expect(others.messages.filter(({ type }) => type !== "AUTHENTICATED" && type !== "SNAPSHOT")).toEqual([]);
  });

  test("refuses a page of another origin (ASVS 4.4.2)", async () => {
    expect(await open(replicas[0], { origin: "https://elsewhere.example" }).closed).toBe(403);
  });
});

test("an account passes to the other replica when its own ends, and its orders go on", async () => {
  const trader = await logIn(replicas[0], (customer) => simulator.smsCode(customer));
  const third = await startBrokerIntegration(database, simulator.url);
  await Promise.all([replicas[0].stop(), third.stop()]);
  const { status, body } = await replicas[1].call("POST", "/api/v1/orders", placing(trader, orderAtCeiling()));
  expect(status).toBe(202);
  const { orderId } = body as { orderId: string };
  await eventually(
    () => replicas[1].call("GET", `/api/v1/orders/${orderId}`, { token: trader.token }),
    (answer) => (answer.body as { order: { status: string } }).order.status === "ACCEPTED",
  );
  expect(simulator.exchange.ordersOf(trader.customer)).toHaveLength(1);
});
