/** Exit codes of a run, for scripts; the help lists them. */
export const exitCodes = {
  done: { code: 0, means: "done" },
  broken: { code: 1, means: "an unexpected error; nothing is known about what it did" },
  usage: { code: 2, means: "the command line is wrong; nothing was changed" },
  refused: { code: 3, means: "refused, with what to do instead; nothing was changed" },
  busy: { code: 4, means: "another operation is at work on the environment; nothing was changed" },
  undone: { code: 5, means: "failed, and undone: the environment is as it was before" },
  unfinished: { code: 6, means: "failed half way; the same command again goes on, or goes on undoing" },
  unhealthy: { code: 7, means: "answered, and what it found is not healthy" },
} as const satisfies Record<string, { readonly code: number; readonly means: string }>;

export type Outcome = keyof typeof exitCodes;

/** Why a run ended other than well, for its operator: no fault of the program, so that no stack trace is shown. */
export class OperationError extends Error {
  constructor(
    readonly outcome: Exclude<Outcome, "done">,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something does not allow the command to begin. The message says what to do instead. */
export const refused = (message: string, options?: ErrorOptions) => new OperationError("refused", message, options);

/** An error that may be gone in a moment: the other side did not answer, or asked to be asked again. */
export class Unreachable extends Error {}

/** Whether an error is what another system answered, or that it did not: no fault of the program. */
const isFromOutside = (error: unknown) =>
  error instanceof Unreachable || (error instanceof Error && "$metadata" in error);

/** Rethrows an error; one that came from outside becomes an OperationError that says what it means for the operator. */
export function asOperationError(outcome: Exclude<Outcome, "done">, more: string): (error: unknown) => never {
  return (error) => {
    throw isFromOutside(error) ? new OperationError(outcome, `${messageOf(error)}. ${more}`, { cause: error }) : error;
  };
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
