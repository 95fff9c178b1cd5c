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

/** What a price is judged by: nothing for a market order, which has none. */
export async function limitsFor(
  database: Queryable,
  { symbol, limitPrice }: Pick<OrderTerms, "symbol" | "limitPrice">,
  tradingDay: string,
): Promise<PriceLimits | undefined> {
  return limitPrice === undefined ? undefined : findPriceLimits(database, symbol, tradingDay);
}

export async function storePriceLimits(
  database: Queryable,
  symbol: string,
  tradingDay: string,
  { floor, ceiling }: PriceLimits,
): Promise<void> {
  await database.query(
    `INSERT INTO price_limits (symbol, trading_day, floor, ceiling) VALUES ($1, $2, $3, $4)
     ON CONFLICT (symbol, trading_day) DO UPDATE SET floor = $3, ceiling = $4`,
    [symbol, tradingDay, formatPrice(floor), formatPrice(ceiling)],
  );
}
