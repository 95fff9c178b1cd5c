import type { Argument, Option } from "commander";
import type { AuditTrail } from "./audit";
import type { Context } from "./context";

/** What the help shows of every command. */
interface Described {
  /** As it is typed; a word before a space groups commands: `maintenance scale`. */
  readonly name: string;
  readonly summary: string;
  /** Paragraphs of the help, for an operator who has never run it. */
  readonly explanation: string;
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly examples: readonly { readonly line: string; readonly description: string }[];
}

/** Values of arguments and options by their camel-cased names, as the parsers of both left them. */
export type Input = Readonly<Record<string, unknown>>;

/** What a command answers at its end. */
export interface Answer {
  /** For a person. */
  readonly lines: readonly string[];
  /** For `--json`. */
  readonly data: unknown;
  /** Whether what it found is as it should be. @default true */
  readonly healthy?: boolean;
}

/** A command that only reads. */
export interface Query<I = Input> extends Described {
  readonly kind: "query";
  answer(context: Context, input: I): Promise<Answer>;
}

/**
 * A command that changes an environment, step by step under its lease, with a journal: killed at any point and
 * started again it goes on, or goes on undoing.
 */
export interface Operation<I = Input, P = unknown> extends Described {
  readonly kind: "operation";
  /**
   * Reads, checks and decides everything that the steps need. Changes nothing.
   *
   * @returns what the journal keeps: JSON, from which alone the steps are made again after a kill
   * @throws OperationError with `refused`, saying what to do instead
   */
  plan(context: Context, input: I): Promise<P>;
  /** The same steps for the same plan, always. */
  steps(plan: P, context: Context): readonly Step[];
  /** The answer when all steps are done. */
  answer(plan: P, context: Context): Answer | Promise<Answer>;
}

/**
 * One step, between two entries of the journal. It may run a second time when the first was killed: `run` and `undo`
 * are idempotent.
 */
export interface Step {
  /** Names it in the journal: unique among the steps of its plan, and never computed from anything else. */
  readonly name: string;
  /** What it does, for the display and for a dry run. */
  readonly description: string;
  /** @returns a word on what came of it, for the display */
  run(): Promise<string | undefined>;
  /** Undoes it, done or half done. @default nothing to undo */
  undo?(): Promise<unknown>;
  /** From the first such step on nothing is undone: after a failure the operation is resumed. @default false */
  readonly final?: boolean;
}

/**
 * A command that changes what the application keeps, and nothing of the platform: an order, a user. It is one call that
 * does its work whole or not at all, and once however often it is made, so that it needs neither lease nor journal and
 * runs beside any operation.
 */
export interface Action<I = Input, P = unknown> extends Described {
  readonly kind: "action";
  /** Reads, checks and decides. Changes nothing. @throws OperationError with `refused`, saying what to do instead */
  plan(context: Context, input: I): Promise<P>;
  /** What it would do, a line each, for a dry run. */
  preview(plan: P): readonly string[];
  /** What the audit trail, which keeps everything, keeps of it: no personal data. */
  recorded(plan: P): Readonly<Record<string, unknown>>;
  /** @throws OperationError with `refused` when what was planned does not hold any more */
  act(context: Context, plan: P): Promise<Answer>;
}

/** A command about the interrupted operation, whichever it is. */
export interface Intervention extends Described {
  readonly kind: "intervention";
  /** What it would do, for a dry run. @throws as `intervene` does */
  preview(context: Context, operations: readonly Operation[]): Promise<readonly string[]>;
  /** @throws OperationError when there is nothing to intervene in */
  intervene(context: Context, operations: readonly Operation[], audit: AuditTrail): Promise<Answer>;
}

/** Keeps the types of input and plan within a command, and gives the table of commands one type. */
export function operation<I, P>(definition: Omit<Operation<I, P>, "kind">): Operation {
  return { kind: "operation", ...definition } as unknown as Operation;
}

export function action<I, P>(definition: Omit<Action<I, P>, "kind">): Action {
  return { kind: "action", ...definition } as unknown as Action;
}

export function query<I>(definition: Omit<Query<I>, "kind">): Query {
  return { kind: "query", ...definition } as unknown as Query;
}

export type Command = Query | Operation | Action | Intervention;
