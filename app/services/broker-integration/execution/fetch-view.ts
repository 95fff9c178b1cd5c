import { AlgolabError } from "../../../packages/algolab/errors";
import type { BrokerPosition } from "../../../packages/algolab/messages";
import { storePositions, storeView, storeViewFailure } from "../store/views";
import type { StoredPosition, ViewKind } from "../store/views";
import { databaseTime } from "../store/accounts";
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
      await storePositions(tx, account, positions, kept.length === unreadable.length ? kept : undefined);
      await storeView(tx, account, kind, { unreadable: unreadable.length }, askedAt);
    });
    return;
  }
  const content =
    kind === "CASH_FLOW" ? await session.cashFlow(account.subAccount) : await session.risk(account.subAccount);
  await asUser(context, (tx) => storeView(tx, account, kind, content, askedAt));
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
