import type { PoolClient } from "pg";
import type { ExecutionReport } from "../domain/execution-report";
import { averageFillPrice, fillBounds, stepOf } from "../domain/fill-price";
import type { Order } from "../domain/order";
import { bookedAmount, recordExecutionReport } from "../store/orders";
import { findPriceLimits } from "../store/price-limits";
import { requestViews, viewKinds } from "../store/views";
import type { AccountContext } from "./account-context";

/**
 * Records what the broker says of an order, with the fills that are new.
 * @param order locked by the transaction
 * @param executedAt when the fills were made, where that is not now
 */
export async function recordReport(
  { account, config }: AccountContext,
  tx: PoolClient,
  order: Order,
  report: ExecutionReport,
  executedAt?: Date,
): Promise<void> {
  if (report.filledQuantity === 0n) {
    await recordExecutionReport(tx, order, { report, averageFillPrice: undefined, step: undefined }, config.calendar);
    return;
  }
  const booked = { quantity: order.filledQuantity, amount: await bookedAmount(tx, order.orderId) };
  const limits = await findPriceLimits(tx, order.symbol, order.tradingDay ?? "");
  const bounds = fillBounds(order.side, [order.limitPrice, report.limitPrice], limits);
  const isNew = report.filledQuantity > order.filledQuantity;
  const step = isNew ? stepOf(booked, report.filledQuantity, report.averagePrice, bounds) : undefined;
  await recordExecutionReport(
    tx,
    order,
    {
      report,
      averageFillPrice: averageFillPrice(report.averagePrice, booked, step),
      step,
      executedAt,
    },
    config.calendar,
  );
  if (step) await requestViews(tx, account, viewKinds);
}
