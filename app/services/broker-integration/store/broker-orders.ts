import type { PoolClient } from "pg";
import type { BrokerAccount } from "./accounts";

/**
 * Notes when references of the day were seen first, and for which sub-account; those that are known already keep their time.
 * @returns those that were not known
 */
export async function noteReferences(
  tx: PoolClient,
  { accountId, userId, subAccount }: BrokerAccount,
  tradingDay: string,
  references: readonly string[],
): Promise<Set<string>> {
  if (references.length === 0) return new Set();
  const { rows } = await tx.query<{ reference: string }>(
    `INSERT INTO broker_orders (account_id, trading_day, reference, user_id, sub_account)
     SELECT $1, $2, reference, $3, $5 FROM unnest($4::text[]) AS reference
     ON CONFLICT DO NOTHING RETURNING reference`,
    [accountId, tradingDay, userId, [...new Set(references)], subAccount],
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

/** What was noted of a day's references. */
export interface SeenReferences {
  /** When each was seen first. */
  readonly firstSeen: ReadonlyMap<string, Date>;
  /** Those of other sub-accounts than the one that is worked for, which its list does not show. */
  readonly elsewhere: ReadonlySet<string>;
}

export const noneSeen: SeenReferences = { firstSeen: new Map(), elsewhere: new Set() };

export async function seenReferences(
  tx: PoolClient,
  { accountId, subAccount }: BrokerAccount,
  tradingDay: string,
): Promise<SeenReferences> {
  const { rows } = await tx.query<{ reference: string; first_seen_at: Date; elsewhere: boolean }>(
    `SELECT reference, first_seen_at, coalesce(sub_account <> $3, false) AS elsewhere
     FROM broker_orders WHERE account_id = $1 AND trading_day = $2`,
    [accountId, tradingDay, subAccount],
  );
  return {
    firstSeen: new Map(rows.map(({ reference, first_seen_at }) => [reference, first_seen_at])),
    elsewhere: new Set(rows.filter(({ elsewhere }) => elsewhere).map(({ reference }) => reference)),
  };
}
