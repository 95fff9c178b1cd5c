import { announce } from "../../../packages/kit/database/announcements";
import type { Database } from "../../../packages/kit/database/database";
import { unavailable } from "../../../packages/kit/http/problem";
import { tradingAccount } from "./place-order";
import { accountOfUser, databaseTime } from "../store/accounts";
import { findView, requestViews } from "../store/views";
import type { AccountView, ViewKind } from "../store/views";
import { workChannel } from "../domain/channels";

const waitMs = 12_000;
const lookEveryMs = 50;

/**
 * A view of the user's account: the stored one while it is fresh, else one that the account's worker fetches now. When the
 * broker does not answer in time, the stored one with its age.
 * @throws Problem when there is none
 */
export async function readView(
  database: Database,
  userId: string,
  kind: ViewKind,
  freshMs: number,
): Promise<AccountView> {
  const { fresh, accountId, askedAt } = await database.as({ userId }, async (tx) => {
    const now = await databaseTime(tx);
    const account = await accountOfUser(tx, userId);
    const stored = account && (await findView(tx, account.accountId, kind));
    if (account && stored && now.getTime() - stored.asOf.getTime() <= freshMs) {
      return { fresh: stored, accountId: account.accountId, askedAt: now };
    }
    const reachable = await tradingAccount(tx, userId);
    await requestViews(tx, reachable, [kind]);
    announce(tx, workChannel, reachable.accountId);
    return { fresh: undefined, accountId: reachable.accountId, askedAt: now };
  });
  if (fresh) return fresh;
  const deadline = performance.now() + waitMs;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    const view = await database.as({ userId }, async (tx) => {
      await tradingAccount(tx, userId);
      return findView(tx, accountId, kind);
    });
    if (view && view.asOf >= askedAt) return view;
    if (performance.now() < deadline) continue;
    if (view) return view;
    throw unavailable("BROKER_UNAVAILABLE", "the broker did not answer in time", { retryAfterSeconds: 5 });
  }
}
