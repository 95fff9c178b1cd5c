/**
 * `npm run checkov` scans production's synthesized stacks with checkov. Every failed check needs a reason: on its
 * resource (`noteOptOut`), or in .checkov.yaml where it says nothing of any resource.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CANNOT_RUN, MissingTool } from "../lib/missing-tool";
import { localFolder, projectRoot } from "../lib/paths";
import { pythonEnvironment } from "../local/python-environment";
import { findings, scannable } from "./checkov/findings";
import type { Report } from "./checkov/findings";
import { synthesizeProject } from "./synthesis";

const folder = join(localFolder, "checkov");

main().catch((error: unknown) => {
  if (!(error instanceof MissingTool)) throw error;
  console.log(error.message.replaceAll("\n", " "));
  process.exitCode = CANNOT_RUN;
});

async function main(): Promise<void> {
  const python = pythonEnvironment({
    owner: "checkov",
    requirements: join(projectRoot, "tools/checkov/requirements.txt"),
    folder,
    announce: () => {
      console.log("Installing checkov ...");
    },
  });
  rmSync(join(folder, "cdktf.out"), { recursive: true, force: true });
  const { stacks } = await synthesizeProject(join(folder, "cdktf.out"), { ENVIRONMENTS: "production" });
  const report = scan(python, stacks);
  const found = findings(report, stacks);
  const unexplained = found.filter(({ reason }) => reason === undefined);
  for (const { check, stack, resource, reason } of found) {
    if (reason !== undefined) console.log(`excepted  ${check} ${stack} ${resource}: ${reason}`);
  }
  for (const { check, stack, resource, title } of unexplained)
    console.log(`failed    ${check} ${stack} ${resource}: ${title}`);
  console.log(
    `${report.summary.passed} checks passed, ${unexplained.length} failed, ${found.length - unexplained.length} excepted`,
  );
  process.exitCode = unexplained.length === 0 ? 0 : 1;
}

/** @throws Error when checkov does not end with a report about every stack */
function scan(python: string, stacks: ReadonlyMap<string, string>): Report {
  const input = join(folder, "input");
  rmSync(input, { recursive: true, force: true });
  for (const [id, text] of stacks) {
    mkdirSync(join(input, id), { recursive: true });
    writeFileSync(join(input, id, "cdk.tf.json"), JSON.stringify(scannable(text), null, 2));
  }
  const { stdout, stderr } = spawnSync(
    python,
    [
      ...["-m", "checkov.main", "--directory", input, "--framework", "terraform_json"],
      ...["--config-file", join(projectRoot, ".checkov.yaml")],
      ...["--output", "json", "--quiet", "--compact", "--soft-fail", "--skip-download"],
    ],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const report = parse(stdout);
  if (report === undefined || report.summary.parsing_errors > 0 || report.summary.passed === 0) {
    throw new Error(`checkov gave no report about every stack:\n${stderr}\n${stdout}`);
  }
  return report;
}

function parse(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}
