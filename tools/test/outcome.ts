/** What a suite came to; counts of tests, or of checks. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** What to show of a suite that failed. */
  readonly output: string;
}

/** Tests that did not run here, and why. */
export interface Skip {
  readonly name: string;
  readonly tests: number;
}

/** The one line that a test run ends with. */
export function summary(outcomes: readonly Outcome[]): string {
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  return `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum(skippedTests)} skipped`;
}

export function skippedTests({ skipped }: Outcome): number {
  return skipped.reduce((total, { tests }) => total + tests, 0);
}

/** A check that is one thing: it passes or fails as a whole. */
export function checkOutcome(exitCode: number, output: string): Outcome {
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: [], output };
}
