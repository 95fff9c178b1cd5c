import type { Simulator } from "../../../../app/packages/simulator/simulator";
import type { Trader } from "../../support/broker";
import type { TestDatabase } from "../../support/postgres";
import { brokenMoney } from "./money";

interface OrderRow {
  readonly client_order_id: string;
  readonly status: string;
  readonly quantity: string;
  readonly filled_quantity: string;
  readonly broker_reference: string | null;
  readonly executed: string;
  readonly last_event: string | null;
}

const finalStatuses = ["FILLED", "CANCELLED", "REJECTED", "EXPIRED"];

/**
 * What must hold between the database and the broker once all is quiet, as sentences about what does not. An order is
 * submitted twice when the broker has one that belongs to no order here; it is lost when the broker has none.
 */
export async function brokenInvariants(
  database: TestDatabase,
  simulator: Simulator,
  trader: Trader,
  keys: readonly string[],
): Promise<string[]> {
  const { userId, customer } = trader;
  const orders = await database.query<OrderRow>(
    `SELECT client_order_id, status, quantity, filled_quantity, broker_reference,
       (SELECT coalesce(sum(e.quantity), 0) FROM executions e WHERE e.order_id = o.order_id) AS executed,
       (SELECT payload->>'status' FROM outbox WHERE type = 'ORDER_UPDATE' AND published_at IS NOT NULL
          AND payload->>'orderId' = o.order_id::text ORDER BY (payload->>'version')::int DESC LIMIT 1) AS last_event
     FROM orders o WHERE user_id = $1`,
    [userId],
  );
  const atBroker = new Map(simulator.exchange.ordersOf(customer).map((order) => [order.reference, order]));
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(`${customer}: ${problem}`);
  };

  const placed = orders.map(({ client_order_id }) => client_order_id);
  expect(placed.toSorted().join() === keys.toSorted().join(), `placed ${keys.length} orders, stored ${placed.length}`);
  for (const order of orders) {
    const name = `order ${order.client_order_id} (${order.status})`;
    expect(finalStatuses.includes(order.status), `${name} is not final`);
    expect(BigInt(order.filled_quantity) <= BigInt(order.quantity), `${name} is filled beyond its quantity`);
    expect(
      order.executed === order.filled_quantity,
      `${name} has executions of ${order.executed} of ${order.filled_quantity}`,
    );
    expect(order.last_event === order.status, `${name} was last published as ${order.last_event ?? "nothing"}`);
    if (order.broker_reference === null) {
      expect(order.filled_quantity === "0", `${name} is filled without the broker knowing it`);
      continue;
    }
    const other = atBroker.get(order.broker_reference);
    atBroker.delete(order.broker_reference);
    expect(other !== undefined, `${name} has a reference that is another order's, or no order's`);
    expect(
      other?.filled.toString() === order.filled_quantity,
      `${name} is filled ${order.filled_quantity}, at the broker ${other?.filled ?? 0n}`,
    );
  }
  expect(atBroker.size === 0, `the broker has ${[...atBroker.keys()].join()}, which belong to no order`);

  const positions = await database.query<{ symbol: string; quantity: string }>(
    "SELECT symbol, quantity FROM positions WHERE user_id = $1 ORDER BY symbol",
    [userId],
  );
  const held = [...simulator.exchange.account(customer).holdings].map(
    ([symbol, { quantity }]) => `${symbol} ${quantity}`,
  );
  const shown = positions.map(({ symbol, quantity }) => `${symbol} ${quantity}`);
  expect(
    shown.join() === held.toSorted().join(),
    `positions are ${shown.join()}, at the broker ${held.toSorted().join()}`,
  );
  return [...problems, ...(await brokenMoney(database, simulator, trader))];
}
