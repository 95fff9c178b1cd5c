import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CANNOT_RUN } from "../../lib/missing-tool";
import { jestOutcome } from "./jest-outcome";
import { checkOutcome } from "./outcome";
import type { Outcome } from "./outcome";
import { run } from "./run";

const root = process.cwd();
const bin = (path: string) => join(root, "node_modules", path);

/** Something that `npm test` runs, on one core. */
export interface Suite {
  readonly name: string;
  /** What fills most of its time: its own work, or waiting for a provider that waits for a resource. */
  readonly pace: "computes" | "waits";
  run(): Promise<Outcome>;
}

const WAITING: ReadonlySet<string> = new Set(["emulator", "ops", "deploy", "cluster"]);

/** Takes longest from its first step to its last: every other suite gives way to it. */
const LONGEST = "ops";
const GIVES_WAY = 5;

/** Every suite, the quick ones first: a mistake shows early. */
export const suites: readonly Suite[] = [
  check("lint", ["npm", "run", "--silent", "lint"]),
  check("types", ["npm", "run", "--silent", "types"]),
  ...jestProjects().map(jest),
  check("checkov", ["npm", "run", "--silent", "checkov"]),
];

function check(name: string, command: readonly string[]): Suite {
  return {
    name,
    pace: "computes",
    run: async () => {
      const { exitCode, output } = await run(command, { niceness: GIVES_WAY });
      if (exitCode !== CANNOT_RUN) return checkOutcome(exitCode, output);
      const reason = output.trim().split("\n").at(-1) ?? "";
      return {
        passed: 0,
        failed: 0,
        skipped: [{ name: `${name} (skipped: ${reason})`, tests: 1 }],
        failures: [],
        output,
      };
    },
  };
}

function jest(project: string): Suite {
  return {
    name: project,
    pace: WAITING.has(project) ? "waits" : "computes",
    run: async () => {
      const report = join(root, ".cache", "test", `${project}.json`);
      mkdirSync(dirname(report), { recursive: true });
      rmSync(report, { force: true });
      const options = ["--selectProjects", project, "--runInBand", "--ci", "--passWithNoTests", "--silent=passed-only"];
      const { exitCode, output } = await run(
        [process.execPath, bin("jest/bin/jest.js"), ...options, "--json", `--outputFile=${report}`],
        { isDone: () => existsSync(report), niceness: project === LONGEST ? 0 : GIVES_WAY },
      );
      return jestOutcome(report, exitCode, output);
    },
  };
}

function jestProjects(): readonly string[] {
  const { projects } = createRequire(join(root, "package.json"))("./jest.config.cjs") as {
    readonly projects: readonly { readonly displayName: string }[];
  };
  return projects.map(({ displayName }) => displayName);
}
