import type { PoolClient } from "pg";
import type { BrokerAccount } from "./accounts";

/** Notes when references of the day were seen first; those that are known already keep their time. */
export async function noteReferences(
  tx: PoolClient,
  { accountId, userId }: BrokerAccount,
  tradingDay: string,
  references: readonly string[],
): Promise<void> {
  if (references.length === 0) return;
  await tx.query(
    `INSERT INTO broker_orders (account_id, trading_day, reference, user_id)
     SELECT $1, $2, reference, $3 FROM unnest($4::text[]) AS reference
     ON CONFLICT DO NOTHING`,
    [accountId, tradingDay, userId, [...new Set(references)]],
  );
}

/** When each noted reference of the day was seen first. */
export async function firstSeenReferences(
  tx: PoolClient,
  { accountId }: BrokerAccount,
  tradingDay: string,
): Promise<Map<string, Date>> {
  const { rows } = await tx.query<{ reference: string; first_seen_at: Date }>(
    "SELECT reference, first_seen_at FROM broker_orders WHERE account_id = $1 AND trading_day = $2",
    [accountId, tradingDay],
  );
  return new Map(rows.map(({ reference, first_seen_at }) => [reference, first_seen_at]));
}
