import { Decimal } from "decimal.js";
import type { PoolClient } from "pg";
import { statementFill } from "../../../packages/algolab/account-statement";
import type { StatementRow } from "../../../packages/algolab/account-statement";
import { statementMeaning } from "../../../packages/algolab/statement-kind";
import { istanbulDate, startOfIstanbulDate } from "../../../packages/bist/calendar";
import { endIsLookedFor, lastFillAt, lookedForSince, resolveEnd } from "../domain/day-end";
import type { Stated } from "../domain/day-end";
import { corrected } from "../domain/ended-order";
import type { ExecutionReport } from "../domain/execution-report";
import { usableAverage } from "../domain/fill-price";
import { isFinal } from "../domain/order";
import type { Order } from "../domain/order";
import { databaseTime } from "../../../packages/kit/database/database";
import { endedWithoutPrice, lockOrder, ordersOfAccount } from "../store/orders";
import { recordReport } from "../store/record-report";
import { noteStated } from "../store/statements";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";
import type { TurnOutcome } from "./turn-outcome";
import { noteUnreadable } from "./unreadable";

const Exact = Decimal.clone({ precision: 60 });

/** Looks in the account statement for the ends of orders that were open when their day ended unseen, and for prices. */
export async function findEnds(context: AccountContext): Promise<TurnOutcome> {
  const { account, session, config, log } = context;
  const askedAt = await databaseTime(context.database);
  const orders = await asUser(context, async (tx) => [
    ...(await ordersOfAccount(tx, account.accountId, ["UNKNOWN"])),
    ...(await endedWithoutPrice(tx, account.accountId, lookedForSince(askedAt.getTime()))),
  ]);
  const wanted = orders.filter((order) => endIsLookedFor(order, askedAt.getTime()));
  const [oldest] = wanted.map(({ tradingDay = "" }) => tradingDay).toSorted();
  if (oldest === undefined) return "unused";
  const today = istanbulDate(askedAt.getTime());
  const from = new Date(startOfIstanbulDate(oldest));
  const { equity } = await session.statement(from, askedAt, account.subAccount);
  noteUnreadable(context, "AccountExtre", equity);
  for (const { orderId } of wanted) {
    try {
      await asUser(context, async (tx) => {
        const order = await lockOrder(tx, orderId);
        if (order === undefined || !endIsLookedFor(order, askedAt.getTime())) return;
        const stated = statedOf(order, equity);
        if (isFinal(order.status)) {
          await price(context, tx, order, stated);
          return;
        }
        const most = await noteStated(tx, order, stated.quantity);
        const resolution = resolveEnd(order, stated, most, today, config.calendar);
        if (resolution === "CONTRADICTION") {
          log.error(
            { orderId, stated: stated.quantity.toString() },
            "the statement has more of an order than it asked for",
          );
        }
        if (resolution !== "FILLED" && resolution !== "EXPIRED") return;
        const executedAt = new Date(lastFillAt(order.tradingDay ?? "", config));
        await recordReport(tx, account, config.calendar, order, reportOf(order, resolution, stated), executedAt);
        log.info({ orderId, status: resolution }, "the end of an order was found in the account statement");
      });
    } catch (error) {
      // One order that makes trouble does not hold up the others.
      log.error({ orderId, error: (error as Error).message }, "the end of an order could not be recorded");
    }
    context.failpoint("ends.recorded");
  }
  return "used";
}

/** Books what the statement says of an order that ended without a price, where it has all the lots that are known. */
async function price(context: AccountContext, tx: PoolClient, order: Order, stated: Stated): Promise<void> {
  const { account, config, log } = context;
  const { quantity, filledQuantity, orderId, tradingDay = "" } = order;
  if (stated.isUnreadable || stated.quantity < filledQuantity || stated.quantity > quantity) return;
  const report = corrected(order, stated.quantity, averageOf(stated), true);
  if (report?.averagePrice === undefined) return;
  await recordReport(tx, account, config.calendar, order, report, new Date(lastFillAt(tradingDay, config)));
  log.info({ orderId }, "the price of an order's fills was found in the account statement");
  if (stated.quantity === filledQuantity) return;
  context.metrics.endsContradicted.inc({ field: "filled" });
  log.error({ orderId, stated: stated.quantity.toString() }, "the statement has more of an order than its end said");
}

function averageOf({ quantity, amount }: Stated): string | undefined {
  return quantity === 0n ? undefined : usableAverage(new Exact(amount).dividedBy(quantity.toString()).toFixed());
}

function reportOf(order: Order, status: "FILLED" | "EXPIRED", stated: Stated): ExecutionReport {
  const { quantity } = stated;
  const part = `its trading day ended with ${quantity} of ${order.quantity} lots filled, by the account statement`;
  return {
    status,
    filledQuantity: quantity,
    averagePrice: averageOf(stated),
    isStated: true,
    exchangeOrderId: order.exchangeOrderId ?? "",
    limitPrice: undefined,
    reason:
      status === "FILLED"
        ? { code: "FOUND_IN_STATEMENT", detail: "its fills were found in the account statement" }
        : { code: "DAY_ORDER_EXPIRED", detail: part },
  };
}

/** `… HA 38.64x44 ARDYZ`: the lira of a fill, whose shares are a row of their own. */
const cashRow = /\b(?:HA|HS) \d+(?:\.\d+)?x\d/;

/** Fees and taxes may name the order that they are for; they move no shares. */
const isCharge = (row: StatementRow): boolean => ["FEE", "TAX"].includes(statementMeaning(row).kind);

/** Sums up the rows of an order: those of its reference and its day. */
export function statedOf(
  { brokerReference = "", tradingDay, side }: Pick<Order, "brokerReference" | "tradingDay" | "side">,
  rows: readonly StatementRow[],
): Stated {
  let quantity = 0n;
  let amount = new Exact(0);
  let isUnreadable = false;
  let isIncomplete = false;
  const mentions = new RegExp(`\\b${brokerReference}\\b`);
  for (const row of rows) {
    if (row.explanation === "") isIncomplete = true;
    if (!mentions.test(row.explanation) || cashRow.test(row.explanation) || isCharge(row)) continue;
    const fill = statementFill(row);
    if (fill === undefined || (fill.tradingDay === tradingDay && fill.side !== side)) {
      isUnreadable = true;
    } else if (fill.tradingDay === tradingDay) {
      quantity += fill.quantity;
      amount = amount.plus(new Exact(fill.price).times(fill.quantity.toString()));
    }
  }
  return { quantity, amount: amount.toFixed(), isUnreadable, isIncomplete };
}
