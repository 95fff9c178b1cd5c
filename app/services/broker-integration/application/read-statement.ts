import type { Database } from "../../../packages/kit/database/database";
import { badRequest, tooManyRequests } from "../../../packages/kit/http/problem";
import { findStatement, requestStatement, findStatementFailure } from "../store/statements";
import type { AccountStatementView, StatementPeriod } from "../store/statements";
import { readFetched } from "./read-view";

export const mostStatementDays = 92;
/** Each is a call of its own at the broker, which takes one in 5 s. */
const mostWaiting = 3;
const dayMs = 86_400_000;

/** The statement of the user's account for a period. @throws Problem when there is none */
export async function readStatement(
  database: Database,
  userId: string,
  period: StatementPeriod,
  freshMs: number,
): Promise<AccountStatementView> {
  assertPeriod(period);
  return readFetched(database, userId, freshMs, {
    find: (tx, account) => findStatement(tx, account, period),
    findFailure: (tx, account) => findStatementFailure(tx, account, period),
    request: async (tx, account) => {
      if ((await requestStatement(tx, account, period)) < mostWaiting) return;
      throw tooManyRequests(
        "STATEMENTS_WAITING",
        `${mostWaiting} other statements are being fetched; wait for them`,
        10,
      );
    },
  });
}

function assertPeriod({ from, until }: StatementPeriod): void {
  const [first, last] = [from, until].map(instantOf);
  const days = ((last ?? NaN) - (first ?? NaN)) / dayMs + 1;
  if (days >= 1 && days <= mostStatementDays) return;
  throw badRequest(
    "INVALID_RANGE",
    `from and until must be dates that exist, from not after until, at most ${mostStatementDays} days with both`,
  );
}

/** NaN for a date that no calendar has, such as 2026-02-30. */
function instantOf(date: string): number {
  const instant = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(date) ? instant : NaN;
}
