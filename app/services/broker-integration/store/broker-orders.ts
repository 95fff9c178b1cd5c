import type { PoolClient } from "pg";
import type { BrokerAccount } from "./accounts";

/**
 * Notes when references of the day were seen first; those that are known already keep their time.
 * @returns those that were not known
 */
export async function noteReferences(
  tx: PoolClient,
  { accountId, userId }: BrokerAccount,
  tradingDay: string,
  references: readonly string[],
): Promise<Set<string>> {
  if (references.length === 0) return new Set();
  const { rows } = await tx.query<{ reference: string }>(
    `INSERT INTO broker_orders (account_id, trading_day, reference, user_id)
     SELECT $1, $2, reference, $3 FROM unnest($4::text[]) AS reference
     ON CONFLICT DO NOTHING RETURNING reference`,
    [accountId, tradingDay, userId, [...new Set(references)]],
  );
  return new Set(rows.map(({ reference }) => reference));
}

/** Notes that the list of the day was read with every open order of the account in it. */
export async function noteList(
  tx: PoolClient,
  { accountId, userId }: BrokerAccount,
  tradingDay: string,
  readAt: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO broker_lists (account_id, trading_day, user_id, read_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, trading_day) DO UPDATE SET read_at = greatest(broker_lists.read_at, $4)`,
    [accountId, tradingDay, userId, readAt],
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
