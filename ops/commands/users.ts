import { Argument, InvalidArgumentError, Option } from "commander";
import { action } from "../core/command";
import type { Command } from "../core/command";
import { changeStatus, consequences, planStatus } from "../trading/users";
import type { StatusPlan } from "../trading/users";

interface UserInput {
  readonly user: string;
  readonly reason: string;
}

const arguments_ = [new Argument("<user>", "e-mail address or id of the user").argParser(user)];
const options = [
  new Option("--reason <text>", "why, for the audit trail and the user's security events")
    .argParser(reason)
    .makeOptionMandatory(),
];
const kept =
  "The audit trail keeps the user's id and the reason, and no e-mail address: put no personal data into the reason.";

const suspend = action<UserInput, StatusPlan>({
  name: "users suspend",
  summary: "Stops a user: no sign-in, no session at the broker, nothing more sent",
  explanation:
    "Sessions on the platform end at once, and the one at the broker within moments; orders that were not sent are " +
    "rejected. Orders that are at the broker stay there until they are filled or the day ends: the answer says how many, " +
    `and they can be cancelled on the broker's own screen. \`users reactivate\` takes it back.\n\n${kept}`,
  arguments: arguments_,
  options,
  examples: [
    {
      line: 'users suspend 5f0a9f7e-6c1d-4c39-9a57-3f0c8f1d2e4b --env staging --reason "asked for by telephone"',
      description: "and says what happened to the session at the broker and to the orders",
    },
  ],
  plan: (context, { user, reason }) => planStatus(context, user, { to: "SUSPENDED", reason }),
  preview: ({ userId, before: { status, orders, brokerSession } }) => [
    `  suspend the user ${userId}, who is ${status ?? "known by an account at the broker alone"}`,
    `  end ${brokerSession.open ? "the session at the broker" : "no session at the broker: none is open"}`,
    `  reject ${orders.notSent} orders that were not sent; ${orders.atBroker} would stay at the broker`,
  ],
  recorded: ({ userId, reason }) => ({ userId, reason }),
  async act(context, plan) {
    const after = await changeStatus(context, plan);
    return {
      healthy: !after.brokerSession.open,
      lines: [`${plan.userId} is suspended.`, ...consequences(after)],
      data: after,
    };
  },
});

const reactivate = action<UserInput, StatusPlan>({
  name: "users reactivate",
  summary: "Lets a suspended user sign in and trade again",
  explanation: `The user signs in anew, and logs in at the broker anew. A user who was deactivated stays so.\n\n${kept}`,
  arguments: arguments_,
  options,
  examples: [
    {
      line: 'users reactivate 5f0a9f7e-6c1d-4c39-9a57-3f0c8f1d2e4b --env staging --reason "identity confirmed"',
      description: "after `users suspend`",
    },
  ],
  plan: (context, { user, reason }) => planStatus(context, user, { to: "ACTIVE", reason }),
  preview: ({ userId, before: { status } }) => [
    `  reactivate the user ${userId}, who is ${status ?? "of another issuer"}`,
  ],
  recorded: ({ userId, reason }) => ({ userId, reason }),
  async act(context, plan) {
    const after = await changeStatus(context, plan);
    return { lines: [`${plan.userId} is active, and signs in anew here and at the broker.`], data: after };
  },
});

function user(text: string): string {
  const name = text.trim().toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name) || /^[^\s@]+@[^\s@]+$/.test(name)) return name;
  throw new InvalidArgumentError("Use an e-mail address or a user's id.");
}

/** The database keeps 500 characters, with the operator's name among them. */
const MOST_CHARACTERS = 250;

function reason(text: string): string {
  const trimmed = text.trim();
  if (trimmed !== "" && trimmed.length <= MOST_CHARACTERS) return trimmed;
  throw new InvalidArgumentError(`Say why in 1 to ${MOST_CHARACTERS} characters.`);
}

/** Commands that stop a user, and let one go on. */
export const userCommands: readonly Command[] = [suspend, reactivate];
