import { AlgolabError } from "../../../packages/algolab/errors";
import { istanbulDate } from "../../../packages/bist/calendar";
import { transitionOrder, lockOrder } from "../store/orders";
import { ordersOfAccount } from "../store/orders";
import { storePriceLimits } from "../store/price-limits";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/** Learns today's limits of a share from the broker, once a day for all accounts; orders for a share it refuses end. */
export async function fetchLimits(context: AccountContext, symbol: string): Promise<void> {
  const { session, database, clock } = context;
  try {
    const { limits } = await session.equityInfo(symbol);
    if (limits !== undefined) await storePriceLimits(database, symbol, istanbulDate(clock.now()), limits);
  } catch (error) {
    if (!(error instanceof AlgolabError) || error.failure !== "REFUSED") throw error;
    await rejectOrdersOf(context, symbol, error.message);
  }
}

async function rejectOrdersOf(context: AccountContext, symbol: string, detail: string): Promise<void> {
  await asUser(context, async (tx) => {
    const waiting = await ordersOfAccount(tx, context.account.accountId, ["CREATED"]);
    for (const { orderId } of waiting.filter((order) => order.symbol === symbol)) {
      const order = await lockOrder(tx, orderId);
      if (order?.status === "CREATED") {
        await transitionOrder(tx, order, { status: "REJECTED", reason: { code: "INVALID_SYMBOL", detail } });
      }
    }
  });
}
