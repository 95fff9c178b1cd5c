import type { PoolClient } from "pg";
import type { BrokerAccount } from "./accounts";
import { publish } from "./outbox";

/** What a fill changes. */
export const viewKinds = ["POSITIONS", "CASH_FLOW", "PORTFOLIO"] as const;
/** What is asked of the broker for an account and kept, so that any replica can show it. */
export type ViewKind = (typeof viewKinds)[number] | "SUB_ACCOUNTS";

export interface AccountView {
  readonly content: unknown;
  readonly asOf: Date;
}

/** Why a view could not be fetched: a `CallFailure` of the broker's client. */
export interface ViewFailure {
  readonly failure: string;
  /** When it was asked for. */
  readonly failedAt: Date;
}

export async function findViewFailure(
  tx: PoolClient,
  accountId: string,
  kind: ViewKind,
): Promise<ViewFailure | undefined> {
  const { rows } = await tx.query<{ failure: string; failed_at: Date }>(
    "SELECT failure, failed_at FROM account_views WHERE account_id = $1 AND kind = $2 AND failure IS NOT NULL",
    [accountId, kind],
  );
  return rows[0] && { failure: rows[0].failure, failedAt: rows[0].failed_at };
}

/** Notes that a view could not be fetched; a wish for it stays open for a while. */
export async function storeViewFailure(
  tx: PoolClient,
  { accountId }: BrokerAccount,
  kind: ViewKind,
  { failure, failedAt }: ViewFailure,
): Promise<void> {
  await tx.query("UPDATE account_views SET failure = $3, failed_at = $4 WHERE account_id = $1 AND kind = $2", [
    accountId,
    kind,
    failure,
    failedAt,
  ]);
}

export async function findView(tx: PoolClient, accountId: string, kind: ViewKind): Promise<AccountView | undefined> {
  const { rows } = await tx.query<{ content: unknown; as_of: Date }>(
    "SELECT content, as_of FROM account_views WHERE account_id = $1 AND kind = $2 AND as_of IS NOT NULL",
    [accountId, kind],
  );
  return rows[0] && { content: rows[0].content, asOf: rows[0].as_of };
}

/** Asks for views to be fetched anew: also where they are just being fetched, since what is on its way may be of before. */
export async function requestViews(tx: PoolClient, account: BrokerAccount, kinds: readonly ViewKind[]): Promise<void> {
  await tx.query(
    `INSERT INTO account_views (account_id, kind, user_id, requested_at)
     SELECT $1, kind, $2, clock_timestamp() FROM unnest($3::text[]) AS kind
     ON CONFLICT (account_id, kind) DO UPDATE SET requested_at = clock_timestamp()`,
    [account.accountId, account.userId, kinds],
  );
}

/** Makes the views of the account's sub-account unknown: another one was chosen. */
export async function forgetViews(tx: PoolClient, { accountId }: BrokerAccount): Promise<void> {
  await tx.query(
    "UPDATE account_views SET content = NULL, as_of = NULL WHERE account_id = $1 AND kind <> 'SUB_ACCOUNTS'",
    [accountId],
  );
}

/**
 * Views of the account that are asked for. One that could not be fetched is so again when somebody asks anew, and now and
 * then for ten minutes after the last wish; the sub-accounts for as long as the session waits for the one that its log-in named.
 */
export async function requestedViews(tx: PoolClient, accountId: string, retryMs: number): Promise<ViewKind[]> {
  const { rows } = await tx.query<{ kind: ViewKind }>(
    `SELECT kind FROM account_views WHERE account_id = $1 AND requested_at IS NOT NULL
       AND (failed_at IS NULL OR requested_at > failed_at
            OR (failed_at < clock_timestamp() - $2 * interval '1 ms'
                AND (requested_at > clock_timestamp() - interval '10 min'
                     OR (kind = 'SUB_ACCOUNTS' AND EXISTS (
                           SELECT FROM algolab_sessions WHERE account_id = $1 AND active
                             AND wanted_sub_account IS NOT NULL AND sub_account_problem IS NULL)))))
     ORDER BY requested_at`,
    [accountId, retryMs],
  );
  return rows.map(({ kind }) => kind);
}

/**
 * Keeps what the broker answered.
 * @param askedAt database time before the call: a wish that came later stays open
 */
export async function storeView(
  tx: PoolClient,
  account: BrokerAccount,
  kind: ViewKind,
  content: unknown,
  askedAt: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO account_views (account_id, kind, user_id, content, as_of) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (account_id, kind) DO UPDATE SET content = $4, as_of = $5, failure = NULL, failed_at = NULL,
       requested_at = CASE WHEN account_views.requested_at > $5 THEN account_views.requested_at END`,
    [account.accountId, kind, account.userId, JSON.stringify(content), askedAt],
  );
}

/**
 * Makes the holdings what the broker reported, with an event for each that changed.
 * @param kept symbols that were reported and could not be read: they stay as they are; undefined for every symbol
 */
export async function storePositions(
  tx: PoolClient,
  account: BrokerAccount,
  positions: readonly StoredPosition[],
  kept: readonly string[] | undefined,
): Promise<void> {
  const rows = positions.map((position) => ({
    symbol: position.symbol,
    quantity: position.quantity,
    average_cost: position.averageCost,
    last_price: position.lastPrice,
    market_value: position.marketValue,
    profit: position.profit,
  }));
  const { rows: changed } = await tx.query<{ symbol: string; quantity: string }>(
    `WITH reported AS (
       SELECT * FROM jsonb_to_recordset($3::jsonb) AS reported (symbol text, quantity numeric, average_cost numeric,
         last_price numeric, market_value numeric, profit numeric)
     ), before AS (
       SELECT symbol, quantity FROM positions WHERE account_id = $1
         AND (symbol IN (SELECT symbol FROM reported) OR NOT symbol = ANY (coalesce($4, ARRAY[symbol])))
     ), gone AS (
       DELETE FROM positions WHERE account_id = $1 AND symbol IN (SELECT symbol FROM before)
         AND symbol NOT IN (SELECT symbol FROM reported)
     ), kept AS (
       INSERT INTO positions (account_id, user_id, symbol, quantity, average_cost, last_price, market_value, profit)
       SELECT $1, $2, symbol, quantity, average_cost, last_price, market_value, profit FROM reported
       ON CONFLICT (account_id, symbol) DO UPDATE SET quantity = excluded.quantity, average_cost = excluded.average_cost,
         last_price = excluded.last_price, market_value = excluded.market_value, profit = excluded.profit
     )
     SELECT symbol, coalesce(reported.quantity, 0) AS quantity FROM reported FULL JOIN before USING (symbol)
     WHERE reported.quantity IS DISTINCT FROM before.quantity`,
    [account.accountId, account.userId, JSON.stringify(rows), kept ?? null],
  );
  for (const position of changed) await publish(tx, account.userId, "POSITION_UPDATE", position);
}

export interface StoredPosition {
  readonly symbol: string;
  readonly quantity: string;
  readonly averageCost: string;
  readonly lastPrice: string;
  readonly marketValue: string;
  readonly profit: string;
}

export async function listPositions(tx: PoolClient, userId: string): Promise<StoredPosition[]> {
  const { rows } = await tx.query<StoredPosition>(
    `SELECT symbol, quantity, average_cost AS "averageCost", last_price AS "lastPrice",
            market_value AS "marketValue", profit
     FROM positions WHERE user_id = $1 ORDER BY symbol`,
    [userId],
  );
  return rows;
}
