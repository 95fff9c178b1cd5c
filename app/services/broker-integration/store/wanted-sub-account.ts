import type { PoolClient } from "pg";
import { chooseSubAccount, lockAccount } from "./accounts";
import type { BrokerAccount } from "./accounts";
import { forgetViews } from "./views";

/** Why the sub-account that a log-in named is not the account's. */
export const subAccountProblems = ["UNKNOWN_SUB_ACCOUNT", "SUB_ACCOUNT_HAS_ORDERS"] as const;
export type SubAccountProblem = (typeof subAccountProblems)[number];

/**
 * Chooses the sub-account that the log-in of the account's session named, or notes why not.
 * @param listed numbers that the broker lists now
 * @returns whether another sub-account is chosen now
 */
export async function settleWantedSubAccount(
  tx: PoolClient,
  account: BrokerAccount,
  listed: readonly string[],
): Promise<boolean> {
  // Before the session's row, as a log-in does.
  await lockAccount(tx, account);
  const { rows } = await tx.query<{ wanted: string }>(
    `SELECT wanted_sub_account AS wanted FROM algolab_sessions
     WHERE account_id = $1 AND active AND wanted_sub_account IS NOT NULL`,
    [account.accountId],
  );
  const wanted = rows[0]?.wanted;
  if (wanted === undefined) return false;
  // "" is the only one, which the broker lists by its number.
  const known = wanted === "" || listed.includes(wanted);
  if (known && (await chooseSubAccount(tx, account, wanted))) {
    await forgetWantedSubAccount(tx, account);
    await forgetViews(tx, account);
    return true;
  }
  const problem: SubAccountProblem = known ? "SUB_ACCOUNT_HAS_ORDERS" : "UNKNOWN_SUB_ACCOUNT";
  await tx.query("UPDATE algolab_sessions SET sub_account_problem = $2 WHERE account_id = $1 AND active", [
    account.accountId,
    problem,
  ]);
  return false;
}

/** What the login before named, while the broker has not listed what there is; a logout takes it back. */
export async function unlistedSubAccount(tx: PoolClient, { accountId }: BrokerAccount): Promise<string | undefined> {
  const { rows } = await tx.query<{ wanted: string | null }>(
    `SELECT CASE WHEN termination_reason IS DISTINCT FROM 'LOGOUT' AND sub_account_problem IS NULL
            THEN wanted_sub_account END AS wanted
     FROM algolab_sessions WHERE account_id = $1 ORDER BY created_at DESC LIMIT 1`,
    [accountId],
  );
  return rows[0]?.wanted ?? undefined;
}

/** The user has chosen, or it is chosen. */
export async function forgetWantedSubAccount(tx: PoolClient, { accountId }: BrokerAccount): Promise<void> {
  await tx.query(
    `UPDATE algolab_sessions SET wanted_sub_account = NULL, sub_account_problem = NULL
     WHERE account_id = $1 AND active AND wanted_sub_account IS NOT NULL`,
    [accountId],
  );
}
