import { storePositions, storeView } from "../store/views";
import type { ViewKind } from "../store/views";
import { databaseTime } from "../store/accounts";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/** Asks the broker for one view of the account and keeps the answer. */
export async function fetchView(context: AccountContext, kind: ViewKind): Promise<void> {
  const { account, session } = context;
  const askedAt = await databaseTime(context.database);
  if (kind === "POSITIONS") {
    const positions = await session.positions(account.subAccount);
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
