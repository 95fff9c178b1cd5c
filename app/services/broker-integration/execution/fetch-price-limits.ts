import { AlgolabError } from "../../../packages/algolab/errors";
import { istanbulDate } from "../../../packages/bist/calendar";
import { forgetPriceLimits, storePriceLimits } from "../store/price-limits";
import { isAnswer } from "./broker-failure";
import type { AccountContext } from "./account-context";

/**
 * Asks for a share's limits again before an order is refused by them. Limits that the broker does not confirm are
 * forgotten: the order is the broker's to judge.
 */
export async function confirmLimits(context: AccountContext, symbol: string): Promise<void> {
  const { database, clock } = context;
  try {
    await learnLimits(context, symbol);
  } catch (error) {
    if (error instanceof AlgolabError && isAnswer(error)) {
      await forgetPriceLimits(database, symbol, istanbulDate(clock.now()));
    }
    throw error;
  }
}

/** Learns today's limits of a share, for the orders of every user. @throws AlgolabError */
export async function learnLimits({ session, database, clock }: AccountContext, symbol: string): Promise<void> {
  const { limits } = await session.equityInfo(symbol);
  const today = istanbulDate(clock.now());
  if (limits !== undefined) await storePriceLimits(database, symbol, today, limits);
  else await forgetPriceLimits(database, symbol, today);
}
