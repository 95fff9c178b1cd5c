import type { PoolClient } from "pg";
import type { TradingCalendar } from "../../../packages/bist/calendar";
import type { ExecutionReport } from "../domain/execution-report";
import { changeOfFills, fillBounds, isPossible, unbounded } from "../domain/fill-price";
import type { Step } from "../domain/fill-price";
import type { Order } from "../domain/order";
import type { BrokerAccount } from "./accounts";
import { orderSums, recordExecutionReport } from "./executions";
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
  const { filledQuantity: filled } = report;
  if (filled === 0n) {
    return { order: await recordExecutionReport(tx, order, { report, fills: undefined }, calendar), step: undefined };
  }
  const { amount, assumed, pricesAsked } = await orderSums(tx, order.orderId);
  const limits = await findPriceLimits(tx, order.symbol, order.tradingDay ?? "");
  const bounds = report.isStated
    ? unbounded
    : fillBounds(order.side, [order.limitPrice, report.limitPrice, ...pricesAsked], limits);
  // One that nobody can have paid is no price: what the fills cost is assumed, and looked for.
  const averagePrice =
    report.averagePrice !== undefined && isPossible(report.averagePrice, bounds) ? report.averagePrice : undefined;
  const priced = { quantity: order.filledQuantity - assumed.quantity, amount };
  const fills = changeOfFills({ priced, assumed }, filled, averagePrice, bounds);
  const recorded = await recordExecutionReport(tx, order, { report, fills, executedAt }, calendar);
  if (fills.step) await requestViews(tx, account, viewKinds);
  return { order: recorded, step: fills.step };
}
