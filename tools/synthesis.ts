import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../lib/paths";

/** What one run of the app command left behind. */
export interface Synthesis {
  /** `cdk.tf.json` of every stack, by stack id, byte for byte. */
  readonly stacks: ReadonlyMap<string, string>;
  readonly stderr: string;
}

/**
 * Runs main.ts as the app command does, in a process of its own, without the check of its types.
 *
 * @param outdir takes the place of cdktf.out
 * @param program runs main.ts, with its arguments
 * @throws Error with what the program printed, when it fails
 */
export async function synthesizeProject(
  outdir: string,
  environment: NodeJS.ProcessEnv = {},
  program: readonly string[] = ["tools/run.mjs", "main.ts"],
): Promise<Synthesis> {
  const { stderr } = await promisify(execFile)(process.execPath, [...program], {
    cwd: projectRoot,
    env: { ...process.env, ENVIRONMENTS: undefined, ...environment, CDKTF_OUTDIR: outdir },
  });
  const folder = join(outdir, "stacks");
  const stacks = readdirSync(folder)
    .sort()
    .map((id): [string, string] => [id, readFileSync(join(folder, id, "cdk.tf.json"), "utf8")]);
  return { stacks: new Map(stacks), stderr };
}
