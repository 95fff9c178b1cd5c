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
  /** Whether the average can be what the fills cost; else it was left out. */
  readonly isAverageBelieved: boolean;
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
    const recorded = await recordExecutionReport(tx, order, { report, fills: undefined }, calendar);
    return { order: recorded, step: undefined, isAverageBelieved: true };
  }
  const { amount, assumed, pricesAsked } = await orderSums(tx, order.orderId);
  const limits = await findPriceLimits(tx, order.symbol, order.tradingDay ?? "");
  const limitPrices = [order.limitPrice, report.limitPrice, ...pricesAsked];
  const bounds = report.isStated ? unbounded : fillBounds(order.side, limitPrices, limits);
  const isAverageBelieved =
    report.isStated || report.averagePrice === undefined || isPossible(report.averagePrice, order.side, limitPrices);
  if (!isAverageBelieved && !hasOtherNews(order, report)) return { order, step: undefined, isAverageBelieved };
  // What the fills cost is assumed then, and looked for.
  const believed = isAverageBelieved ? report : { ...report, averagePrice: undefined };
  const priced = { quantity: order.filledQuantity - assumed.quantity, amount };
  const fills = changeOfFills({ priced, assumed }, filled, believed.averagePrice, bounds);
  const recorded = await recordExecutionReport(tx, order, { report: believed, fills, executedAt }, calendar);
  if (fills.step) await requestViews(tx, account, viewKinds);
  return { order: recorded, step: fills.step, isAverageBelieved };
}

/** Whether a report says more of an order than an average. */
const hasOtherNews = (order: Order, { status, filledQuantity, limitPrice }: ExecutionReport): boolean =>
  status !== order.status || filledQuantity !== order.filledQuantity || limitPrice !== undefined;
