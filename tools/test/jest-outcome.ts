import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Outcome, Skip } from "./outcome";

/** The part of jest's `--json` report that counts. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: "passed" | "failed" | "pending" | "todo" | "skipped" | "disabled" | "focused";
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * Counts a jest run. A file that crashed before its tests counts as one failure, and so does a run that ended badly
 * without a failed test: no report, a worker that died, a timeout.
 */
export function jestOutcome(reportFile: string, exitCode: number, output: string): Outcome {
  if (!existsSync(reportFile)) return { passed: 0, failed: 1, skipped: [], failures: ["left no report"], output };
  const { testResults } = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const crashed = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  const failures = [
    ...tests
      .filter(({ status }) => status === "failed")
      .map(({ ancestorTitles, title, failureMessages }) =>
        failureLine([...ancestorTitles, title].join(" › "), failureMessages.join("\n")),
      ),
    ...crashed.map(({ name, message }) => failureLine(basename(name), message)),
  ];
  if (failures.length === 0 && exitCode !== 0) failures.push(`jest ended with ${exitCode}`);
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
    failed: failures.length,
    skipped: [...skips.values()],
    failures,
    output,
  };
}

/** What failed and the first line that says why, without the colours of a terminal and cut at 300 characters. */
function failureLine(name: string, why: string): string {
  const reason = stripVTControlCharacters(why)
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("●"));
  return `${name}: ${reason ?? "no reason given"}`.slice(0, 300);
}
