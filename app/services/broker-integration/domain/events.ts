import { formatPrice } from "../../../packages/bist/price";
import type { Order } from "./order";
import type { OrderRequest } from "./order-request";
import { reasonCodeOf } from "./reason";

export const eventTypes = ["ORDER_UPDATE", "TRADE_EXECUTION", "POSITION_UPDATE", "REQUEST_UPDATE"] as const;
export type EventType = (typeof eventTypes)[number];

/** What an ORDER_UPDATE carries: the whole order as its owner sees it. Amounts are text. */
export function orderUpdate(order: Order) {
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.limitPrice === undefined ? ("MARKET" as const) : ("LIMIT" as const),
    timeInForce: "DAY" as const,
    quantity: order.quantity.toString(),
    price: order.limitPrice === undefined ? null : formatPrice(order.limitPrice),
    filledQuantity: order.filledQuantity.toString(),
    averageFillPrice: order.averageFillPrice ?? null,
    averageFillPriceDerived: order.averageDerived,
    status: order.status,
    statusReason: order.statusReason ?? null,
    statusReasonCode: reasonCodeOf(order.statusReason) ?? null,
    brokerReference: order.brokerReference ?? null,
    version: order.version,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    completedAt: order.completedAt?.toISOString() ?? null,
  };
}
export type OrderUpdate = ReturnType<typeof orderUpdate>;

/** What a REQUEST_UPDATE carries: a request to cancel or reprice an order, as its owner sees it. */
export function requestUpdate(request: OrderRequest) {
  return {
    requestId: request.requestId,
    orderId: request.orderId,
    kind: request.kind,
    price: request.price === undefined ? null : formatPrice(request.price),
    status: request.status,
    reason: request.reason ?? null,
    reasonCode: reasonCodeOf(request.reason) ?? null,
    createdAt: request.createdAt.toISOString(),
    sentAt: request.sentAt?.toISOString() ?? null,
    completedAt: request.completedAt?.toISOString() ?? null,
  };
}
