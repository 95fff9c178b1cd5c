/** `npm run audit` asks the registry for known holes in what is installed where it matters: in production. */
import { spawnSync } from "node:child_process";
import { projectRoot } from "../../../lib/paths";
import { CANNOT_RUN } from "../../../lib/missing-tool";
import { auditVerdict } from "./audit-verdict";

const { stdout, stderr, error } = spawnSync(
  "npm",
  ["audit", "--json", "--omit", "dev", "--workspaces", "--include-workspace-root"],
  { cwd: projectRoot, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
);
const verdict = auditVerdict(error === undefined ? stdout : "", error?.message ?? stderr);
for (const line of verdict.lines) console.log(line);
process.exitCode = { clean: 0, holes: 1, unknown: CANNOT_RUN }[verdict.outcome];
