import type { Action, Answer, Input } from "./command";
import type { Audited, AuditTrail } from "./audit";
import type { Context } from "./context";
import { asOperationError, messageOf, OperationError } from "./outcome";

/**
 * Runs an action between two entries of the audit trail. One that was cut short has no second entry: the same command
 * again does it, or finds it done, and writes that down.
 *
 * @throws OperationError that says how it ended, when not well
 */
export async function runAction(action: Action, input: Input, context: Context, audit: AuditTrail): Promise<Answer> {
  const nothing = asOperationError("refused", "Nothing was changed");
  const plan = await action.plan(context, input).catch(nothing);
  const { name: command } = action;
  const id = `${context.clock.now().toISOString()}-${command.replaceAll(" ", "-")}`;
  const about: Audited = { id, command, input: action.recorded(plan) };
  await audit.note("started", about).catch(nothing);
  const answer = await act(action, plan, context, (failure) => audit.note("failed", { ...about, failure }));
  const unaudited = "It was done, and the audit trail does not say so yet: the same command again writes it";
  await audit.note("done", about).catch(asOperationError("unfinished", unaudited));
  return answer;
}

async function act(
  action: Action,
  plan: unknown,
  context: Context,
  note: (failure: string) => Promise<void>,
): Promise<Answer> {
  try {
    return await action.act(context, plan);
  } catch (error) {
    const failure = messageOf(error);
    // The failure itself says more than that it could not be written down.
    await note(failure).catch(() => undefined);
    if (error instanceof OperationError) throw error;
    const next = "It was done whole or not at all; the same command again does it, or finds it done";
    throw new OperationError("unfinished", `${failure}. ${next}.`, { cause: error });
  }
}
