import type { PoolClient } from "pg";
import { announce } from "../../../packages/kit/database/announcements";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { badGateway, unavailable } from "../../../packages/kit/http/problem";
import type { Problem } from "../../../packages/kit/http/problem";
import { tradingAccount } from "./trading-account";
import { accountOfUser } from "../store/accounts";
import type { BrokerAccount } from "../store/accounts";
import { findView, findViewFailure, requestViews } from "../store/views";
import type { AccountView, ViewFailure, ViewKind } from "../store/views";
import { answerWithinMs, workChannel } from "../domain/channels";

export const lookEveryMs = 50;

/** The broker did not answer: what it answered before is good enough. */
const unanswered = new Set(["NOT_SENT", "UNOBSERVED", "TOO_FREQUENT"]);

/** What the account's worker fetches of the broker on request, and where it is kept. */
export interface Fetched<T extends { readonly asOf: Date }> {
  readonly find: (tx: PoolClient, account: BrokerAccount) => Promise<T | undefined>;
  readonly findFailure: (tx: PoolClient, account: BrokerAccount) => Promise<ViewFailure | undefined>;
  /** @throws Problem when it is not to be asked for now */
  readonly request: (tx: PoolClient, account: BrokerAccount) => Promise<void>;
}

/** A view of the user's account, see `readFetched`. @throws Problem */
export async function readView(
  database: Database,
  userId: string,
  kind: ViewKind,
  freshMs: number,
): Promise<AccountView> {
  return readFetched(database, userId, freshMs, {
    find: (tx, { accountId }) => findView(tx, accountId, kind),
    findFailure: (tx, { accountId }) => findViewFailure(tx, accountId, kind),
    request: (tx, account) => requestViews(tx, account, [kind]),
  });
}

/**
 * What is stored while it is fresh, else what the account's worker fetches now. When the broker does not answer, what is
 * stored with its age.
 * @throws Problem when there is nothing, and when the broker's answer could not be read or is a refusal
 */
export async function readFetched<T extends { readonly asOf: Date }>(
  database: Database,
  userId: string,
  freshMs: number,
  { find, findFailure, request }: Fetched<T>,
): Promise<T> {
  const { fresh, account, askedAt } = await database.as({ userId }, async (tx) => {
    const now = await databaseTime(tx);
    const known = await accountOfUser(tx, userId);
    const stored = known && (await find(tx, known));
    if (known && stored && now.getTime() - stored.asOf.getTime() <= freshMs) {
      return { fresh: stored, account: known, askedAt: now };
    }
    const reachable = await tradingAccount(tx, userId);
    await request(tx, reachable);
    announce(tx, workChannel, reachable.accountId);
    return { fresh: undefined, account: reachable, askedAt: now };
  });
  if (fresh) return fresh;
  const deadline = performance.now() + answerWithinMs;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    const { stored, failed } = await database.as({ userId }, async (tx) => {
      await tradingAccount(tx, userId);
      return { stored: await find(tx, account), failed: await findFailure(tx, account) };
    });
    if (stored && stored.asOf >= askedAt) return stored;
    if (failed && failed.failedAt >= askedAt) {
      if (stored && unanswered.has(failed.failure)) return stored;
      throw problemOf(failed);
    }
    if (performance.now() < deadline) continue;
    if (stored) return stored;
    // One that failed is not asked for again at once.
    throw failed ? problemOf(failed) : brokerUnavailable();
  }
}

export const brokerUnavailable = () =>
  unavailable("BROKER_UNAVAILABLE", "the broker has not answered yet", { retryAfterSeconds: 5 });

export const unreadableAnswer = (cause?: Error) =>
  badGateway("BROKER_ANSWER_UNREADABLE", "the broker's answer could not be read", { cause });

function problemOf({ failure }: ViewFailure): Problem {
  if (unanswered.has(failure)) return brokerUnavailable();
  return failure === "UNREADABLE"
    ? unreadableAnswer()
    : badGateway("BROKER_REFUSED", "the broker refused to answer this");
}
