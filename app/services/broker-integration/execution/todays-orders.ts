import { parseBrokerTime } from "../../../packages/algolab/time";
import type { ListedOrder } from "../domain/listed-order";
import type { AccountContext } from "./account-context";

/** The broker's list of the day. */
export async function todaysOrders({ account, session }: AccountContext): Promise<ListedOrder[]> {
  const rows = await session.todaysOrders(account.subAccount);
  return rows.map((row) => ({ ...row, receivedAt: timeOf(row.receivedAt) }));
}

/** One row that cannot be read must not cost the others their news. */
function timeOf(text: string): Date | undefined {
  try {
    return parseBrokerTime(text);
  } catch {
    return undefined;
  }
}
