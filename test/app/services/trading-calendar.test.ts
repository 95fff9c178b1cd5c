import { istanbulDate, TradingCalendar } from "../../../app/packages/bist/calendar";
import { calendarChangesText } from "../../../app/packages/contract/calendar-changes";
import { metrics } from "../../../app/packages/contract/metrics";
import { actuator } from "../../../app/packages/contract/services";
import { anyOrder, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";
import { testToken } from "../support/tokens";
import { marketDataConfig, startReplica } from "./market-data/market-data";

const dayMs = 86_400_000;
/** Closed whenever the test runs, also over midnight. */
const days = [-1, 0, 1].map((day) => ({
  date: istanbulDate(Date.now() + day * dayMs),
  kind: "CLOSED",
  reason: "a one-off closing",
}));
const feasts = [{ certainty: "PUBLISHED", ramadanFeast: "2028-02-26", sacrificeFeast: "2028-05-05" }];
const calendar = new TradingCalendar(calendarChangesText.parse(JSON.stringify({ feasts, days })));

describe("a calendar that is changed by configuration", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const endOf = async (service: TestService) => {
    const { text } = await service.call("GET", actuator.metrics);
    return Number(new RegExp(`^${metrics.tradingCalendarEnd.name}\\{.*\\} (.+)$`, "m").exec(text)?.[1]);
  };

  test("keeps orders from being taken on a day that it closes", async () => {
    const simulator = await startTestSimulator();
    const service = await startBrokerIntegration(database, simulator.url, { hours: "exchange", calendar });
    const trader = await logIn(service, (customer) => simulator.smsCode(customer));
    const order = { ...anyOrder, type: "MARKET" };
    expect(await service.call("POST", "/api/v1/orders", placing(trader, order))).toMatchObject({
      status: 422,
      body: { code: "MARKET_CLOSED", detail: expect.stringContaining("CLOSED") as string },
    });
    expect(simulator.exchange.orders.size).toBe(0);
    expect(await endOf(service)).toBe(Date.parse("2029-01-01T00:00:00+03:00") / 1_000);
    await service.stop();
    await simulator.close();
  });

  test("is what market data shows, and what it expects of the feed", async () => {
    const noSession = () => Promise.resolve(undefined);
    const service = await startReplica(database, noSession, { calendar });
    const token = await testToken({});
    const [from, to] = [days[0]?.date ?? "", days[2]?.date ?? ""];
    const shown = await service.call("GET", `/api/v1/market-data/calendar?from=${from}&to=${to}`, { token });
    expect(shown.body).toEqual(days.map((day) => ({ ...day, certainty: "PUBLISHED" })));
    const session = await service.call("GET", "/api/v1/market-data/session", { token });
    expect(session.body).toMatchObject({ phase: "CLOSED", acceptsOrders: false, day: { reason: "a one-off closing" } });
    const { text } = await service.call("GET", actuator.metrics);
    expect(text).toContain(`${metrics.marketSessionOpen.name}{service="market-data"} 0\n`);
    expect(await endOf(service)).toBe(calendar.endMs / 1_000);
    expect(marketDataConfig(database).marketData.calendar.endMs).toBeLessThan(calendar.endMs);
    await service.stop();
  });
});
