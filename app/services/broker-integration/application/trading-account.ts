import type { PoolClient } from "pg";
import { conflict, forbidden } from "../../../packages/kit/http/problem";
import { accountWithSession, isSuspended } from "../store/accounts";
import type { TradingAccount } from "../store/accounts";

export const notActive = () =>
  forbidden("ACCOUNT_NOT_ACTIVE", "the user is suspended or deactivated and may not trade");

/** @throws Problem when the user cannot trade now */
export async function tradingAccount(tx: PoolClient, userId: string): Promise<TradingAccount> {
  const account = await accountWithSession(tx, userId);
  if (account) return account;
  if (await isSuspended(tx, userId)) throw notActive();
  throw conflict("BROKER_SESSION_REQUIRED", "no session at the broker; log in at /api/v1/broker/auth/login first");
}
