import type { PoolClient } from "pg";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import type { ExecutionReport } from "../domain/execution-report";
import { averageFillPrice, fillBounds, stepOf, unbounded } from "../domain/fill-price";
import type { Step } from "../domain/fill-price";
import type { Order } from "../domain/order";
import type { BrokerAccount } from "./accounts";
import { orderSums, recordExecutionReport } from "./orders";
import { findPriceLimits } from "./price-limits";
import { requestViews, viewKinds } from "./views";

export interface Recorded {
  readonly order: Order;
  /** The fills that were new; undefined where there were none. */
  readonly step: Step | undefined;
}

/**
 * Records what the broker says of an order, with the fills that are new.
 * @param order locked by the transaction
 * @param executedAt when the fills were made, where that is not now
 */
export async function recordReport(
  tx: PoolClient,
  account: BrokerAccount,
  calendar: TradingCalendar,
  order: Order,
  report: ExecutionReport,
  executedAt?: Date,
): Promise<Recorded> {
  if (report.filledQuantity === 0n) {
    const none = { report, averageFillPrice: undefined, step: undefined };
    return { order: await recordExecutionReport(tx, order, none, calendar), step: undefined };
  }
  const { amount, pricesAsked } = await orderSums(tx, order.orderId);
  const booked = { quantity: order.filledQuantity, amount };
  const limits = await findPriceLimits(tx, order.symbol, order.tradingDay ?? "");
  const bounds = fillBounds(order.side, [order.limitPrice, report.limitPrice, ...pricesAsked], limits);
  const isNew = report.filledQuantity > order.filledQuantity;
  const step = isNew
    ? stepOf(booked, report.filledQuantity, report.averagePrice, report.isStated ? unbounded : bounds)
    : undefined;
  const average = averageFillPrice(report.averagePrice, booked, step);
  const booking = { report, averageFillPrice: average, step, executedAt };
  const recorded = await recordExecutionReport(tx, order, booking, calendar);
  if (step) await requestViews(tx, account, viewKinds);
  return { order: recorded, step };
}
