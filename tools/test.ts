/**
 * `npm test` runs everything that says whether the project is right, `npm test -- unit types` a part of it, and ends
 * with one line: `N passed, N failed, N skipped`.
 */
import { availableParallelism, totalmem } from "node:os";
import { skipLines, skippedTests, summary } from "./test/outcome";
import type { Outcome } from "./test/outcome";
import { suites } from "./test/suites";
import type { Suite } from "./test/suites";

const GIB = 1024 ** 3;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(", ")}; use ${suites.map(({ name }) => name).join(", ")}`);
  process.exitCode = 2;
} else {
  void runAll(suites.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
}

async function runAll(selected: readonly Suite[]): Promise<void> {
  const outcomes: Outcome[] = [];
  const failures: string[] = [];
  const runOne = async (suite: Suite) => {
    const started = Date.now();
    console.log(`      ${suite.name} ...`);
    const outcome = await suite.run();
    outcomes.push(outcome);
    failures.push(...outcome.failures.map((failure) => `failed: ${suite.name}: ${failure}`));
    console.log(line(suite.name, outcome, Date.now() - started));
    if (outcome.failed > 0) console.log(outcome.output);
  };
  const ofPace = (pace: Suite["pace"]) => selected.filter((suite) => suite.pace === pace);
  // Suites that wait leave the cores to the others from the start; what they hold is memory, for Terraform's providers.
  await Promise.all([
    inLanes(ofPace("computes"), Math.min(availableParallelism(), 4), runOne),
    inLanes(ofPace("waits"), totalmem() > 16 * GIB ? 3 : 1, runOne),
  ]);

  // Once more at the end, where a reader of a long log looks first.
  for (const line of [...skipLines(outcomes), ...failures]) console.log(line);
  console.log(summary(outcomes));
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

/** Works through `suites` in order, `lanes` at a time. */
async function inLanes(suites: readonly Suite[], lanes: number, work: (suite: Suite) => Promise<void>): Promise<void> {
  const left = [...suites];
  const lane = async () => {
    for (let suite = left.shift(); suite !== undefined; suite = left.shift()) await work(suite);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function line(name: string, outcome: Outcome, elapsedMs: number): string {
  const mark = outcome.failed > 0 ? "FAIL" : outcome.passed > 0 ? "pass" : "skip";
  const seconds = (elapsedMs / 1000).toFixed(0);
  return `${mark}  ${name}: ${outcome.passed} passed, ${outcome.failed} failed, ${skippedTests(outcome)} skipped, ${seconds} s`;
}
