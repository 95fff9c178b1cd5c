import { existsSync, readFileSync } from "node:fs";
import type { Outcome, Skip } from "./outcome";

/** The part of jest's `--json` report that counts. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: "passed" | "failed" | "pending" | "todo" | "skipped" | "disabled" | "focused";
      readonly ancestorTitles: readonly string[];
      readonly title: string;
    }[];
  }[];
}

/**
 * Counts a jest run. A file that crashed before its tests counts as one failure, and so does a run that ended badly
 * without a failed test: no report, a worker that died, a timeout.
 */
export function jestOutcome(reportFile: string, exitCode: number, output: string): Outcome {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: [], output };
  const { testResults } = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const crashed = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  const failed = tests.filter(({ status }) => status === "failed").length + crashed.length;
  const skips = new Map<string, Skip>();
  for (const { status, ancestorTitles, title } of tests) {
    if (status === "passed" || status === "failed") continue;
    // A suite that is left out names its reason in its title.
    const name =
      ancestorTitles.find((ancestor) => ancestor.includes("(skipped: ")) ?? [...ancestorTitles, title].join(" ");
    skips.set(name, { name, tests: (skips.get(name)?.tests ?? 0) + 1 });
  }
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: [...skips.values()],
    output,
  };
}
