import type { BrokerPosition } from "../../../packages/algolab/messages";
import { storePositions, storeView } from "../store/views";
import type { StoredPosition, ViewKind } from "../store/views";
import { databaseTime } from "../store/accounts";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/** Asks the broker for one view of the account and keeps the answer. */
export async function fetchView(context: AccountContext, kind: ViewKind): Promise<void> {
  const { account, session } = context;
  const askedAt = await databaseTime(context.database);
  if (kind === "POSITIONS") {
    const positions = (await session.positions(account.subAccount)).flatMap((row) => {
      const position = heldPosition(row);
      if (position === undefined) context.log.error({ problems: row.problems }, "a position cannot be read");
      return position ?? [];
    });
    await asUser(context, async (tx) => {
      await storePositions(tx, account, positions);
      await storeView(tx, account, kind, {}, askedAt);
    });
    return;
  }
  const content =
    kind === "CASH_FLOW" ? await session.cashFlow(account.subAccount) : await session.risk(account.subAccount);
  await asUser(context, (tx) => storeView(tx, account, kind, content, askedAt));
}

function heldPosition({
  symbol,
  quantity,
  cost,
  lastPrice,
  marketValue,
  profit,
}: BrokerPosition): StoredPosition | undefined {
  if (symbol === undefined || quantity === undefined || cost === undefined || lastPrice === undefined) return undefined;
  if (marketValue === undefined || profit === undefined) return undefined;
  return { symbol, quantity, averageCost: cost, lastPrice, marketValue, profit };
}
