import type { PoolClient } from "pg";
import type { BrokerAccount } from "./accounts";

/** When each reference of the day was first seen, after noting those that are new. */
export async function noteReferences(
  transaction: PoolClient,
  { accountId, userId }: BrokerAccount,
  tradingDay: string,
  references: readonly string[],
): Promise<Map<string, Date>> {
  await transaction.query(
    `INSERT INTO broker_orders (account_id, trading_day, reference, user_id)
     SELECT $1, $2, reference, $3 FROM unnest($4::text[]) AS reference
     ON CONFLICT DO NOTHING`,
    [accountId, tradingDay, userId, [...new Set(references)]],
  );
  const { rows } = await transaction.query<{ reference: string; first_seen_at: Date }>(
    "SELECT reference, first_seen_at FROM broker_orders WHERE account_id = $1 AND trading_day = $2",
    [accountId, tradingDay],
  );
  return new Map(rows.map(({ reference, first_seen_at }) => [reference, first_seen_at]));
}
