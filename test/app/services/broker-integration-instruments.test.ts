import { formatPrice, parsePrice } from "../../../app/packages/bist/price";
import { isOnTick } from "../../../app/packages/bist/tick-sizes";
import type { Simulator } from "../../../app/packages/simulator/simulator";
import { eventually, logIn, placing, startBrokerIntegration, startTestSimulator } from "../support/broker";
import type { Trader } from "../support/broker";
import { createTestDatabase } from "../support/postgres";
import type { TestDatabase } from "../support/postgres";
import type { TestService } from "../support/service";

const traded = ["GARAN", "THYAO.E", "ZGOLD", "GLDTR.F", "ALTINS1", "ISGYO.R", "XYZAB.V"];

describe("an order for an instrument that is not a share", () => {
  let database: TestDatabase;
  let simulator: Simulator;
  let service: TestService;
  let trader: Trader;

  beforeAll(async () => {
    database = await createTestDatabase();
    simulator = await startTestSimulator({ symbols: traded, seed: 3 });
    service = await startBrokerIntegration(database, simulator.url);
    trader = await logIn(service, (customer) => simulator.smsCode(customer));
  });
  afterAll(async () => {
    await service.stop();
    await simulator.close();
    await database.drop();
  });

  const place = (order: object) =>
    service.call("POST", "/api/v1/orders", placing(trader, { side: "BUY", type: "LIMIT", quantity: "1", ...order }));

  /** Highest price within the day's limits at which no share could be quoted. */
  function offTheTicksOfShares(symbol: string): string {
    let price = simulator.exchange.market.shares.get(symbol)?.limits.ceiling ?? 0n;
    while (isOnTick(price)) price--;
    return formatPrice(price);
  }

  test.each(["ZGOLD", "GLDTR.F", "ALTINS1", "ISGYO.R", "XYZAB.V"])(
    "for %s is sent at a price that no share could have, under its own code",
    async (symbol) => {
      const price = offTheTicksOfShares(symbol);
      const { status, body } = await place({ symbol, price });
      expect({ status, body }).toMatchObject({ status: 202, body: { symbol, price } });
      const { orderId } = body as { orderId: string };
      const order = await eventually(
        async () => {
          const { body } = await service.call("GET", `/api/v1/orders/${orderId}`, { token: trader.token });
          return (body as { order: { status: string; symbol: string } }).order;
        },
        ({ status }) => status !== "CREATED" && status !== "SUBMITTING",
      );
      expect(order).toMatchObject({ status: "ACCEPTED", symbol });
      expect(simulator.exchange.ordersOf(trader.customer).at(-1)).toMatchObject({ symbol });
      const lower = formatPrice(parsePrice(price) - 1n);
      const moved = await service.call("PUT", `/api/v1/orders/${orderId}`, {
        token: trader.token,
        body: { price: lower },
      });
      expect({ status: moved.status, text: moved.text }).toMatchObject({ status: 202 });
      await eventually(
        () => simulator.exchange.ordersOf(trader.customer).at(-1),
        (order) => order !== undefined && formatPrice(order.price) === lower,
      );
    },
  );

  test.each(["GARAN", "THYAO.E"])("but %s, which is one, is refused at it", async (symbol) => {
    expect(await place({ symbol, price: offTheTicksOfShares(symbol) })).toMatchObject({
      status: 422,
      body: { code: "INVALID_PRICE_TICK" },
    });
  });

  test.each([
    [{ symbol: "F_XU0301226", price: "10000.00" }, 422, "UNSUPPORTED_INSTRUMENT"],
    [{ symbol: "F_XU0301226", type: "MARKET" }, 422, "UNSUPPORTED_INSTRUMENT"],
    [{ symbol: "XYZAB.V", type: "MARKET" }, 422, "ORDER_TYPE_NOT_ALLOWED"],
    [{ symbol: "ZGOLD", price: "20.015" }, 400, "INVALID_REQUEST"],
    [{ symbol: "O_AKBNKE1219C7.30", price: "1.00" }, 400, "INVALID_REQUEST"],
    [{ symbol: "THYAO.E.E", price: "1.00" }, 400, "INVALID_REQUEST"],
    [{ symbol: "GARAN\n", price: "1.00" }, 400, "INVALID_REQUEST"],
  ])("with %j is answered %s %s and not sent", async (order, status, code) => {
    const before = simulator.exchange.ordersOf(trader.customer).length;
    expect(await place(order)).toMatchObject({ status, body: { code } });
    expect(simulator.exchange.ordersOf(trader.customer)).toHaveLength(before);
  });
});
