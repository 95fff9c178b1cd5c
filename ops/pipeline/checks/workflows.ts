/** `npm run workflows` has actionlint read the workflows, and shellcheck the scripts in them where it is installed. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { projectRoot } from "../../../lib/paths";
import { CANNOT_RUN } from "../../../lib/missing-tool";

const ownBin = join(projectRoot, ".cache", "bin");
const remedy =
  "install it: GOBIN=$PWD/.cache/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12, or see github.com/rhysd/actionlint";

const found = [ownBin, ...(process.env["PATH"] ?? "").split(delimiter)]
  .map((folder) => join(folder, "actionlint"))
  .find((path) => existsSync(path));
if (found === undefined) {
  console.log(`actionlint is not installed; ${remedy}`);
  process.exitCode = CANNOT_RUN;
} else {
  const { status } = spawnSync(found, [], { cwd: projectRoot, stdio: "inherit" });
  if (status === 0) console.log("The workflows have no mistakes that actionlint knows.");
  process.exitCode = status ?? 1;
}
