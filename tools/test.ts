/**
 * `npm test` runs everything that says whether the project is right, `npm test -- unit types` a part of it, and ends
 * with one line: `N passed, N failed, N skipped`.
 */
import { availableParallelism } from "node:os";
import { type Outcome, skipLines, skippedTests, summary } from "./test/outcome";
import { type Suite, suites } from "./test/suites";

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(", ")}; use ${suites.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else {
  void runAll(suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
}

async function runAll(selected: readonly Suite[]): Promise<void> {
  const waiting = [...selected];
  const outcomes: Outcome[] = [];
  const failures: string[] = [];
  const lane = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
      const started = Date.now();
      console.log(`      ${suite.name} ...`);
      const outcome = await suite.run();
      outcomes.push(outcome);
      failures.push(...outcome.failures.map((failure) => `failed: ${suite.name}: ${failure}`));
      console.log(line(suite.name, outcome, Date.now() - started));
      if (outcome.failed > 0) console.log(outcome.output);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, lane));

  // Once more at the end, where a reader of a long log looks first.
  for (const line of [...skipLines(outcomes), ...failures]) console.log(line);
  console.log(summary(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

function line(name: string, outcome: Outcome, elapsedMs: number): string {
  const mark = outcome.failed > 0 ? "FAIL" : outcome.passed > 0 ? "pass" : "skip";
  const seconds = (elapsedMs / 1000).toFixed(0);
  return `${mark}  ${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${skippedTests(outcome)} skipped, ${seconds} s`;
}
