import type { Answer, Input, Operation, Step } from "./command";
import type { AuditTrail } from "./audit";
import type { Context } from "./context";
import { LeaseLost, OperationLease } from "./operation-lease";
import { OperationError, asOperationError, messageOf } from "./outcome";

/** An operation at work: its lease, its steps, its audit trail. */
interface Work {
  readonly lease: OperationLease;
  readonly steps: readonly Step[];
  readonly audit: AuditTrail;
  readonly context: Context;
}

/**
 * Runs an operation, or resumes the same one after an interruption.
 *
 * @throws OperationError that says how it ended, when not well
 */
export async function runOperation(
  operation: Operation,
  input: Input,
  context: Context,
  audit: AuditTrail,
  operator: string,
): Promise<Answer> {
  const { records, clock, progress } = context;
  const tell = (line: string) => {
    progress.say(line);
  };
  const lease = await OperationLease.take(records, clock, { command: operation.name, input, tell });
  if (lease !== undefined) return finish(operation, lease, context, audit);
  const plan = await operation.plan(context, input).catch(asOperationError("refused", "Nothing was changed"));
  const startedAt = clock.now().toISOString();
  const begun = await OperationLease.begin(records, clock, {
    schema: 1,
    id: `${startedAt}-${operation.name.replaceAll(" ", "-")}`,
    command: operation.name,
    input,
    plan,
    operator,
    startedAt,
    direction: "forward",
    done: [],
  });
  return finish(operation, begun, context, audit);
}

/** Resumes the operation of a lease in the direction that its journal names, to its end. @throws OperationError */
export async function finish(
  operation: Operation,
  lease: OperationLease,
  context: Context,
  audit: AuditTrail,
): Promise<Answer> {
  // A failed step is handled below; what arrives here is a journal that could not be written.
  const more = "The journal could not be written; the same command again goes on";
  return goOn(operation, lease, context, audit).catch(asOperationError("unfinished", more));
}

async function goOn(operation: Operation, lease: OperationLease, outer: Context, audit: AuditTrail): Promise<Answer> {
  const context: Context = {
    ...outer,
    pause: async (milliseconds) => {
      await outer.clock.sleep(milliseconds);
      await lease.keep();
    },
  };
  const { plan } = lease.journal;
  const work: Work = { lease, steps: operation.steps(plan, context), audit, context };
  await audit.note(lease.takenOver ? "taken over" : "started", lease.journal);
  if (lease.journal.direction === "forward") {
    if (lease.takenOver) context.progress.say(`It goes on at "${nextStep(work)?.name ?? "the end"}".`);
    if (await goForward(work)) return operation.answer(plan, context);
  } else if (lease.takenOver) {
    context.progress.say(`It goes on undoing, because ${lease.journal.failure ?? "an operator asked for it"}.`);
  }
  return goBack(work);
}

/** @returns false when it has to be undone */
async function goForward(work: Work): Promise<boolean> {
  const { lease, audit, context } = work;
  for (let step = nextStep(work); step !== undefined; step = nextStep(work)) {
    await lease.note({ current: step.name });
    const { progress } = context;
    progress.begin(step.description);
    try {
      const result = await step.run();
      await lease.note({ done: [...lease.journal.done, step.name], current: undefined });
      progress.end("done", result);
    } catch (error) {
      progress.end("failed", messageOf(error));
      if (error instanceof LeaseLost) throw error;
      const failure = `"${step.name}" failed: ${messageOf(error)}`;
      if (isPastReturn(work, step)) return stuck(work, failure, error);
      await lease.note({ direction: "back", failure });
      await audit.note("turned back", lease.journal);
      return false;
    }
  }
  await end(work, "done");
  return true;
}

/** Undoes completed steps in reverse order, including the interrupted one. */
async function goBack(work: Work): Promise<never> {
  const { lease, steps, context } = work;
  const { progress } = context;
  for (;;) {
    const { current, done } = lease.journal;
    const name = current ?? done.at(-1);
    if (name === undefined) break;
    const step = steps.find((one) => one.name === name);
    if (step?.undo !== undefined) {
      await lease.note({ current: name });
      progress.begin(`undo: ${step.description}`);
      try {
        await step.undo();
        progress.end("done");
      } catch (error) {
        progress.end("failed", messageOf(error));
        if (error instanceof LeaseLost) throw error;
        return stuck(work, `${lease.journal.failure ?? ""}; undoing "${name}" failed: ${messageOf(error)}`, error);
      }
    }
    await lease.note({ current: undefined, done: done.filter((one) => one !== name) });
  }
  await end(work, "undone");
  throw new OperationError(
    "undone",
    `${lease.journal.failure ?? "An operator asked to undo it"}. Everything is as it was before.`,
  );
}

/** Leaves the operation as it is, to be resumed by a later run. */
async function stuck({ lease, audit }: Work, trouble: string, cause: unknown): Promise<never> {
  await lease.letGo(trouble);
  await audit.note("unfinished", lease.journal);
  const { direction } = lease.journal;
  const next = direction === "forward" ? "goes on from there" : "goes on undoing";
  throw new OperationError("unfinished", `${trouble}. The same command again ${next}.`, { cause });
}

async function end({ lease, audit, context }: Work, outcome: "done" | "undone"): Promise<void> {
  await audit.note(outcome, lease.journal);
  await lease.end(outcome);
  context.progress.close();
}

const nextStep = ({ lease, steps }: Work) => steps.find(({ name }) => !lease.journal.done.includes(name));

const isPastReturn = ({ steps }: Work, at: Step) =>
  steps.slice(0, steps.indexOf(at) + 1).some(({ final }) => final === true);
