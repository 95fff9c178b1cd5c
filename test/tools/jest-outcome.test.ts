import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jestOutcome } from "../../tools/test/jest-outcome";
import { checkOutcome, skipLines, summary } from "../../tools/test/outcome";
import type { Outcome } from "../../tools/test/outcome";

const root = join(__dirname, "../..");

/** A real run of jest over files of given names and contents. */
function runJest(files: Readonly<Record<string, string>>): Outcome {
  const folder = mkdtempSync(join(tmpdir(), "jest-"));
  try {
    writeFileSync(join(folder, "package.json"), '{"jest":{"transform":{}}}');
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const report = join(folder, "report.json");
    const jest = join(root, "node_modules/jest/bin/jest.js");
    const run = spawnSync(process.execPath, [jest, "-i", "--json", `--outputFile=${report}`], {
      cwd: folder,
      encoding: "utf8",
    });
    return jestOutcome(report, run.status ?? 1, run.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the count of a jest run", () => {
  test("is of tests: passed, failed, and skipped by the name of their suite", () => {
    const outcome = runJest({
      "a.test.js": 'test("a", () => {}); test("b", () => { throw new Error("b is wrong"); });',
      "b.test.js":
        'describe.skip("plans (skipped: no Terraform)", () => { test("c", () => {}); test("d", () => {}); });',
      "c.test.js": 'test("e", () => {}); describe("f", () => { test.todo("g"); });',
    });
    expect(outcome).toMatchObject({
      passed: 2,
      failed: 1,
      skipped: [
        { name: "plans (skipped: no Terraform)", tests: 2 },
        { name: "f g", tests: 1 },
      ],
      failures: ["b: Error: b is wrong"],
    });
    expect(outcome.output).toContain("b is wrong");
  });

  test("takes a file that crashes, or holds no test, as a failure", () => {
    const files = { "a.test.js": "throw new Error('crash');", "b.test.js": 'test("a", () => {});', "c.test.js": "" };
    expect(runJest(files)).toMatchObject({
      passed: 1,
      failed: 2,
      failures: [expect.stringContaining("a.test.js"), expect.stringContaining("c.test.js")],
    });
  });

  test("takes a run without a report, or one that ends badly, as a failure", () => {
    expect(jestOutcome(join(root, "no-such-report.json"), 0, "")).toMatchObject({ passed: 0, failed: 1 });
    const folder = mkdtempSync(join(tmpdir(), "jest-"));
    const report = join(folder, "report.json");
    writeFileSync(report, '{"testResults":[]}');
    expect(jestOutcome(report, 0, "")).toMatchObject({ passed: 0, failed: 0 });
    expect(jestOutcome(report, 1, "")).toMatchObject({ passed: 0, failed: 1 });
    rmSync(folder, { recursive: true });
  });
});

test("the last line sums over checks and tests", () => {
  const tests: Outcome = { passed: 7, failed: 2, skipped: [{ name: "plan", tests: 5 }], failures: [], output: "" };
  expect(summary([checkOutcome(0, ""), checkOutcome(2, "wrong"), tests])).toBe("8 passed, 3 failed, 5 skipped");
});

test("what did not run is told once for each reason", () => {
  const skipped = [
    { name: "plans (skipped: no Terraform)", tests: 2 },
    { name: "deploys (skipped: no Terraform (it is not in PATH).)", tests: 1 },
    { name: "diffs (skipped: no Terraform)", tests: 3 },
    { name: "f g", tests: 1 },
  ];
  expect(skipLines([{ passed: 0, failed: 0, skipped, failures: [], output: "" }])).toEqual([
    "skipped: plans, diffs [5]: no Terraform",
    "skipped: deploys [1]: no Terraform (it is not in PATH).",
    "skipped: f g [1]: left out by its author",
  ]);
});
