import { formatPrice, parsePrice } from "../../../packages/bist/price";
import type { PriceLimits } from "../../../packages/bist/price-limits";
import type { Queryable } from "../../../packages/kit/database/database";
import type { OrderTerms } from "../domain/order";

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

/** How long limits may decide about an order: they can change within the day. */
const believedFor = "60 s";

/** Limits that an order can be refused by: `stale` ones have to be asked for again before. */
export interface JudgingLimits {
  readonly limits: PriceLimits;
  readonly stale: boolean;
}

/** What a price is judged by: nothing for a market order, which has none. */
export async function limitsFor(
  database: Queryable,
  { symbol, limitPrice }: Pick<OrderTerms, "symbol" | "limitPrice">,
  tradingDay: string,
): Promise<JudgingLimits | undefined> {
  if (limitPrice === undefined) return undefined;
  const { rows } = await database.query<{ floor: string; ceiling: string; stale: boolean }>(
    `SELECT floor, ceiling, read_at < clock_timestamp() - $3::interval AS stale
     FROM price_limits WHERE symbol = $1 AND trading_day = $2`,
    [symbol, tradingDay, believedFor],
  );
  const [row] = rows;
  return row && { limits: { floor: parsePrice(row.floor), ceiling: parsePrice(row.ceiling) }, stale: row.stale };
}

export async function storePriceLimits(
  database: Queryable,
  symbol: string,
  tradingDay: string,
  { floor, ceiling }: PriceLimits,
): Promise<void> {
  await database.query(
    `INSERT INTO price_limits (symbol, trading_day, floor, ceiling, read_at) VALUES ($1, $2, $3, $4, clock_timestamp())
     ON CONFLICT (symbol, trading_day) DO UPDATE SET floor = $3, ceiling = $4, read_at = excluded.read_at`,
    [symbol, tradingDay, formatPrice(floor), formatPrice(ceiling)],
  );
}

export async function forgetPriceLimits(database: Queryable, symbol: string, tradingDay: string): Promise<void> {
  await database.query("DELETE FROM price_limits WHERE symbol = $1 AND trading_day = $2", [symbol, tradingDay]);
}
