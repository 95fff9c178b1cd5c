import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "./paths";

/** Where the stacks are written: cdktf's own folder, so that `npx cdktf diff` and `deploy` work on the same ones. */
export const synthesisOutput = join(projectRoot, "cdktf.out");

const synthesized = new Set<string>();

/**
 * Synthesizes the stacks of one environment as the cdktf CLI would, once in a process.
 *
 * @throws Error with what the synthesis said, when it fails
 */
export function synthesize(environment: string): void {
  if (synthesized.has(environment)) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(projectRoot, "tools/synth.mjs")], {
    cwd: projectRoot,
    encoding: "utf8",
    env: { ...process.env, ENVIRONMENTS: environment, CDKTF_OUTDIR: synthesisOutput },
  });
  if (status !== 0)
    throw new Error(`The stacks of ${environment} could not be synthesized:\n${stdout}${stderr}`.trimEnd());
  synthesized.add(environment);
}
