import type { PoolClient } from "pg";
import { formatPrice, parsePrice } from "../../../packages/bist/price";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import type { Queryable } from "../../../packages/kit/database/database";
import type { OrderTerms } from "../domain/order";
import type { BrokerAccount } from "./accounts";

/** The limits that the broker stated for a share and a day, if it was asked. */
export async function findPriceLimits(
  database: Queryable,
  symbol: string,
  tradingDay: string,
): Promise<PriceLimits | undefined> {
  const { rows } = await database.query<{ floor: string; ceiling: string }>(
    "SELECT floor, ceiling FROM price_limits WHERE symbol = $1 AND trading_day = $2",
    [symbol, tradingDay],
  );
  return rows[0] && { floor: parsePrice(rows[0].floor), ceiling: parsePrice(rows[0].ceiling) };
}

/** Those of the symbols whose limits of a day are known. */
export async function symbolsWithLimits(
  database: Queryable,
  symbols: readonly string[],
  tradingDay: string,
): Promise<string[]> {
  const { rows } = await database.query<{ symbol: string }>(
    "SELECT symbol FROM price_limits WHERE symbol = ANY ($1) AND trading_day = $2",
    [symbols, tradingDay],
  );
  return rows.map(({ symbol }) => symbol);
}

/** Limits with when they were asked for. */
export interface KnownLimits {
  readonly limits: PriceLimits;
  readonly readAt: Date;
}

/** What is known to judge a price by: nothing for a market order, which has none. */
export async function limitsFor(
  database: Queryable,
  { symbol, limitPrice }: Pick<OrderTerms, "symbol" | "limitPrice">,
  tradingDay: string,
): Promise<KnownLimits | undefined> {
  if (limitPrice === undefined) return undefined;
  const { rows } = await database.query<{ floor: string; ceiling: string; read_at: Date }>(
    "SELECT floor, ceiling, read_at FROM price_limits WHERE symbol = $1 AND trading_day = $2",
    [symbol, tradingDay],
  );
  const [row] = rows;
  return row && { limits: { floor: parsePrice(row.floor), ceiling: parsePrice(row.ceiling) }, readAt: row.read_at };
}

/** Keeps what the broker stated, unless a later call was answered before. @param readAt database time before the call */
export async function storePriceLimits(
  database: Queryable,
  symbol: string,
  tradingDay: string,
  { limits: { floor, ceiling }, readAt }: KnownLimits,
): Promise<void> {
  await database.query(
    `INSERT INTO price_limits (symbol, trading_day, floor, ceiling, read_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (symbol, trading_day) DO UPDATE SET floor = $3, ceiling = $4, read_at = $5
     WHERE price_limits.read_at <= $5`,
    [symbol, tradingDay, formatPrice(floor), formatPrice(ceiling), readAt],
  );
}

export async function forgetPriceLimits(database: Queryable, symbol: string, tradingDay: string): Promise<void> {
  await database.query("DELETE FROM price_limits WHERE symbol = $1 AND trading_day = $2", [symbol, tradingDay]);
}

/** Has the account's worker ask for a symbol's limits. */
export async function requestLimits(tx: PoolClient, account: BrokerAccount, symbol: string): Promise<void> {
  await tx.query(
    `INSERT INTO price_limit_requests (account_id, symbol, user_id, requested_at) VALUES ($1, $2, $3, clock_timestamp())
     ON CONFLICT (account_id, symbol) DO UPDATE SET requested_at = clock_timestamp()`,
    [account.accountId, symbol, account.userId],
  );
}

/** A request that nobody answered, while somebody may still wait for it. */
const isWaitedFor = `requested_at > coalesce(greatest(answered_at, failed_at), '-infinity')
  AND requested_at > clock_timestamp() - $2 * interval '1 ms'`;

/** Symbols whose limits somebody waits for, those asked for longest first. @param waitMs longest time that anybody waits */
export async function requestedLimits(tx: PoolClient, accountId: string, waitMs: number): Promise<string[]> {
  const { rows } = await tx.query<{ symbol: string }>(
    `SELECT symbol FROM price_limit_requests WHERE account_id = $1 AND ${isWaitedFor} ORDER BY requested_at`,
    [accountId, waitMs],
  );
  return rows.map(({ symbol }) => symbol);
}

/** Notes that the broker answered a request, whatever it said, or that it did not. @param askedAt database time before the call */
export async function noteLimitsAsked(
  tx: PoolClient,
  accountId: string,
  symbol: string,
  { answered, askedAt }: { readonly answered: boolean; readonly askedAt: Date },
): Promise<void> {
  await tx.query(
    `UPDATE price_limit_requests SET ${answered ? "answered_at" : "failed_at"} = $3 WHERE account_id = $1 AND symbol = $2`,
    [accountId, symbol, askedAt],
  );
}

/** @returns undefined while a request that was made at an instant waits for its call */
export async function limitsAnswer(
  tx: PoolClient,
  accountId: string,
  symbol: string,
  since: Date,
): Promise<"answered" | "failed" | undefined> {
  const { rows } = await tx.query<{ answered: boolean | null; failed: boolean | null }>(
    `SELECT answered_at >= $3 AS answered, failed_at >= $3 AS failed FROM price_limit_requests
     WHERE account_id = $1 AND symbol = $2`,
    [accountId, symbol, since],
  );
  const { answered, failed } = rows[0] ?? {};
  return answered ? "answered" : failed ? "failed" : undefined;
}
