import type { BrokerOrder } from "../../../packages/algolab/broker-order";
import { formatPrice } from "../../../packages/bist/price";
import type { ListedOrder } from "../domain/listed-order";
import type { AccountContext } from "./account-context";

/** The broker's list of the day, without the rows that cannot be read. */
export async function todaysOrders({ account, session, log }: AccountContext): Promise<ListedOrder[]> {
  const rows = await session.todaysOrders(account.subAccount);
  return rows.flatMap((row) => {
    const listed = listedOrder(row);
    if (listed === undefined) {
      log.error({ reference: row.reference, problems: row.problems }, "a row of the broker's list cannot be read");
    }
    return listed ?? [];
  });
}

function listedOrder(row: BrokerOrder): ListedOrder | undefined {
  const { reference, symbol, side, quantity, filled, orderPrice, progress } = row;
  if (reference === undefined || symbol === undefined || side === undefined || quantity === undefined) return undefined;
  if (filled === undefined || orderPrice === undefined || progress === undefined) return undefined;
  return {
    reference,
    symbol,
    side,
    transactionId: row.transactionId,
    quantity: quantity.toString(),
    remaining: (quantity - filled).toString(),
    averagePrice: row.averagePrice ?? "0",
    orderPrice: formatPrice(orderPrice),
    receivedAt: row.receivedAt,
    state: progress === "OPEN" && filled > 0n ? "PARTIALLY_FILLED" : progress,
    description: row.description,
  };
}
