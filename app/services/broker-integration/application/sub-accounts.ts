import type { SubAccount } from "../../../packages/algolab/messages";
import { announce } from "../../../packages/kit/database/announcements";
import type { Database } from "../../../packages/kit/database/database";
import { conflict, unavailable, unprocessable } from "../../../packages/kit/http/problem";
import { sessionChannel } from "../domain/channels";
import { chooseSubAccount } from "../store/accounts";
import { forgetViews, requestViews, viewKinds } from "../store/views";
import { forgetWantedSubAccount } from "../store/wanted-sub-account";
import { tradingAccount } from "./trading-account";
import { readView } from "./read-view";

export interface ListedSubAccounts {
  readonly asOf: Date;
  readonly subAccounts: readonly SubAccount[];
}

/** The sub-accounts that the broker lists for the user. @throws Problem */
export async function listSubAccounts(database: Database, userId: string, freshMs: number): Promise<ListedSubAccounts> {
  const { asOf, content } = await readView(database, userId, "SUB_ACCOUNTS", freshMs);
  const { subAccounts } = content as { readonly subAccounts?: readonly SubAccount[] };
  // What the release before fetched in its place.
  if (subAccounts === undefined) {
    throw unavailable("BROKER_UNAVAILABLE", "the sub-accounts are not known yet", { retryAfterSeconds: 5 });
  }
  return { asOf, subAccounts };
}

/** Has orders and views go by another sub-account from now on. @param subAccount "" for the only one @throws Problem */
export async function changeSubAccount(
  database: Database,
  userId: string,
  subAccount: string,
  freshMs: number,
): Promise<void> {
  if (subAccount !== "") assertListed(subAccount, (await listSubAccounts(database, userId, freshMs)).subAccounts);
  await database.as({ userId }, async (tx) => {
    const account = await tradingAccount(tx, userId);
    const moved = account.subAccount !== subAccount;
    if (moved && !(await chooseSubAccount(tx, account, subAccount))) throw unfinishedOrders();
    await forgetWantedSubAccount(tx, account);
    if (!moved) return;
    await forgetViews(tx, account);
    await requestViews(tx, account, viewKinds);
    announce(tx, sessionChannel);
  });
}

const unfinishedOrders = () =>
  conflict(
    "SUB_ACCOUNT_HAS_ORDERS",
    "orders of the sub-account chosen now are under way; choose another when they ended",
  );

/** @throws Problem */
function assertListed(subAccount: string, listed: readonly SubAccount[]): void {
  if (listed.some(({ number }) => number === subAccount)) return;
  const numbers = listed.map(({ number }) => number).join(", ");
  throw unprocessable("UNKNOWN_SUB_ACCOUNT", `the broker lists no such sub-account; it lists ${numbers || "none"}`);
}
