import { auditOf } from "../core/audit";
import { query } from "../core/command";
import type { Command, Intervention, Operation } from "../core/command";
import type { Context } from "../core/context";
import { whereabouts } from "../core/journal";
import type { Journal } from "../core/journal";
import { currentJournal, isExpired, OperationLease } from "../core/operation-lease";
import { refused } from "../core/outcome";
import { finish } from "../core/run-operation";

const explanation =
  "One operation at a time is at work on an environment. It holds a lease of two minutes, which it renews, and writes a " +
  "journal: cut short, it waits to be resumed or undone.";

const show = query({
  name: "operation show",
  summary: "Shows which operation is at work, how far it is, and what was done today",
  explanation,
  examples: [{ line: "operation show --env production", description: "who is at what, and until when the lease is" }],
  async answer({ records, clock }) {
    const [found, audit] = await Promise.all([
      currentJournal(records),
      auditOf(records, clock.now().toISOString().slice(0, 10)),
    ]);
    const today = audit.map(({ at, event, command, operator, reason }) => {
      return `  ${at}  ${command}: ${event}, by ${operator}${reason === undefined ? "" : `: ${reason}`}`;
    });
    return {
      lines: [found === undefined ? "No operation was ever run." : describe(found.journal, clock), "Today:", ...today],
      data: { journal: found?.journal, today: audit },
    };
  },
});

/** The operation of the journal, in a sentence or two. */
export function describe(journal: Journal, clock: Context["clock"]): string {
  const { command, operator, startedAt, ended, failure, lease } = journal;
  const why = failure === undefined ? "" : ` Because: ${failure}.`;
  const what = `"${command}" of ${operator}, begun ${startedAt}`;
  if (ended !== undefined) return `The last operation was ${what}: ${ended.outcome} at ${ended.at}.${why}`;
  const held = isExpired(journal, clock) ? "cut short: its lease has ended" : `its lease is until ${lease.expiresAt}`;
  return `At work: ${what}, ${whereabouts(journal)}; ${held}.${why}`;
}

/** @throws OperationError with `refused` when nothing is unfinished */
async function unfinished(context: Context, operations: readonly Operation[]) {
  const found = await currentJournal(context.records);
  if (found === undefined || found.journal.ended !== undefined) {
    throw refused("No operation is unfinished: there is nothing to go on with or to take back");
  }
  const command = operations.find(({ name }) => name === found.journal.command);
  if (command === undefined) {
    throw refused(`This version of the tool has no command "${found.journal.command}"; use the one that began it`);
  }
  return { found, command, steps: command.steps(found.journal.plan, context) };
}

async function takeOver(
  context: Context,
  found: Awaited<ReturnType<typeof unfinished>>["found"],
): Promise<OperationLease> {
  return OperationLease.takeOver(context.records, context.clock, found, (line) => {
    context.progress.say(line);
  });
}

const resume: Intervention = {
  kind: "intervention",
  name: "operation resume",
  summary: "Goes on with the operation that was cut short, in the direction that it went",
  explanation,
  examples: [{ line: "operation resume --env staging", description: "the rest of the steps, or of the undoing" }],
  async preview(context, operations) {
    const { found, steps } = await unfinished(context, operations);
    const { direction, done } = found.journal;
    const left = steps.filter(({ name }) => done.includes(name) === (direction === "back"));
    const ordered = direction === "back" ? left.toReversed() : left;
    return ordered.map(({ description }) => `  ${direction === "back" ? "undo: " : ""}${description}`);
  },
  async intervene(context, operations, audit) {
    const { found, command } = await unfinished(context, operations);
    return finish(command, await takeOver(context, found), context, audit);
  },
};

const undo: Intervention = {
  kind: "intervention",
  name: "operation undo",
  summary: "Takes back what the operation did that was cut short",
  explanation,
  examples: [
    { line: "operation undo --env staging", description: "every step that was begun is undone, the last first" },
  ],
  async preview(context, operations) {
    const { found, steps } = await undoable(context, operations);
    const { done, current } = found.journal;
    const begun = steps.filter((step) => step.undo !== undefined && [...done, current].includes(step.name));
    return begun.toReversed().map(({ description }) => `  undo: ${description}`);
  },
  async intervene(context, operations, audit) {
    const { found, command } = await undoable(context, operations);
    const lease = await takeOver(context, found);
    if (lease.journal.direction === "forward") {
      await lease.note({ direction: "back", failure: "an operator asked for it" });
      await audit.note("turned back", lease.journal);
    }
    return finish(command, lease, context, audit);
  },
};

/** @throws OperationError with `refused` past the point of no return */
async function undoable(context: Context, operations: readonly Operation[]) {
  const all = await unfinished(context, operations);
  const { done, current } = all.found.journal;
  const final = all.steps.find((step) => step.final === true && [...done, current].includes(step.name));
  if (final !== undefined) {
    throw refused(`"${final.name}" was begun, from which there is no way back: use \`operation resume\``);
  }
  return all;
}

const abandon: Intervention = {
  kind: "intervention",
  name: "operation abandon",
  summary: "Declares the operation that was cut short over, and leaves everything as it is",
  explanation:
    `${explanation}\n\nOnly for when it can neither go on nor be taken back: whatever it had begun is left half done, ` +
    "and is yours to put in order. Refused while its lease lasts.",
  examples: [{ line: "operation abandon --env staging", description: "frees the environment for the next operation" }],
  async preview(context) {
    const { journal } = await expired(context);
    return [`  give up "${journal.command}", ${whereabouts(journal)}, as it is`];
  },
  async intervene(context, _operations, audit) {
    const lease = await takeOver(context, await expired(context));
    await audit.note("abandoned", lease.journal);
    await lease.end("abandoned");
    return { lines: [`"${lease.journal.command}" is given up; the environment is free.`], data: lease.journal };
  },
};

async function expired({ records, clock }: Context) {
  const found = await currentJournal(records);
  if (found === undefined || found.journal.ended !== undefined) throw refused("No operation is unfinished");
  if (!isExpired(found.journal, clock)) {
    throw refused(`Its lease lasts until ${found.journal.lease.expiresAt}: it may be at work. Try again then`);
  }
  return found;
}

/** Commands about the operation that is at work, or was cut short. */
export const operationCommands: readonly Command[] = [show, resume, undo, abandon];
