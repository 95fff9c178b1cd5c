import { AlgolabError } from "../../../packages/algolab/errors";
import type { BrokerPosition } from "../../../packages/algolab/messages";
import { storePositions, storeView, storeViewFailure } from "../store/views";
import type { StoredPosition, ViewKind } from "../store/views";
import { databaseTime, keepsSubAccount } from "../store/accounts";
import { noteUnreadable } from "./unreadable";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/** Asks the broker for one view of the account and keeps the answer, or why there is none. @throws AlgolabError */
export async function fetchView(context: AccountContext, kind: ViewKind): Promise<void> {
  const askedAt = await databaseTime(context.database);
  try {
    await fetchAndStore(context, kind, askedAt);
  } catch (error) {
    if (error instanceof AlgolabError) {
      const failed = { failure: error.failure, failedAt: askedAt };
      await asUser(context, (tx) => storeViewFailure(tx, context.account, kind, failed));
    }
    throw error;
  }
}

async function fetchAndStore(context: AccountContext, kind: ViewKind, askedAt: Date): Promise<void> {
  const { account, session } = context;
  if (kind === "POSITIONS") {
    const rows = await session.positions(account.subAccount);
    noteUnreadable(context, "InstantPosition", rows);
    const positions = rows.flatMap((row) => heldPosition(row) ?? []);
    const unreadable = rows.filter((row) => heldPosition(row) === undefined);
    const kept = unreadable.flatMap(({ symbol }) => symbol ?? []);
    await asUser(context, async (tx) => {
      if (!(await keepsSubAccount(tx, account))) return;
      await storePositions(tx, account, positions, kept.length === unreadable.length ? kept : undefined);
      await storeView(tx, account, kind, { unreadable: unreadable.length }, askedAt);
    });
    return;
  }
  const content = await contentOf(context, kind);
  await asUser(context, async (tx) => {
    if (await keepsSubAccount(tx, account)) await storeView(tx, account, kind, content, askedAt);
  });
}

async function contentOf({ account, session }: AccountContext, kind: Exclude<ViewKind, "POSITIONS">): Promise<object> {
  switch (kind) {
    case "CASH_FLOW":
      return session.cashFlow(account.subAccount);
    case "PORTFOLIO":
      return session.risk(account.subAccount);
    case "SUB_ACCOUNTS":
      return { subAccounts: await session.subAccounts() };
  }
}

/** Undefined for a row that cannot be read, or whose figures are beyond what is stored. */
function heldPosition(row: BrokerPosition): StoredPosition | undefined {
  const { symbol, quantity, cost, lastPrice, marketValue, profit } = row;
  if (symbol === undefined || quantity === undefined || cost === undefined || lastPrice === undefined) return undefined;
  if (marketValue === undefined || profit === undefined) return undefined;
  const fits = [cost, lastPrice].every((text) => wholeDigits(text) <= 12) && wholeDigits(marketValue) <= 18;
  if (!fits || wholeDigits(profit) > 18) return undefined;
  return { symbol, quantity, averageCost: cost, lastPrice, marketValue, profit };
}

const wholeDigits = (text: string): number => (text.replace("-", "").split(".")[0] ?? "").length;
