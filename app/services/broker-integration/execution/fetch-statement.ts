import type { StatementRow } from "../../../packages/algolab/account-statement";
import { AlgolabError } from "../../../packages/algolab/errors";
import { statementMeaning } from "../../../packages/algolab/statement-kind";
import { startOfIstanbulDate } from "../../../packages/bist/calendar";
import type { StatementEntry } from "../domain/statement";
import { databaseTime } from "../../../packages/kit/database/database";
import { storeStatement, storeStatementFailure } from "../store/statements";
import type { StatementPeriod } from "../store/statements";
import { asUser } from "./account-context";
import type { AccountContext } from "./account-context";
import { noteUnreadable } from "./unreadable";

const dayMs = 86_400_000;

/** Asks the broker for the account statement of a period and keeps the answer, or why there is none. @throws AlgolabError */
export async function fetchStatement(context: AccountContext, period: StatementPeriod): Promise<void> {
  const { account, session } = context;
  const askedAt = await databaseTime(context.database);
  const from = new Date(startOfIstanbulDate(period.from));
  const until = new Date(startOfIstanbulDate(period.until) + dayMs - 1_000);
  try {
    const { equity, futures } = await session.statement(from, until, account.subAccount);
    noteUnreadable(context, "AccountExtre", [...equity, ...futures]);
    const rows = [...equity.map((row) => entry("EQUITY", row)), ...futures.map((row) => entry("FUTURES", row))];
    await asUser(context, (tx) => storeStatement(tx, account, period, { rows }, askedAt));
  } catch (error) {
    if (error instanceof AlgolabError) {
      const failed = { failure: error.failure, failedAt: askedAt };
      await asUser(context, (tx) => storeStatementFailure(tx, account, period, failed));
    }
    throw error;
  }
}

function entry(market: StatementEntry["market"], row: StatementRow): StatementEntry {
  const { date, valueDate, explanation, debit, credit, balance, problems } = row;
  return {
    market,
    date,
    valueDate,
    explanation,
    debit: orNull(debit),
    credit: orNull(credit),
    balance: orNull(balance),
    ...statementMeaning(row),
    unreadable: problems.map(({ field }) => field),
  };
}

/** A row without an amount has an empty one. */
const orNull = (text: string | undefined) => (text === undefined || text === "" ? null : text);
