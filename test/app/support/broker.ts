import { randomInt, randomUUID } from "node:crypto";
import { TradingCalendar } from "../../../app/packages/bist/calendar";
import { services } from "../../../app/packages/contract/services";
import { Simulator } from "../../../app/packages/simulator/simulator";
import type { SimulatorOptions } from "../../../app/packages/simulator/simulator";
import { testApiKey } from "../../../app/packages/simulator/test-key";
import type { TradingConfig } from "../../../app/services/broker-integration/domain/trading-config";
import { buildBrokerIntegration } from "../../../app/services/broker-integration/service";
import type { BrokerIntegrationConfig } from "../../../app/services/broker-integration/service";
import { closeAfterTests } from "./left-over";
import type { TestDatabase } from "./postgres";
import { startTestService, testServiceConfig } from "./service";
import type { CallOptions, TestService } from "./service";
import { testToken } from "./tokens";

/** A broker that stands still and never says "too often". */
export async function startTestSimulator(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await Simulator.start({
    apiKey: testApiKey,
    tradesPerSecond: 0,
    rateIntervalMs: 0,
    openingCash: "100000000.00",
    ...options,
  });
  closeAfterTests(() => simulator.close());
  return simulator;
}

export const testSessionSecret = "not a secret, for tests only, 32+";

/** Delays as short as they can be and still tell before from after. */
export const testTradingConfig: TradingConfig = {
  requestIntervalMs: 0,
  requestTimeoutMs: 1_000,
  keepAliveMs: 300_000,
  hours: "always",
  calendar: new TradingCalendar(),
  submitWithinMs: 30_000,
  resolveDelayMs: 300,
  resolveIntervalMs: 100,
  pollIntervalMs: 200,
  statementIntervalMs: 100,
  clockSkewMs: 2_000,
  leaseMs: 10_000,
  viewFreshMs: 0,
  failpoint: undefined,
};

/**
 * broker-integration in this process, at the simulator.
 * @param apiKey the platform's; undefined where every customer has one
 */
export function startBrokerIntegration(
  database: TestDatabase,
  brokerUrl: string,
  trading: Partial<TradingConfig> = {},
  { apiKey }: { readonly apiKey: string | undefined } = { apiKey: testApiKey },
): Promise<TestService> {
  const config: BrokerIntegrationConfig = {
    ...testServiceConfig(database),
    broker: { baseUrl: brokerUrl, apiKey, sessionSecret: testSessionSecret },
    trading: { ...testTradingConfig, ...trading },
  };
  return startTestService(services.brokerIntegration, config, (kit) => buildBrokerIntegration(kit, config));
}

/** A user who is logged in at the broker. */
export interface Trader {
  readonly userId: string;
  /** The customer number at the simulator. */
  readonly customer: string;
  readonly token: string;
}

/** Logs a user, a new one unless it is named, in at the simulator, by SMS code as a person would. */
export async function logIn(
  service: Pick<TestService, "call">,
  smsCode: (customer: string) => string | undefined | Promise<string | undefined>,
  userId: string = randomUUID(),
  customer: string = randomInt(1_000_000_000, 9_999_999_999).toString(),
): Promise<Trader> {
  const token = await testToken({ userId });
  const started = await service.call("POST", "/api/v1/broker/auth/login", {
    token,
    body: { username: customer, password: "a password" },
  });
  if (started.status !== 202) throw new Error(`the login was answered ${started.status}: ${started.text}`);
  const code = await smsCode(customer);
  const ended = await service.call("POST", "/api/v1/broker/auth/verify-otp", { token, body: { code } });
  if (ended.status !== 200) throw new Error(`the code was answered ${ended.status}: ${ended.text}`);
  return { userId, customer, token };
}

/** What a test orders unless it says otherwise. */
export const anyOrder = { symbol: "GARAN", side: "BUY", type: "LIMIT", quantity: "10" } as const;

/** Options of a call that places an order, under a key of its own. */
export function placing(trader: Trader, order: object, key: string = randomUUID()): CallOptions {
  return { token: trader.token, body: order, headers: { "idempotency-key": key } };
}

/** Waits until something holds; fails with what was there instead. */
export async function eventually<T>(
  read: () => Promise<T> | T,
  holds: (value: T) => boolean,
  withinMs = 10_000,
  lookEveryMs = 20,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline) throw new Error(`it did not come to hold; last was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
