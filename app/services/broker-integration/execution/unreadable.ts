import type { ReadRow } from "../../../packages/algolab/reading";
import type { AccountContext } from "./account-context";

/** A line of the log shows what is wrong with so many rows. */
const mostShown = 10;

/** Counts what could not be read of an answer, and logs it without what unknown fields hold. */
export function noteUnreadable(
  { metrics, log }: Pick<AccountContext, "metrics" | "log">,
  endpoint: string,
  rows: readonly ReadRow[],
): void {
  const unreadable = rows.filter(({ problems }) => problems.length > 0);
  if (unreadable.length === 0) return;
  for (const { field } of unreadable.flatMap(({ problems }) => problems)) metrics.unreadable.inc({ endpoint, field });
  const shown = unreadable.slice(0, mostShown).map(({ problems }) => problems);
  log.warn({ endpoint, rows: unreadable.length, problems: shown }, "the broker's answer cannot be read in full");
}
