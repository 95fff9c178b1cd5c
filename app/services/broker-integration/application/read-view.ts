import { announce } from "../../../packages/kit/database/announcements";
import type { Database } from "../../../packages/kit/database/database";
import { badGateway, unavailable } from "../../../packages/kit/http/problem";
import type { Problem } from "../../../packages/kit/http/problem";
import { tradingAccount } from "./place-order";
import { accountOfUser, databaseTime } from "../store/accounts";
import { findView, findViewFailure, requestViews } from "../store/views";
import type { AccountView, ViewFailure, ViewKind } from "../store/views";
import { workChannel } from "../domain/channels";

const waitMs = 12_000;
const lookEveryMs = 50;

/** The broker did not answer: what it answered before is good enough. */
const unanswered = new Set(["NOT_SENT", "UNOBSERVED", "TOO_FREQUENT"]);

/**
 * A view of the user's account: the stored one while it is fresh, else one that the account's worker fetches now. When the
 * broker does not answer, the stored one with its age.
 * @throws Problem when there is none, and when the broker's answer could not be read or is a refusal
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
    const { view, failed } = await database.as({ userId }, async (tx) => {
      await tradingAccount(tx, userId);
      return { view: await findView(tx, accountId, kind), failed: await findViewFailure(tx, accountId, kind) };
    });
    if (view && view.asOf >= askedAt) return view;
    if (failed && failed.failedAt >= askedAt) {
      if (view && unanswered.has(failed.failure)) return view;
      throw problemOf(failed);
    }
    if (performance.now() < deadline) continue;
    if (view) return view;
    throw brokerUnavailable();
  }
}

const brokerUnavailable = () =>
  unavailable("BROKER_UNAVAILABLE", "the broker did not answer in time", { retryAfterSeconds: 5 });

function problemOf({ failure }: ViewFailure): Problem {
  if (unanswered.has(failure)) return brokerUnavailable();
  return failure === "UNREADABLE"
    ? badGateway("BROKER_ANSWER_NOT_READ", "the broker's answer could not be read")
    : badGateway("BROKER_REFUSED", "the broker did not give this view of the account");
}
