import { formatPrice } from "../../../app/packages/bist/price";
import type { MetricContract } from "../../../app/packages/contract/metrics";
import { actuator } from "../../../app/packages/contract/services";
import type { TradingConfig } from "../../../app/services/broker-integration/domain/trading-config";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { anyOrder, eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "./broker";
import type { Trader } from "./broker";
import { closeAfterTests } from "./left-over";
import { createTestDatabase } from "./postgres";
import type { TestDatabase } from "./postgres";
import type { TestService } from "./service";

export interface OrderBody {
  readonly orderId: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly statusReasonCode: string | null;
  readonly filledQuantity: string;
  readonly brokerReference: string | null;
  readonly price: string;
}

/** Broker integration before a simulator, for the tests of a file, with a trader for each who is logged in at the broker. */
export function accountWorker(trading: Partial<TradingConfig> = {}) {
  let database: TestDatabase;
  let simulator: Simulator;
  let service: TestService;
  let trader: Trader;
  const sent: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    simulator = await startTestSimulator({ onCall: (endpoint, customer) => sent.push(`${endpoint} ${customer}`) });
    service = await startBrokerIntegration(database, simulator.url, trading);
  });
  afterAll(async () => {
    await service.stop();
    await simulator.close();
    await database.drop();
  });
  beforeEach(async () => {
    trader = await logIn(service, (customer) => simulator.smsCode(customer));
  });
  afterEach(async () => {
    simulator.faults.clear();
    await service.call("POST", "/api/v1/broker/auth/logout", { token: trader.token });
  });

  const limits = () => {
    const share = simulator.exchange.market.shares.get("GARAN");
    if (share === undefined) throw new Error("the simulator has no GARAN");
    return { floor: formatPrice(share.limits.floor), ceiling: formatPrice(share.limits.ceiling) };
  };
  const ceiling = () => limits().ceiling;
  const get = (path: string) => service.call("GET", path, { token: trader.token });
  const place = (order: object = {}, key?: string, at: TestService = service) =>
    at.call("POST", "/api/v1/orders", placing(trader, { ...anyOrder, price: ceiling(), ...order }, key));
  const orderNow = async (orderId: string): Promise<OrderBody> => {
    const { body } = await get(`/api/v1/orders/${orderId}`);
    return (body as { order: OrderBody }).order;
  };

  return {
    get database() {
      return database;
    },
    get simulator() {
      return simulator;
    },
    get service() {
      return service;
    },
    get trader() {
      return trader;
    },
    /** Another replica, for a broker that takes a call a second, where no order waits longer than five. */
    slowService: async (trading: Partial<TradingConfig> = {}): Promise<TestService> => {
      const slow = await startBrokerIntegration(database, simulator.url, {
        requestIntervalMs: 1_000,
        submitWithinMs: 5_000,
        ...trading,
      });
      closeAfterTests(() => slow.stop());
      return slow;
    },
    ceiling,
    floor: () => limits().floor,
    get,
    place,
    /** @returns the id of an order that was taken */
    placed: async (order: object = {}, key?: string): Promise<string> => {
      const { status, body, text } = await place(order, key);
      if (status !== 202) throw new Error(text);
      return (body as OrderBody).orderId;
    },
    orderNow,
    becomes: (orderId: string, status: string) =>
      eventually(
        () => orderNow(orderId),
        (order) => order.status === status,
      ),
    /** Orders that the broker was sent by the trader. */
    submissions: () => sent.filter((call) => call === `SendOrder ${trader.customer}`).length,
    /** Calls of an endpoint that the broker carried out for the trader. */
    calls: (endpoint: string) => sent.filter((call) => call === `${endpoint} ${trader.customer}`).length,
    /** What the service exposes under a metric's name, of the series with a label where one is named. */
    figure: async ({ name }: MetricContract, label = ""): Promise<number> => {
      const { text } = await service.call("GET", actuator.metrics);
      return Number(new RegExp(`^${name}(?:\\{.*${label}.*\\})? (.+)$`, "m").exec(text)?.[1]);
    },
  };
}
