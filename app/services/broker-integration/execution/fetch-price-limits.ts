import { AlgolabError } from "../../../packages/algolab/errors";
import { istanbulDate } from "../../../packages/bist/calendar";
import { databaseTime } from "../../../packages/kit/database/database";
import { forgetPriceLimits, noteLimitsAsked, storePriceLimits } from "../store/price-limits";
import { isAnswer } from "./broker-failure";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";

/**
 * Asks for a share's limits before an order is refused by them. Limits that the broker does not confirm are forgotten: the
 * order is the broker's to judge.
 * @throws AlgolabError where the broker did not answer, and SESSION_EXPIRED
 */
export async function confirmLimits(context: AccountContext, symbol: string): Promise<void> {
  const { database, clock, log } = context;
  try {
    await learnLimits(context, symbol);
  } catch (error) {
    if (!(error instanceof AlgolabError) || !isAnswer(error)) throw error;
    await forgetPriceLimits(database, symbol, istanbulDate(clock.now()));
    if (error.failure === "SESSION_EXPIRED") throw error;
    log.warn({ symbol, error: error.message }, "the broker does not confirm price limits");
  }
}

/** Confirms limits for the user who waits for them, who is told also when they could not be asked for. @throws AlgolabError */
export async function confirmLimitsForUser(context: AccountContext, symbol: string): Promise<void> {
  const askedAt = await databaseTime(context.database);
  const note = (answered: boolean) =>
    asUser(context, (tx) => noteLimitsAsked(tx, context.account.accountId, symbol, { answered, askedAt }));
  try {
    await confirmLimits(context, symbol);
  } catch (error) {
    if (error instanceof AlgolabError) await note(isAnswer(error));
    throw error;
  }
  await note(true);
}

/** Learns today's limits of a share, for the orders of every user. @throws AlgolabError */
export async function learnLimits({ session, database, clock }: AccountContext, symbol: string): Promise<void> {
  const readAt = await databaseTime(database);
  const { limits } = await session.equityInfo(symbol);
  const today = istanbulDate(clock.now());
  if (limits !== undefined) await storePriceLimits(database, symbol, today, { limits, readAt });
  else await forgetPriceLimits(database, symbol, today);
}
