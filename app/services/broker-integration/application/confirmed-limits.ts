import type { PoolClient } from "pg";
import { isWithin } from "../../../packages/bist/price-limits";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import { announce } from "../../../packages/kit/database/announcements";
import { databaseTime } from "../../../packages/kit/database/database";
import type { Database } from "../../../packages/kit/database/database";
import { answerWithinMs, workChannel } from "../domain/channels";
import type { OrderTerms } from "../domain/order";
import { limitsAnswer, limitsFor, requestLimits } from "../store/price-limits";
import { brokerUnavailable, lookEveryMs } from "./read-view";
import { tradingAccount } from "./trading-account";

/** A price is outside limits that the broker was not asked for since. Undoes the transaction in which it was found. */
class UnconfirmedLimits extends Error {
  constructor(readonly symbol: string) {
    super(`the limits of ${symbol} are not confirmed`);
  }
}

/** The limits that a price may be refused by; undefined where none refuse it. */
export type RefusingLimits = (
  terms: Pick<OrderTerms, "symbol" | "limitPrice">,
  tradingDay: string,
) => Promise<PriceLimits | undefined>;

/**
 * Does work in one transaction of a user. Where a price is outside the limits that are known, the work is undone, the
 * account's worker asks the broker for them, which may have moved them meanwhile, and the work is done by its answer.
 * @throws Problem when the broker cannot be asked now
 */
export async function byConfirmedLimits<T>(
  database: Database,
  userId: string,
  work: (tx: PoolClient, refusingLimits: RefusingLimits) => Promise<T>,
): Promise<T> {
  const attempt = (confirmedAt: Date | undefined) =>
    database.as({ userId }, (tx) =>
      work(tx, async (terms, tradingDay) => {
        const known = await limitsFor(tx, terms, tradingDay);
        if (known === undefined || isWithin(terms.limitPrice ?? 0n, known.limits)) return undefined;
        if (confirmedAt === undefined || known.readAt < confirmedAt) throw new UnconfirmedLimits(terms.symbol);
        return known.limits;
      }),
    );
  try {
    return await attempt(undefined);
  } catch (error) {
    if (!(error instanceof UnconfirmedLimits)) throw error;
    const confirmedAt = await confirm(database, userId, error.symbol);
    return await attempt(confirmedAt).catch((again: unknown) => {
      throw again instanceof UnconfirmedLimits ? brokerUnavailable() : again;
    });
  }
}

/** Waits until the account's worker has asked the broker for a symbol's limits. @returns since when they are the broker's */
async function confirm(database: Database, userId: string, symbol: string): Promise<Date> {
  const { since, accountId } = await database.as({ userId }, async (tx) => {
    const account = await tradingAccount(tx, userId);
    const since = await databaseTime(tx);
    await requestLimits(tx, account, symbol);
    announce(tx, workChannel, account.accountId);
    return { since, accountId: account.accountId };
  });
  const deadline = performance.now() + answerWithinMs;
  do {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    const answer = await database.as({ userId }, (tx) => limitsAnswer(tx, accountId, symbol, since));
    if (answer === "answered") return since;
    if (answer === "failed") break;
  } while (performance.now() < deadline);
  throw brokerUnavailable();
}
