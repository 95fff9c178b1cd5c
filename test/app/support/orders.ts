import type { ListedOrder } from "../../../app/services/broker-integration/domain/listed-order";
import type { Order } from "../../../app/services/broker-integration/domain/order";

/** A second of a trading day. */
export const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 9, 0, second));

/** An order that the broker has. */
export const anOrder = (change: Partial<Order> = {}): Order => ({
  orderId: "00000000-0000-0000-0000-000000000001",
  clientOrderId: "mine",
  userId: "u",
  accountId: "a",
  symbol: "GARAN",
  side: "BUY",
  quantity: 100n,
  limitPrice: 12_05n,
  filledQuantity: 0n,
  averageFillPrice: undefined,
  averageDerived: false,
  status: "ACCEPTED",
  statusReason: undefined,
  version: 3,
  tradingDay: "2026-11-23",
  brokerReference: "R1",
  exchangeOrderId: undefined,
  createdAt: at(0),
  submittingAt: at(10),
  unknownAt: at(12),
  updatedAt: at(12),
  completedAt: undefined,
  traceparent: undefined,
  ...change,
});

/** Its row in the broker's list. */
export const aRow = (change: Partial<ListedOrder> = {}): ListedOrder => ({
  reference: "R1",
  transactionId: "T1",
  symbol: "GARAN",
  side: "BUY",
  quantity: 100n,
  filled: 0n,
  averagePrice: "0",
  orderPrice: 12_05n,
  receivedAt: at(11),
  progress: "OPEN",
  description: "İletildi",
  ...change,
});
