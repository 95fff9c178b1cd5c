/** What a suite came to; counts of tests, or of checks. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
  /** One line for each failure: what failed, and the first line of why. */
  readonly failures: readonly string[];
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

/** What did not run: a line for each reason, with the suites that it kept out and how many tests they hold. */
export function skipLines(outcomes: readonly Outcome[]): readonly string[] {
  const reasons = new Map<string, { names: string[]; tests: number }>();
  for (const { name, tests } of outcomes.flatMap(({ skipped }) => skipped)) {
    const [, title = name, reason = "left out by its author"] = /^(.*?) ?\(skipped: (.*)\)/.exec(name) ?? [];
    const of = reasons.get(reason) ?? { names: [], tests: 0 };
    of.names.push(title);
    of.tests += tests;
    reasons.set(reason, of);
  }
  return [...reasons].map(([reason, { names, tests }]) => `skipped: ${names.join(", ")} [${tests}]: ${reason}`);
}

/** A check that is one thing: it passes or fails as a whole. */
export function checkOutcome(exitCode: number, output: string): Outcome {
  if (exitCode === 0) return { passed: 1, failed: 0, skipped: [], failures: [], output };
  return { passed: 0, failed: 1, skipped: [], failures: [`ended with ${exitCode}`], output };
}
