import { AlgolabError } from "../../../packages/algolab/errors";
import { storePositions, storeView, storeViewFailure } from "../store/views";
import type { ViewKind } from "../store/views";
import { databaseTime } from "../../../packages/kit/database/database";
import { keepsSubAccount } from "../store/accounts";
import { heldPositions } from "./held-positions";
import { settleWantedSubAccount } from "../store/wanted-sub-account";
import { sessionChannel } from "../domain/channels";
import { announce } from "../../../packages/kit/database/announcements";
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
    const { positions, unclear, nameless, unreadable, problems } = heldPositions(rows);
    noteUnreadable(context, "InstantPosition", [...rows, ...problems]);
    await asUser(context, async (tx) => {
      if (!(await keepsSubAccount(tx, account))) return;
      await storePositions(tx, account, positions, nameless === 0 ? unclear : undefined);
      await storeView(tx, account, kind, { unreadable }, askedAt);
    });
    return;
  }
  if (kind === "SUB_ACCOUNTS") {
    const subAccounts = await session.subAccounts();
    await asUser(context, async (tx) => {
      const moved = await settleWantedSubAccount(
        tx,
        account,
        subAccounts.map(({ number }) => number),
      );
      await storeView(tx, account, kind, { subAccounts }, askedAt);
      if (moved) announce(tx, sessionChannel);
    });
    return;
  }
  const content = await contentOf(context, kind);
  await asUser(context, async (tx) => {
    if (await keepsSubAccount(tx, account)) await storeView(tx, account, kind, content, askedAt);
  });
}

function contentOf({ account, session }: AccountContext, kind: "CASH_FLOW" | "PORTFOLIO"): Promise<object> {
  return kind === "CASH_FLOW" ? session.cashFlow(account.subAccount) : session.risk(account.subAccount);
}
