import { formatPrice } from "../../../packages/bist/price";
import type { DoubtfulOrder } from "../../../packages/contract/order-resolution";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { decidedBy } from "../domain/manual-resolution";
import type { Order } from "../domain/order";
import { ordersInDoubt } from "../store/orders";

/** More than a person settles in a day, and few enough for one line of a log. */
const mostListed = 200;

/** The orders of all users whose outcome is not known, oldest first. */
export async function doubtfulOrders(
  database: Database,
): Promise<{ readonly orders: readonly DoubtfulOrder[]; readonly total: number }> {
  const now = await databaseTime(database);
  const { orders, total } = await database.as("system", (tx) => ordersInDoubt(tx, mostListed));
  return { orders: orders.map((order) => doubtfulOrder(order, now)), total };
}

function doubtfulOrder(order: Order, now: Date): DoubtfulOrder {
  const { orderId, userId, symbol, side, version } = order;
  return {
    orderId,
    userId,
    symbol,
    side,
    quantity: order.quantity.toString(),
    filledQuantity: order.filledQuantity.toString(),
    averageFillPrice: order.averageFillPrice ?? null,
    price: order.limitPrice === undefined ? null : formatPrice(order.limitPrice),
    since: (order.unknownAt ?? order.updatedAt).toISOString(),
    tradingDay: order.tradingDay ?? null,
    brokerReference: order.brokerReference ?? null,
    reason: order.statusReason ?? null,
    version,
    decidedBy: decidedBy(order, now),
  };
}
