import { userStandingSchema } from "../../app/packages/contract/user-standing";
import type { UserStanding } from "../../app/packages/contract/user-standing";
import type { Context } from "../core/context";
import { refused } from "../core/outcome";
import { runOnce } from "./run-once";

/** How long the end of a session at the broker is waited for: broker-integration hears of it at once. */
const LOG_OUT_SECONDS = 60;

export interface StatusPlan {
  readonly userId: string;
  readonly to: "SUSPENDED" | "ACTIVE";
  readonly reason: string;
  /** As it was before. */
  readonly before: UserStanding;
}

/**
 * Finds a user, and whether the status can be given.
 *
 * @param user an e-mail address or an id
 * @throws OperationError with `refused`
 */
export async function planStatus(
  context: Context,
  user: string,
  { to, reason }: Pick<StatusPlan, "to" | "reason">,
): Promise<StatusPlan> {
  const before = userStandingSchema.parse(
    await runOnce(context, { command: "find-user", secrets: { FIND_USER: user } }),
  );
  if (before.outcome === "none") throw refused("There is no user of that e-mail address or id");
  const { userId, status } = before;
  if (status === "DEACTIVATED") throw refused(`${userId} is deactivated, which is for good`);
  return { userId, to, reason, before };
}

/** Gives the status, and looks at what became of the user's session at the broker and orders. */
export async function changeStatus(context: Context, { userId, to, reason }: StatusPlan): Promise<UserStanding> {
  const operator = await context.platform.operator();
  const direction = to === "ACTIVE" ? ["--reactivate"] : [];
  await runOnce(context, {
    command: "suspend-user",
    args: [userId, `--reason=${reason} (by ${operator})`, ...direction],
  });
  const patience = to === "ACTIVE" ? [] : [`--until-logged-out=${LOG_OUT_SECONDS}`];
  const after = userStandingSchema.parse(await runOnce(context, { command: "find-user", args: [userId, ...patience] }));
  if (after.outcome === "none") throw new Error(`the user ${userId} is gone`);
  return after;
}

/** What it means for the user's session at the broker and orders, a line each. */
export function consequences({ brokerSession, orders }: UserStanding): readonly string[] {
  return [
    brokerSession.open
      ? `the session at the broker is still open after ${LOG_OUT_SECONDS} s: it ends as soon as broker-integration runs`
      : `no session at the broker is open${brokerSession.ended === null ? "" : ` (the last ended: ${brokerSession.ended})`}`,
    `${orders.notSent} orders wait to be sent, which are rejected`,
    `${orders.atBroker} orders stay at the broker until they are filled or the day ends`,
  ];
}
