import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MissingTool } from "../../lib/missing-tool";
import { awsProvider, kubernetesProviders } from "../../lib/terraform/requirements";
import { findTerraform, runTerraform } from "../../lib/terraform/terraform";
import type { RunOptions, Terraform, TerraformRun } from "../../lib/terraform/terraform";

let found: Terraform | undefined;
const terraformHere = () => (found ??= findTerraform([awsProvider(), ...kubernetesProviders()]));

/**
 * Why Terraform cannot run on this machine with these providers; undefined where it can.
 * A provider that no folder of this machine has is not downloaded by a test: `npm start` does that once.
 */
export function terraformMissing(providers = [awsProvider()]): string | undefined {
  try {
    const absent = terraformHere().downloads.find(({ source }) => providers.some((wanted) => wanted.source === source));
    return (
      absent &&
      `no folder of this machine has the provider ${absent.source} ${absent.version}; \`npm start\` downloads it`
    );
  } catch (error) {
    if (error instanceof MissingTool) return error.message;
    throw error;
  }
}

/**
 * Runs a Terraform command in a folder.
 *
 * @throws Error with all that Terraform said, when it fails; `plan -detailed-exitcode` may exit with 2
 */
export async function terraform(folder: string, args: readonly string[], options?: RunOptions): Promise<TerraformRun> {
  const run = await runTerraform(terraformHere(), folder, args, options);
  const allowed = args.includes("-detailed-exitcode") ? [0, 2] : [0];
  if (!allowed.includes(run.code)) {
    throw new Error(`terraform ${args.join(" ")} in ${folder} ended with ${run.code}:\n${run.stdout}\n${run.stderr}`);
  }
  return run;
}

/** A folder for one test's Terraform files. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `${name}-`));
}
